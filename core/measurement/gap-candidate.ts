import { MeasurementError } from "./measurement-error.ts";

/** A bright stretch between two edges, found before anything is fitted. Indices of samples, not whole. */
export interface GapCandidate {
  readonly left: number;
  readonly right: number;
  readonly peakLevel: number;
  readonly leftLevel: number;
  readonly rightLevel: number;
  /** SD of a single sample, robust. */
  readonly noise: number;
}

const smoothingSigma = 1.5;

/**
 * Find the gap in a profile where it is brighter than both sides (turn a dark one over first), and its edges as the
 * steepest points of the profile smoothed by a Gaussian derivative of σ 1.5 samples.
 *
 * @throws MeasurementError `too-few-points`; `low-contrast` when nothing stands out by 3 times the noise; `gap-at-border`
 *   when an edge lies outside or within 2 samples of the end; `ambiguous-gap` when a second band is more than half as
 *   strong and stands apart
 */
export function findGapCandidate(values: Float64Array): GapCandidate {
  const n = values.length;
  if (n < 12) {
    throw new MeasurementError(
      "too-few-points",
      `Expected a profile of at least 12 samples, got ${n}. Draw a longer line.`,
      { n },
    );
  }
  const noise = noiseOf(values);
  const smooth = convolve(values, (x) => Math.exp(-0.5 * (x / smoothingSigma) ** 2));
  const { peak, prominence, oneSided } = mostProminent(smooth);
  if (!(prominence >= 3 * noise) || prominence === 0) {
    if (oneSided.rise >= 3 * noise && endsOnTop(smooth, oneSided, noise)) {
      throw atBorder();
    }
    throw new MeasurementError(
      "low-contrast",
      "Expected a band that stands out from both sides by three times the noise, found none. Draw the line across a visible gap, or average over a wider line.",
      { prominence, noise },
    );
  }
  const slope = smooth.map((_, i) => (smooth[Math.min(n - 1, i + 1)]! - smooth[Math.max(0, i - 1)]!) / 2);
  const left = steepest(slope, footOfBand(smooth, peak, prominence, -1), peak, 1);
  const right = steepest(slope, peak, footOfBand(smooth, peak, prominence, 1), -1);
  if (left < 2 || right > n - 3) throw atBorder();
  requireSingle(smooth, peak, prominence, noise, left, right);
  const level = (from: number, to: number) =>
    medianOf(values.slice(Math.max(0, from), Math.min(n, Math.max(to, from + 1))));
  return {
    left,
    right,
    noise,
    peakLevel: smooth[peak]!,
    leftLevel: level(0, Math.floor(left - 2)),
    rightLevel: level(Math.ceil(right + 3), n),
  };
}

/** SD of one sample from first differences: median absolute difference / (0.6745·√2), blind to slow changes. */
export function noiseOf(values: Float64Array): number {
  const differences = values.slice(1).map((v, i) => v - values[i]!);
  const centre = medianOf(differences);
  return medianOf(differences.map((d) => Math.abs(d - centre))) / (0.6745 * Math.SQRT2);
}

export function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

const atBorder = () =>
  new MeasurementError(
    "gap-at-border",
    "Expected both edges of the gap well inside the line, but one lies at its end. Draw a longer line.",
  );

/** Highest of min(drop to the left, drop to the right); and the largest one-sided step, where no peak has both. */
function mostProminent(smooth: Float64Array) {
  const n = smooth.length;
  const suffixMin = smooth.slice();
  for (let i = n - 2; i >= 0; i--) suffixMin[i] = Math.min(smooth[i]!, suffixMin[i + 1]!);
  let peak = 0;
  let prominence = 0;
  let top = 0;
  let prefixMin = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    prefixMin = Math.min(prefixMin, smooth[i]!);
    const here = smooth[i]! - Math.max(prefixMin, suffixMin[i]!);
    if (here > prominence) [prominence, peak] = [here, i];
    if (smooth[i]! > smooth[top]!) top = i;
  }
  return { peak, prominence, oneSided: { top, rise: smooth[top]! - suffixMin[0]! } };
}

/** A bright end that is short against the line is a gap cut off; a long one is a body, and its edge no gap. */
function endsOnTop(
  smooth: Float64Array,
  { top, rise }: { top: number; rise: number },
  noise: number,
): boolean {
  const bright = smooth.reduce(
    (count, v) => count + (v > smooth[top]! - Math.max(rise / 2, 2 * noise) ? 1 : 0),
    0,
  );
  return bright < smooth.length / 3;
}

/** Where the band ends on one side: down to half its prominence, then on while it keeps falling. */
function footOfBand(smooth: Float64Array, peak: number, prominence: number, direction: 1 | -1): number {
  const end = direction > 0 ? smooth.length - 1 : 0;
  let i = peak;
  while (i !== end && smooth[i]! > smooth[peak]! - prominence / 2) i += direction;
  while (i !== end && smooth[i + direction]! < smooth[i]!) i += direction;
  return i;
}

/** Position of the steepest rise (sign +1) or fall (-1), by a parabola through the extreme of the slope. */
function steepest(slope: Float64Array, from: number, to: number, sign: 1 | -1): number {
  let best = from;
  for (let i = from; i <= to; i++) if (sign * slope[i]! > sign * slope[best]!) best = i;
  const [a, b, c] = [slope[best - 1] ?? slope[best]!, slope[best]!, slope[best + 1] ?? slope[best]!];
  const curvature = a - 2 * b + c;
  return curvature === 0 ? best : best + Math.max(-0.5, Math.min(0.5, (a - c) / (2 * curvature)));
}

/** Refuse where another band competes: prominent by more than half, with a dip of more than 0.4 between the two. */
function requireSingle(
  smooth: Float64Array,
  peak: number,
  prominence: number,
  noise: number,
  left: number,
  right: number,
) {
  const compete = (indices: readonly number[]) => {
    let valley = smooth[peak]!;
    for (let k = 0; k < indices.length; k++) {
      const v = smooth[indices[k]!]!;
      valley = Math.min(valley, v);
      let beyond = v;
      for (let j = k; j < indices.length; j++) beyond = Math.min(beyond, smooth[indices[j]!]!);
      const own = v - Math.max(valley, beyond);
      const outside = indices[k]! < left || indices[k]! > right;
      if (outside && own > 0.5 * prominence && own > 3 * noise && v - valley > 0.4 * prominence) return true;
    }
    return false;
  };
  const n = smooth.length;
  const rightward = Array.from({ length: n - 1 - peak }, (_, k) => peak + 1 + k);
  const leftward = Array.from({ length: peak }, (_, k) => peak - 1 - k);
  if (compete(rightward) || compete(leftward)) {
    throw new MeasurementError(
      "ambiguous-gap",
      "Expected one gap on the line, found two bands of similar strength. Draw the line across one of them only.",
    );
  }
}

/** Convolution with a symmetric kernel, normalised at the ends by the weights that are there. */
function convolve(values: Float64Array, kernel: (x: number) => number): Float64Array {
  const reach = Math.ceil(4 * smoothingSigma);
  return values.map((_, i) => {
    let sum = 0;
    let weights = 0;
    for (let j = Math.max(0, i - reach); j <= Math.min(values.length - 1, i + reach); j++) {
      const weight = kernel(j - i);
      sum += weight * values[j]!;
      weights += weight;
    }
    return sum / weights;
  });
}
