import { effectiveSampleSize } from "./effective-sample-size.ts";
import { studentFactor } from "./student-t.ts";

/** Confidence interval of the mean of a correlated series. */
export interface MeanInterval {
  readonly mean: number;
  /** Standard error of the mean; null where the series is too short to say. */
  readonly standardError: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly level: number;
  readonly n: number;
  readonly nEff: number;
  readonly method: string;
  readonly warnings: readonly "profile-too-short"[];
}

/** Least n_eff for which an interval is given. */
const minNEff = 3;

/**
 * Interval of the mean of an equidistant, correlated series (NaN = missing): mean ± t(level, n_eff - 1) · s / √n_eff.
 *
 * SD/√n covers only a third to a half of what it promises on neighbouring stations. s² is corrected for the mean having
 * been taken from the same correlated values, by 1/(1 - (τ-1)/n) with the denominator not below 0.25.
 * For n_eff < 3 there is no interval (null) and the warning `profile-too-short`.
 * Coverage of 95 % intervals: 93-96 % for AR(1) with φ 0 … 0.85 and 160 … 240 values.
 */
export function meanInterval(values: ArrayLike<number>, level: number): MeanInterval {
  let n = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    n++;
    sum += values[i]!;
  }
  const mean = sum / n;
  const none = (nEff: number): MeanInterval => ({
    mean,
    standardError: null,
    low: null,
    high: null,
    level,
    n,
    nEff,
    method: "none",
    warnings: ["profile-too-short"],
  });
  if (n < minNEff) return none(n);
  const { nEff, tau, method } = effectiveSampleSize(values);
  if (nEff < minNEff) return none(nEff);
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i]!)) squares += (values[i]! - mean) ** 2;
  }
  const variance = squares / (n - 1) / Math.max(0.25, 1 - (tau - 1) / n);
  const standardError = Math.sqrt(variance / nEff);
  const half = studentFactor(level, nEff - 1) * standardError;
  return {
    mean,
    standardError,
    low: mean - half,
    high: mean + half,
    level,
    n,
    nEff,
    method: `Student t, n_eff by ${method}`,
    warnings: [],
  };
}
