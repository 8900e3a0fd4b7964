import type { Random } from "#core/random/generator.ts";

/** An approximate interval: percentiles of a statistic over resampled series. */
export interface BootstrapInterval {
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly resamples: number;
  readonly blockLength: number;
  readonly method: "circular block bootstrap, percentile (approximate)";
}

/**
 * Interval of a ratio of sums Σ part / Σ whole over an equidistant, correlated series, by circular block bootstrap
 * (Künsch 1989; Politis & Romano 1992). Fractions of a length and means are such ratios; prefix sums make a resample
 * cost one addition a block instead of one a value.
 *
 * Approximate: percentile intervals of short correlated series cover less than they say (76-90 % for a nominal 95 %).
 * @param part numerators of the cells, e.g. delaminated length; @param whole denominators, e.g. matched length
 * @param blockLength in cells; at least twice the autocorrelation time
 * @param resamples 2000 or more for an interval that does not wobble
 * @returns null when nothing has a denominator
 */
export function bootstrapRatio(
  part: ArrayLike<number>,
  whole: ArrayLike<number>,
  options: {
    readonly blockLength: number;
    readonly resamples: number;
    readonly level: number;
    readonly random: Random;
  },
): BootstrapInterval | null {
  const n = part.length;
  const blockLength = Math.max(1, Math.min(n, Math.round(options.blockLength)));
  const partSums = circularPrefixSums(part, n + blockLength);
  const wholeSums = circularPrefixSums(whole, n + blockLength);
  if (n === 0 || !(wholeSums[n]! > 0)) return null;
  const blocks = Math.ceil(n / blockLength);
  const ratios: number[] = [];
  for (let k = 0; k < options.resamples; k++) {
    let p = 0;
    let w = 0;
    for (let j = 0; j < blocks; j++) {
      const start = Math.floor(options.random() * n);
      p += partSums[start + blockLength]! - partSums[start]!;
      w += wholeSums[start + blockLength]! - wholeSums[start]!;
    }
    if (w > 0) ratios.push(p / w);
  }
  const sorted = Float64Array.from(ratios).sort();
  const tail = (1 - options.level) / 2;
  return {
    low: sortedQuantile(sorted, tail),
    high: sortedQuantile(sorted, 1 - tail),
    level: options.level,
    resamples: options.resamples,
    blockLength,
    method: "circular block bootstrap, percentile (approximate)",
  };
}

/**
 * Optimal block length of the circular bootstrap for a mean (Politis & White 2004, corrected by Patton, Politis & White
 * 2009), in values. NaN are missing. At least 1, at most ceil(min(3√n, n/3)).
 */
export function politisWhiteBlockLength(values: ArrayLike<number>): number {
  const present = Array.from(values).filter((v) => !Number.isNaN(v));
  const n = present.length;
  if (n < 9) return 1;
  const mean = present.reduce((a, b) => a + b, 0) / n;
  const c = present.map((v) => v - mean);
  const covariance = (lag: number) => {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += c[i]! * c[i - lag]!;
    return sum / n;
  };
  const c0 = covariance(0);
  if (!(c0 > 0)) return 1;
  const quiet = 2 * Math.sqrt(Math.log10(n) / n);
  const run = Math.max(5, Math.ceil(Math.log10(n)));
  const maxLag = Math.min(n - 1, Math.ceil(Math.sqrt(n)) + run);
  // m: the lag after which `run` correlations in a row are indistinguishable from zero.
  let m = 0;
  let small = 0;
  for (let lag = 1; lag <= maxLag; lag++) {
    if (Math.abs(covariance(lag) / c0) < quiet) small++;
    else [small, m] = [0, lag];
    if (small >= run) break;
  }
  const bandwidth = Math.min(2 * Math.max(m, 1), maxLag);
  let g = 0;
  let spectrum = c0;
  for (let lag = 1; lag <= bandwidth; lag++) {
    const share = lag / bandwidth;
    const weight = share <= 0.5 ? 1 : 2 * (1 - share);
    const value = covariance(lag);
    g += 2 * weight * lag * value;
    spectrum += 2 * weight * value;
  }
  const d = (4 / 3) * spectrum * spectrum;
  const length = d > 0 ? ((2 * g * g) / d) ** (1 / 3) * n ** (1 / 3) : 1;
  return Math.max(1, Math.min(length, Math.ceil(Math.min(3 * Math.sqrt(n), n / 3))));
}

/** Quantile of sorted samples by linear interpolation (Hyndman & Fan type 7). */
export function sortedQuantile(sorted: ArrayLike<number>, q: number): number {
  const position = q * (sorted.length - 1);
  const i = Math.floor(position);
  const next = Math.min(i + 1, sorted.length - 1);
  return sorted[i]! + (position - i) * (sorted[next]! - sorted[i]!);
}

function circularPrefixSums(values: ArrayLike<number>, length: number): Float64Array {
  const sums = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) sums[i + 1] = sums[i]! + values[i % values.length]!;
  return sums;
}
