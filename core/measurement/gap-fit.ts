import { fitLeastSquares, type LeastSquaresFit } from "#core/statistics/least-squares.ts";
import { normalCdf } from "#core/statistics/special-functions.ts";
import { fitEdge } from "./edge-fit.ts";
import { findGapCandidate, type GapCandidate } from "./gap-candidate.ts";
import { MeasurementError } from "./measurement-error.ts";

export interface GapFitOptions {
  /** "bright": the gap is brighter than both sides (bright field); "dark" for HAADF. Never guessed. */
  readonly polarity: "bright" | "dark";
  /** Intensity of vacuum, from a region the user marked: makes gaps below four blur widths measurable. */
  readonly knownGapLevel: number | null;
}

/** A gap fitted to an intensity profile; positions and widths in samples, position 0 = first sample. */
export interface GapFit {
  readonly width: number;
  readonly centre: number;
  /** Standard uncertainty of the width from the fit's covariance alone. */
  readonly uFit: number;
  readonly leftSigma: number;
  readonly rightSigma: number;
  readonly gapLevel: number;
  /** Distance of the steepest points: a cross-check, biased outwards for narrow gaps. */
  readonly derivativeWidth: number;
  /** False when the gap is below 4 blur widths and its level had to be guessed: width and level are then not separable. */
  readonly resolved: boolean;
  /** How much better the gap is than a single edge, Δχ². */
  readonly chiSquareGain: number;
}

const minSigma = 0.25;
const maxSigma = 12;
/** A gap must beat the best single edge by this Δχ². */
const requiredGain = 40;

/**
 * Fit two blurred edges, I(x) = a + (G-a)·Φ((x-x₁)/σ₁) + (b-G)·Φ((x-x₂)/σ₂), with the width w = x₂ - x₁ a parameter.
 *
 * Bounded Levenberg-Marquardt from two starts (σ 1.0, 2.5), covariance scaled by the residuals.
 * @param values samples at equal steps, recorded intensities (never an 8-bit display tile)
 * @throws MeasurementError as `findGapCandidate`, and `no-gap` when one edge explains the profile as well
 */
export function fitGap(values: Float64Array, { polarity, knownGapLevel }: GapFitOptions): GapFit {
  const sign = polarity === "bright" ? 1 : -1;
  const bright = values.map((v) => sign * v);
  const candidate = findGapCandidate(bright);
  const known = knownGapLevel === null ? null : sign * knownGapLevel;
  const fits = [1.0, 2.5].map((sigma) => fitTwoEdges(bright, candidate, sigma, known));
  const best = fits.reduce((a, b) => (b.rss < a.rss ? b : a));
  const edge = fitOneEdge(bright, candidate);
  const chiSquareGain = (edge - best.rss) / Math.max(best.variance, Number.MIN_VALUE);
  if (!(chiSquareGain >= requiredGain)) {
    throw new MeasurementError(
      "no-gap",
      "Expected two edges with a band between them, but a single edge explains the profile as well. Draw the line across a gap.",
      { chiSquareGain },
    );
  }
  const [a, b, centre, width, leftSigma, rightSigma, fitted] = best.parameters;
  const gapLevel = known ?? fitted!;
  const p = best.parameters.length;
  if (
    !(gapLevel > Math.max(a!, b!)) ||
    centre! - width! / 2 < 2 ||
    centre! + width! / 2 > values.length - 3
  ) {
    throw new MeasurementError(
      "gap-at-border",
      "Expected both edges of the gap well inside the line, but the fit puts one at its end. Draw a longer line.",
    );
  }
  const blur = (leftSigma! + rightSigma!) / 2;
  return {
    width: width!,
    centre: centre!,
    uFit: Math.sqrt(best.covariance[3 * p + 3]!),
    leftSigma: leftSigma!,
    rightSigma: rightSigma!,
    gapLevel: sign * gapLevel,
    derivativeWidth: candidate.right - candidate.left,
    resolved: known !== null || width! >= 4 * blur,
    chiSquareGain,
  };
}

/** Parameters: a, b, centre, width, σ₁, σ₂ and, unless it is known, G. */
function fitTwoEdges(
  values: Float64Array,
  { left, right, peakLevel, leftLevel, rightLevel, noise }: GapCandidate,
  startSigma: number,
  known: number | null,
): LeastSquaresFit {
  const n = values.length;
  const spread = Math.max(Math.abs(peakLevel - Math.min(leftLevel, rightLevel)), noise, 1e-9);
  const width = Math.max(0.5, right - left);
  const start = [leftLevel, rightLevel, (left + right) / 2, width, startSigma, startSigma];
  const lower = [leftLevel - 2 * spread, rightLevel - 2 * spread, 0, 0.05, minSigma, minSigma];
  const upper = [leftLevel + 2 * spread, rightLevel + 2 * spread, n - 1, n, maxSigma, maxSigma];
  if (known === null) {
    start.push(peakLevel);
    lower.push(peakLevel - spread);
    upper.push(peakLevel + 20 * spread);
  }
  const p = start.length;
  return fitLeastSquares(
    (theta, residual, jacobian) => {
      const [a, b, m, w, s1, s2] = theta as unknown as [number, number, number, number, number, number];
      const level = known ?? theta[6]!;
      for (let k = 0; k < n; k++) {
        const u1 = (k - m + w / 2) / s1;
        const u2 = (k - m - w / 2) / s2;
        const f1 = normalCdf(u1);
        const f2 = normalCdf(u2);
        residual[k] = a + (level - a) * f1 + (b - level) * f2 - values[k]!;
        const d1 = ((level - a) * density(u1)) / s1;
        const d2 = ((b - level) * density(u2)) / s2;
        const row = k * p;
        jacobian[row] = 1 - f1;
        jacobian[row + 1] = f2;
        jacobian[row + 2] = -d1 - d2;
        jacobian[row + 3] = (d1 - d2) / 2;
        jacobian[row + 4] = -d1 * u1;
        jacobian[row + 5] = -d2 * u2;
        if (known === null) jacobian[row + 6] = f1 - f2;
      }
    },
    n,
    start,
    lower,
    upper,
  );
}

/** Sum of squares of the best single edge, from several places. */
function fitOneEdge(values: Float64Array, { left, right, leftLevel, rightLevel }: GapCandidate): number {
  const starts = [left, right, (left + right) / 2, values.length / 2];
  const fits = starts.map((position) => fitEdge(values, { position, before: leftLevel, after: rightLevel }));
  return Math.min(...fits.map(({ rss }) => rss));
}

const density = (u: number) => Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI);
