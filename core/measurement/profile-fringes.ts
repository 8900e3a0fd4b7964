import { MeasurementError } from "./measurement-error.ts";
import { finiteValues, type ProfilePart, tooFew, type WithU } from "./profile-part.ts";

/** Fringes across a line. */
export interface Fringes {
  /** Whole periods between the first and the last fringe. */
  readonly periods: number;
  readonly period: WithU;
  /** Places of the fringes. */
  readonly at: readonly number[];
}

/**
 * Fringes in a part of a profile, counted, and their mean period along the line: maxima over a running mean, each to a
 * fraction of a step by a parabola, their places against their numbers by least squares.
 *
 * The line's own direction is not corrected for: at an angle δ off the right angle to the fringes a period is 1/cos δ too long.
 * @throws MeasurementError `too-few-points` below 8 values or 3 fringes; `low-contrast` where the distances between the
 *   maxima scatter by more than a quarter of their mean
 */
export function fringesIn(part: ProfilePart): Fringes {
  const values = finiteValues(part);
  const period = dominantPeriod(values);
  const smooth = smoothed(values, period / 6);
  const base = smoothed(values, period * 0.75);
  const above = smooth.map((v, i) => v - base[i]!);
  const apart = Math.max(1, Math.floor(period / 2.5));
  const places: number[] = [];
  const spread = Math.sqrt(above.reduce((sum, v) => sum + v * v, 0) / above.length);
  for (let i = 1; i < above.length - 1; i++) {
    const v = above[i]!;
    if (v < 0.3 * spread) continue;
    let highest = true;
    for (let j = Math.max(0, i - apart); j <= Math.min(above.length - 1, i + apart) && highest; j++) {
      highest = above[j]! < v || j === i || (above[j] === v && j > i);
    }
    if (!highest) continue;
    const [a, c] = [above[i - 1]!, above[i + 1]!];
    const curvature = a - 2 * v + c;
    places.push(i + (curvature < 0 ? (0.5 * (a - c)) / curvature : 0));
  }
  if (places.length < 3) throw tooFew(places.length, "3 fringes");
  const m = places.length;
  const meanIndex = (m - 1) / 2;
  const meanPlace = places.reduce((sum, place) => sum + place, 0) / m;
  let [sxx, sxy] = [0, 0];
  places.forEach((place, i) => {
    sxx += (i - meanIndex) ** 2;
    sxy += (i - meanIndex) * (place - meanPlace);
  });
  const found = sxy / sxx;
  const rss = places.reduce((sum, place, i) => sum + (place - meanPlace - found * (i - meanIndex)) ** 2, 0);
  const scatter = Math.sqrt(rss / (m - 2));
  if (!(scatter < found / 4)) {
    throw new MeasurementError(
      "low-contrast",
      "Expected fringes at equal distances between the two cursors, but the maxima lie irregularly. Put the cursors around a clearer part, or use the Fourier transform.",
      { scatter, period: found },
    );
  }
  return {
    periods: m - 1,
    period: { value: found * part.step, u: (scatter / Math.sqrt(sxx)) * part.step },
    at: places.map((place) => part.start + place * part.step),
  };
}

/** In steps: longer ones are no fringes, and looking for them would take long. */
const longestPeriod = 2000;

/** The period with the highest autocorrelation, in steps: the first maximum after the first minimum. */
function dominantPeriod(values: Float64Array): number {
  const n = values.length;
  const base = smoothed(values, Math.max(2, n / 6));
  const above = values.map((v, i) => v - base[i]!);
  const correlation = (lag: number) => {
    let sum = 0;
    for (let i = 0; i + lag < n; i++) sum += above[i]! * above[i + lag]!;
    return sum / (n - lag);
  };
  const most = Math.min(longestPeriod, Math.floor(n / 2));
  const lags = Float64Array.from({ length: most + 1 }, (_, lag) => correlation(lag));
  let lag = 1;
  while (lag < most && lags[lag]! > 0) lag++;
  let best = lag;
  for (; lag <= most; lag++) if (lags[lag]! > lags[best]!) best = lag;
  // Noise correlates with itself by 1/√n.
  if (!(lags[best]! > Math.max(0.25, 3 / Math.sqrt(n)) * lags[0]!)) throw tooFew(0, "3 fringes");
  // A multiple of the period correlates as well as the period: the shortest that nearly does is meant.
  for (let shorter = 2; shorter < best; shorter++) {
    const summit = lags[shorter]! >= lags[shorter - 1]! && lags[shorter]! >= lags[shorter + 1]!;
    if (summit && lags[shorter]! > 0.7 * lags[best]!) return shorter;
  }
  return best;
}

/** Running mean over ±halfWidth, shortened evenly at the ends. */
function smoothed(values: Float64Array, halfWidth: number): Float64Array {
  const n = values.length;
  const sums = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) sums[i + 1] = sums[i]! + values[i]!;
  return values.map((_, i) => {
    const reach = Math.min(Math.floor(halfWidth), i, n - 1 - i);
    return (sums[i + reach + 1]! - sums[i - reach]!) / (2 * reach + 1);
  });
}
