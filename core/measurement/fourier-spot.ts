import { inverseMap } from "#core/geometry/linear-map.ts";
import type { PowerSpectrum } from "./fourier-spectrum.ts";
import type { LengthScale } from "./length-scale.ts";
import { MeasurementError } from "./measurement-error.ts";
import { isSummit, locatePeak } from "./peak-centroid.ts";

/** A spot of a power spectrum, in cycles a pixel along the image's columns (x) and rows (y, downwards). */
export interface SpectrumSpot {
  readonly x: number;
  readonly y: number;
  /** Standard uncertainties of the place, cycles a px. */
  readonly uX: number;
  readonly uY: number;
  /** Height over the surrounding background, in spreads of that background. */
  readonly prominence: number;
}

/** Bins around zero frequency that belong to shading, not to a lattice. */
const middleBins = 2.5;
/** A Hann spot is four bins wide; finite crystals widen it by one or two. */
const spotRadiusBins = 3;
/** The power of noise is exponentially distributed: 14 spreads over its median are 11 times its mean, by chance once in 40,000 bins. */
const leastProminence = 14;
/** For a search through a whole spectrum: by chance once in 60 million bins. */
const leastContrast = 18;
/** Of the highest spot's power: rounding to integers makes fainter ones where there is no noise to hide them. */
const leastShare = 1e-6;

/**
 * The spot nearest to where somebody pointed, to a fraction of a bin.
 *
 * A picture has real values, so its spectrum is the same at g and -g: the spot on the other side is measured with this
 * one, and averaging the two would add nothing.
 *
 * @param near cycles a px; @param searchBins how far a hand may be off
 * @throws MeasurementError `low-contrast` where no spot stands out, or too near to zero frequency
 */
export function locateSpot(
  spectrum: PowerSpectrum,
  near: { readonly x: number; readonly y: number },
  searchBins = Math.max(4, spectrum.side / 64),
): SpectrumSpot {
  const { side, power } = spectrum;
  const half = side / 2;
  // Neighbouring bins of a windowed spectrum are not independent: (equivalent noise bandwidth 1.5)² of them count as one.
  const correlated = spectrum.window === "hann" ? 2.25 : 1;
  const peak = locatePeak(
    { width: side, height: side, data: power },
    { column: near.x * side + half, row: near.y * side + half },
    {
      searchRadius: searchBins,
      spotRadius: spotRadiusBins,
      leastProminence,
      // |S + noise|²: variance 2·S·B + B² for a background of mean power B = median / ln 2.
      variance: (signal, median) => {
        const mean = median / Math.LN2;
        return correlated * (2 * signal * mean + mean * mean);
      },
      excluded: (column, row) => Math.hypot(column - half, row - half) < middleBins,
    },
  );
  return {
    x: (peak.column - half) / side,
    y: (peak.row - half) / side,
    uX: peak.uColumn / side,
    uY: peak.uRow / side,
    prominence: peak.prominence,
  };
}

/**
 * The strongest spots of a spectrum, one of each pair ±g (the one with y < 0, on the screen the upper), strongest first
 * by height over the mean power at their own radius.
 */
export function strongestSpots(spectrum: PowerSpectrum, atMost: number): SpectrumSpot[] {
  const { side, power } = spectrum;
  const half = side / 2;
  const radial = radialMeans(spectrum);
  const grid = { width: side, height: side, data: power };
  const candidates: {
    readonly x: number;
    readonly y: number;
    readonly contrast: number;
    readonly value: number;
  }[] = [];
  for (let row = 1; row <= half; row++) {
    for (let column = 1; column < side - 1; column++) {
      if (row === half && column >= half) break;
      const radius = Math.hypot(column - half, row - half);
      if (radius < 2 * middleBins || radius > half - 4) continue;
      const value = power[row * side + column]!;
      const contrast = value / (radial[Math.round(radius)]! || 1);
      if (contrast < leastContrast || !isSummit(grid, column, row, value)) continue;
      candidates.push({ x: (column - half) / side, y: (row - half) / side, contrast, value });
    }
  }
  candidates.sort((a, b) => b.contrast - a.contrast);
  const found: SpectrumSpot[] = [];
  // What lies beside a stronger one is its foot.
  const apart = 2 * (spotRadiusBins + 1);
  const isFoot = ({ x, y }: { readonly x: number; readonly y: number }) =>
    found.some((spot) => Math.hypot(spot.x - x, spot.y - y) * side < apart);
  const faintest = leastShare * candidates.reduce((most, { value }) => Math.max(most, value), 0);
  for (const candidate of candidates.slice(0, 20 * atMost)) {
    if (found.length >= atMost) break;
    if (candidate.value < faintest || isFoot(candidate)) continue;
    try {
      const spot = locateSpot(spectrum, candidate, 1);
      if (!isFoot(spot)) found.push(spot);
    } catch (error) {
      if (!(error instanceof MeasurementError)) throw error;
    }
  }
  return found;
}

/** Mean power by radius in bins, the few highest of each ring left out by a cap at 30 times the running mean. */
function radialMeans({ side, power }: PowerSpectrum): Float64Array {
  const half = side / 2;
  const rings = Math.ceil(Math.hypot(half, half)) + 1;
  const logs = new Float64Array(rings);
  const counts = new Uint32Array(rings);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const value = power[row * side + column]!;
      if (!(value > 0)) continue;
      const ring = Math.round(Math.hypot(column - half, row - half));
      logs[ring]! += Math.log(value);
      counts[ring]!++;
    }
  }
  // The logarithm of exponential noise lies 0.5772 below that of its mean; spots hardly move a mean of logarithms.
  return logs.map((sum, ring) => (counts[ring]! > 0 ? Math.exp(sum / counts[ring]! + 0.5772) : 0));
}

/** What a spot says about the lattice. */
export interface LatticeSpacing {
  /** d = 1/|g|. */
  readonly spacing: number;
  readonly u: number;
  /** "nm"; "px" without a calibration; "1/nm" for the spectrum of a diffraction pattern. */
  readonly unit: LengthScale["unit"];
  /** Direction of g against the image's x axis, anticlockwise on the screen, [0°, 180°). */
  readonly angleDeg: number;
  readonly uAngleDeg: number;
  /** g itself, in 1/unit, y downwards. */
  readonly g: { readonly x: number; readonly y: number };
}

/**
 * Lattice spacing and direction of a spot: g = A⁻ᵀ f for pixels of any shape, d = 1/|g|.
 *
 * u(d)/d = u(g)/g with the spot's place and, per axis, the calibration.
 * @throws MeasurementError `low-contrast` for a spot at zero frequency
 */
export function latticeSpacing(
  spot: Pick<SpectrumSpot, "x" | "y" | "uX" | "uY">,
  scale: LengthScale,
): LatticeSpacing {
  const { xx, xy, yx, yy } = inverseMap(scale.map);
  const gx = xx * spot.x + yx * spot.y;
  const gy = xy * spot.x + yy * spot.y;
  const g = Math.hypot(gx, gy);
  if (!(g > 0)) {
    throw new MeasurementError(
      "low-contrast",
      "Expected a spot away from the middle: zero frequency has no spacing. Point at another spot.",
    );
  }
  // Columns of A⁻ᵀ are how the two frequencies enter g; along g they change its length, across it its direction.
  const along = { x: (xx * gx + xy * gy) / g, y: (yx * gx + yy * gy) / g };
  const across = { x: (xy * gx - xx * gy) / g, y: (yy * gx - yx * gy) / g };
  const uPlace = Math.hypot(along.x * spot.uX, along.y * spot.uY);
  const uCalibration = Math.abs(
    (along.x * spot.x * scale.relativeU.x + along.y * spot.y * scale.relativeU.y) / g,
  );
  const angle = (Math.atan2(-gy, gx) * 180) / Math.PI;
  return {
    spacing: 1 / g,
    u: Math.hypot(uPlace / g, uCalibration) / g,
    unit: scale.unit,
    angleDeg: (angle + 360) % 180,
    uAngleDeg: ((Math.hypot(across.x * spot.uX, across.y * spot.uY) / g) * 180) / Math.PI,
    g: { x: gx, y: gy },
  };
}

/** Angle between two spacings' directions, [0°, 90°]: the sign of a g says nothing. */
export function angleBetween(
  a: LatticeSpacing,
  b: LatticeSpacing,
): { readonly deg: number; readonly uDeg: number } {
  const apart = Math.abs(a.angleDeg - b.angleDeg);
  return { deg: Math.min(apart, 180 - apart), uDeg: Math.hypot(a.uAngleDeg, b.uAngleDeg) };
}
