import { MeasurementError } from "./measurement-error.ts";

/** A reflection whose spacing is known. */
export interface KnownReflection {
  /**
   * Of a spectrum: the spot in cycles a px. Of a diffraction pattern: from the middle of the pattern to the spot or the
   * ring, in px.
   */
  readonly x: number;
  readonly y: number;
  readonly uX: number;
  readonly uY: number;
  readonly spacingNm: number;
  readonly uSpacingNm: number;
}

/** Pixel sizes along the two axes. */
export interface FoundAxes {
  readonly x: number;
  readonly y: number;
  /** Relative standard uncertainties. */
  readonly relativeU: { readonly x: number; readonly y: number };
  /** How far the reflections disagree with each other, √(χ²/ν); null where there are none to spare. Above 1 it widens u. */
  readonly birgeRatio: number | null;
}

/** "same": y = aspect · x, from any number of reflections; "separate": both from two or more that are not parallel. */
export type AxesWanted = { readonly axes: "same"; readonly aspect: number } | { readonly axes: "separate" };

/**
 * Pixel size of an image, nm/px, from spots of its power spectrum: (f_x/s_x)² + (f_y/s_y)² = 1/d².
 *
 * Several reflections of one material err together where their spacings do: the largest relative u(d) is added once,
 * not averaged away.
 * @throws MeasurementError `too-few-points`, `bad-calibration`
 * Source: JCGM 100:2008 for the mean; Birge, Phys. Rev. 40 (1932) 207.
 */
export function calibrateFromSpots(reflections: readonly KnownReflection[], wanted: AxesWanted): FoundAxes {
  const scale = axesFrom(reflections, wanted);
  // There, a frequency per reciprocal length is what a pixel is long.
  return { ...scale, x: 1 / scale.x, y: 1 / scale.y };
}

/**
 * Pixel size of a diffraction pattern, 1/nm per px, from spots or rings of known spacing: (k_x·x)² + (k_y·y)² = 1/d².
 *
 * @throws MeasurementError `too-few-points`, `bad-calibration`
 */
export function calibrateFromDiffraction(
  reflections: readonly KnownReflection[],
  wanted: AxesWanted,
): FoundAxes {
  // The aspect is y/x of the pixel; of an image its reciprocal would be what multiplies.
  return axesFrom(reflections, wanted.axes === "same" ? { axes: "same", aspect: 1 / wanted.aspect } : wanted);
}

/** Factors (a, b) with (a·x)² + (b·y)² = 1/d², a = aspect · b where one is asked for. */
function axesFrom(reflections: readonly KnownReflection[], wanted: AxesWanted): FoundAxes {
  requireGood(reflections);
  const shared = Math.max(...reflections.map(({ uSpacingNm, spacingNm }) => uSpacingNm / spacingNm));
  const found = wanted.axes === "same" ? oneFactor(reflections, wanted.aspect) : twoFactors(reflections);
  const widened = Math.max(1, found.birgeRatio ?? 1);
  return {
    ...found,
    relativeU: {
      x: Math.hypot(found.relativeU.x * widened, shared),
      y: Math.hypot(found.relativeU.y * widened, shared),
    },
  };
}

function oneFactor(reflections: readonly KnownReflection[], aspect: number): FoundAxes {
  if (!(aspect > 0) || !Number.isFinite(aspect)) {
    throw new MeasurementError(
      "bad-calibration",
      `Expected the ratio of the pixel's sides to be positive, got ${aspect}. Calibrate both axes.`,
      { aspect },
    );
  }
  let [weights, sum] = [0, 0];
  const each = reflections.map((reflection) => {
    const { x, y, uX, uY, spacingNm } = reflection;
    const q = Math.hypot(x, y / aspect);
    const relative = Math.hypot(x * uX, (y * uY) / (aspect * aspect)) / (q * q);
    const factor = 1 / (spacingNm * q);
    const weight = 1 / Math.max(relative * factor, 1e-9 * factor) ** 2;
    weights += weight;
    sum += weight * factor;
    return { factor, weight };
  });
  const factor = sum / weights;
  const chi2 = each.reduce((total, one) => total + one.weight * (one.factor - factor) ** 2, 0);
  const relativeU = 1 / (Math.sqrt(weights) * factor);
  return {
    x: factor,
    y: factor / aspect,
    relativeU: { x: relativeU, y: relativeU },
    birgeRatio: each.length > 1 ? Math.sqrt(chi2 / (each.length - 1)) : null,
  };
}

/** Least squares of a²·x² + b²·y² = 1/d², each reflection by the variance that its place gives the left side. */
function twoFactors(reflections: readonly KnownReflection[]): FoundAxes {
  const start = oneFactor(reflections, 1);
  let [a2, b2] = [start.x ** 2, start.y ** 2];
  let [uA2, uB2, chi2] = [0, 0, 0];
  // The weights depend on the factors, weakly: three rounds settle them.
  for (let round = 0; round < 3; round++) {
    let [xx, xy, yy, xg, yg] = [0, 0, 0, 0, 0];
    const rows = reflections.map(({ x, y, uX, uY, spacingNm }) => {
      const u = 2 * Math.hypot(a2 * x * uX, b2 * y * uY);
      return { x2: x * x, y2: y * y, g2: spacingNm ** -2, weight: 1 / Math.max(u, 1e-12) ** 2 };
    });
    for (const { x2, y2, g2, weight } of rows) {
      xx += weight * x2 * x2;
      xy += weight * x2 * y2;
      yy += weight * y2 * y2;
      xg += weight * x2 * g2;
      yg += weight * y2 * g2;
    }
    const determinant = xx * yy - xy * xy;
    if (!(reflections.length >= 2) || !(determinant > 1e-3 * xx * yy)) {
      throw new MeasurementError(
        "too-few-points",
        "Expected two reflections in clearly different directions to tell the two axes apart. Mark another one, or take one size for both axes.",
        { reflections: reflections.length },
      );
    }
    a2 = (xg * yy - yg * xy) / determinant;
    b2 = (yg * xx - xg * xy) / determinant;
    if (!(a2 > 0 && b2 > 0)) {
      throw new MeasurementError(
        "bad-calibration",
        "Expected reflections that agree with one lattice, but these give no pixel size. Check which spacing belongs to which spot.",
      );
    }
    uA2 = Math.sqrt(yy / determinant);
    uB2 = Math.sqrt(xx / determinant);
    chi2 = rows.reduce((sum, { x2, y2, g2, weight }) => sum + weight * (a2 * x2 + b2 * y2 - g2) ** 2, 0);
  }
  const spare = reflections.length - 2;
  return {
    x: Math.sqrt(a2),
    y: Math.sqrt(b2),
    relativeU: { x: uA2 / (2 * a2), y: uB2 / (2 * b2) },
    birgeRatio: spare > 0 ? Math.sqrt(chi2 / spare) : null,
  };
}

function requireGood(reflections: readonly KnownReflection[]): void {
  if (reflections.length === 0) {
    throw new MeasurementError(
      "too-few-points",
      "Expected at least one reflection of known spacing, got none. Mark a spot and say what it is.",
    );
  }
  for (const { x, y, spacingNm, uSpacingNm } of reflections) {
    const good = spacingNm > 0 && uSpacingNm >= 0 && uSpacingNm < spacingNm && Math.hypot(x, y) > 0;
    if (!good || !Number.isFinite(spacingNm * Math.hypot(x, y))) {
      throw new MeasurementError(
        "bad-calibration",
        `Expected a positive spacing with an uncertainty below it, and a spot away from the middle; got ${spacingNm} ± ${uSpacingNm} nm at (${x}, ${y}). Correct the spacing or choose another spot.`,
        { spacingNm, uSpacingNm, x, y },
      );
    }
  }
}
