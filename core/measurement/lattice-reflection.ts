import { mapPoint } from "#core/geometry/linear-map.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import type { KnownReflection } from "./calibrate-lattice.ts";
import { type LengthScale, pixelScale } from "./length-scale.ts";
import { MeasurementError } from "./measurement-error.ts";
import { locatePeak } from "./peak-centroid.ts";
import { peakIn } from "./profile-features.ts";
import { emptyProfile, readStrip, stripAlong } from "./strip-profile.ts";

/** Where a reflection lies, before anybody has said which it is. */
export type ReflectionPlace = Pick<KnownReflection, "x" | "y" | "uX" | "uY">;

interface Line {
  readonly p: Point;
  readonly q: Point;
}

/** A line is drawn at a right angle to fringes to some 5°: (1 - cos 5°)/√3. */
const obliqueRelativeU = 0.0022;

/**
 * Fringes that a line crosses at a right angle (in the calibrated plane), as a frequency in cycles a px: f = Aᵀ g.
 *
 * @param spacing from fringe to fringe, in the unit of the scale; @param relativeU of the spacing, the line's direction
 *   not included: that is added here
 * @throws MeasurementError `degenerate-polyline` for a line without a length, `bad-calibration` for a spacing that is not positive
 */
export function fringesAlong(
  { p, q }: Line,
  spacing: number,
  relativeU: number,
  { map }: Pick<LengthScale, "map">,
): ReflectionPlace {
  const along = mapPoint(map, { x: q.x - p.x, y: q.y - p.y });
  const length = Math.hypot(along.x, along.y);
  if (!(length > 0)) {
    throw new MeasurementError(
      "degenerate-polyline",
      "Expected a line across the fringes, but its two ends are the same. Draw it again.",
    );
  }
  if (!(spacing > 0) || !Number.isFinite(spacing)) {
    throw new MeasurementError(
      "bad-calibration",
      `Expected a positive distance between the fringes, got ${spacing}. Count at least one period.`,
      { spacing },
    );
  }
  const g = { x: along.x / (length * spacing), y: along.y / (length * spacing) };
  const x = map.xx * g.x + map.yx * g.y;
  const y = map.xy * g.x + map.yy * g.y;
  const u = Math.hypot(relativeU, obliqueRelativeU) * Math.hypot(x, y);
  return { x, y, uX: u, uY: u };
}

/**
 * `periods` fringes counted from end to end of a line: the ends are good to `endUPx` each.
 *
 * @throws MeasurementError as `fringesAlong`
 */
export function countedFringes(
  line: Line,
  periods: number,
  endUPx: number,
  scale: Pick<LengthScale, "map">,
): ReflectionPlace {
  const { p, q } = line;
  const along = mapPoint(scale.map, { x: q.x - p.x, y: q.y - p.y });
  const lengthPx = Math.hypot(q.x - p.x, q.y - p.y);
  const spacing = Math.hypot(along.x, along.y) / periods;
  return fringesAlong(line, spacing, (Math.SQRT2 * endUPx) / lengthPx, scale);
}

/** What a line over a diffraction pattern goes between: two opposite ends, or the pattern's middle and one end. */
export const diffractionLines = ["spots", "ring", "middle-spot", "middle-ring"] as const;
export type DiffractionLine = (typeof diffractionLines)[number];

/** A line whose ends are known as well as they are. */
export interface RefinedLine extends Line {
  /** Standard uncertainties of the two ends along the line, px. */
  readonly uP: number;
  readonly uQ: number;
}

/** The reflection that a line over a diffraction pattern points out, px from the middle. Between opposite ends the middle need not be known. */
export function reflectionOfLine({ p, q, uP, uQ }: RefinedLine, drawn: DiffractionLine): ReflectionPlace {
  const share = drawn === "spots" || drawn === "ring" ? 0.5 : 1;
  const u = share * Math.hypot(uP, uQ);
  return { x: share * (q.x - p.x), y: share * (q.y - p.y), uX: u, uY: u };
}

/** An end set by hand is good to half a pixel; the middle of a spot or of a ring's band to less. */
const byHandUPx = 0.5;
const refinedUPx = 0.15;
/** Around a place that a hand pointed at; a spot or a ring's band is at most this large. */
const searchPx = 8;
const spotPx = 6;
/** Averaged along a ring: at a radius of 100 px its bend within that is 0.1 px. */
const ringWidthPx = 9;
/** What has to be known around a place to refine it. */
export const refinePatchPx = searchPx + spotPx + 10;

/** Values around a place, or null where they are not at hand. */
export type PatchAround = (
  at: Point,
) => { readonly x: number; readonly y: number; readonly raster: Raster } | null;

/**
 * The ends of a line moved to the middles of the spots, or of the ring, that they point at. An end where nothing stands
 * out, or whose values are not at hand, stays where the hand had put it.
 */
export function refinedLine({ p, q }: Line, drawn: DiffractionLine, patchAround: PatchAround): RefinedLine {
  const refine = (at: Point, from: Point, isRing: boolean) => {
    const patch = patchAround(at);
    if (!patch) return null;
    return isRing ? refinedRing(patch.raster, at, from, patch) : refinedSpot(patch.raster, at, patch);
  };
  const foundP = refine(p, q, drawn === "ring");
  const foundQ = refine(q, p, drawn === "ring" || drawn === "middle-ring");
  return {
    p: foundP ?? p,
    q: foundQ ?? q,
    uP: foundP ? refinedUPx : byHandUPx,
    uQ: foundQ ? refinedUPx : byHandUPx,
  };
}

/**
 * The middle of the diffraction spot nearest to where somebody pointed, image px; null where none stands out.
 *
 * @param corner image px of the raster's corner, where it is a piece
 */
export function refinedSpot(raster: Raster, at: Point, corner: Point = { x: 0, y: 0 }): Point | null {
  const { width, height, data } = raster;
  if (raster.samplesPerPixel !== 1) return null;
  return attempted(() => {
    const peak = locatePeak(
      { width, height, data },
      { column: at.x - corner.x - 0.5, row: at.y - corner.y - 0.5 },
      {
        searchRadius: searchPx,
        spotRadius: spotPx,
        leastProminence: 6,
        variance: (_signal, _background, spread) => spread * spread,
      },
    );
    return { x: corner.x + peak.column + 0.5, y: corner.y + peak.row + 0.5 };
  });
}

/**
 * Where a line from `from` crosses a ring near `at`, image px: middle of the half height of the band, averaged over 9 px
 * along the ring. Null where no band stands out.
 */
export function refinedRing(
  raster: Raster,
  at: Point,
  from: Point,
  corner: Point = { x: 0, y: 0 },
): Point | null {
  const length = Math.hypot(at.x - from.x, at.y - from.y);
  if (raster.samplesPerPixel !== 1 || !(length > 2 * searchPx)) return null;
  const reach = searchPx + spotPx;
  const [dx, dy] = [(at.x - from.x) / length, (at.y - from.y) / length];
  const start = { x: at.x - reach * dx, y: at.y - reach * dy };
  const end = { x: at.x + reach * dx, y: at.y + reach * dy };
  return attempted(() => {
    const strip = stripAlong(start, end, ringWidthPx, pixelScale());
    const profile = emptyProfile(strip);
    readStrip(raster, strip, profile, 0, strip.samples, corner);
    const { position, dark } = peakIn({ values: profile.mean, start: 0, step: strip.step });
    if (dark || Math.abs(position.value - reach) > searchPx) return null;
    return { x: start.x + position.value * dx, y: start.y + position.value * dy };
  });
}

function attempted(find: () => Point | null): Point | null {
  try {
    return find();
  } catch (error) {
    if (error instanceof MeasurementError) return null;
    throw error;
  }
}
