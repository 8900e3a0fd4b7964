import { StatisticsError } from "./statistics-error.ts";

/** How many independent values a correlated series is worth. */
export interface EffectiveSampleSize {
  /** Values present (NaN are missing). */
  readonly n: number;
  readonly nEff: number;
  /** Integrated autocorrelation time 1 + 2Σρ, in samples; n / nEff. */
  readonly tau: number;
  readonly method: "AR(p)" | "initial monotone sequence";
  /** Order of the autoregression that AIC chose. */
  readonly order: number;
}

/** Below this n_eff the autoregression has too little to go by, and the larger of two estimates of τ counts. */
const shortSeriesNEff = 15;

/**
 * Effective sample size of an equidistant series, n_eff = n/τ with τ = 1 + 2Σρ, never more than n.
 *
 * τ comes from an autoregression (Levinson-Durbin, order by AIC, at most 10·log10 n), with the bias of Σφ corrected after
 * Kendall (1954) and Marriott & Pope (1954) by +(1 + 3Σφ)/n and the innovation variance by n/(n-p-1) (Thiébaux &
 * Zwiers 1984 on why this matters). Where n_eff comes out below 15, Geyer's initial monotone sequence (1992) is taken
 * if its τ is larger. Missing values (NaN) keep their place: a lag never joins values across a hole as neighbours.
 * @throws StatisticsError `too-few-points` for fewer than 3 values
 */
export function effectiveSampleSize(values: ArrayLike<number>): EffectiveSampleSize {
  const { centred, n, variance } = centre(values);
  if (n < 3) {
    throw new StatisticsError(
      "too-few-points",
      `Expected at least 3 values to judge their correlation, got ${n}.`,
      { n },
    );
  }
  // A constant series has no correlation to estimate; its values are counted as they are.
  if (!(variance > 0)) return { n, nEff: n, tau: 1, method: "AR(p)", order: 0 };
  const covariance = (lag: number) => {
    let sum = 0;
    for (let i = lag; i < centred.length; i++) sum += centred[i]! * centred[i - lag]!;
    return sum / n;
  };
  const { tau: fromAr, order } = autoregressiveTau(covariance, n);
  const arTau = Math.max(1, fromAr);
  if (n / arTau >= shortSeriesNEff) return { n, nEff: n / arTau, tau: arTau, method: "AR(p)", order };
  const geyerTau = initialMonotoneTau(covariance, n);
  return geyerTau > arTau
    ? { n, nEff: n / geyerTau, tau: geyerTau, method: "initial monotone sequence", order }
    : { n, nEff: n / arTau, tau: arTau, method: "AR(p)", order };
}

/** Values minus their mean, 0 where missing. */
function centre(values: ArrayLike<number>) {
  let n = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    n++;
    sum += values[i]!;
  }
  const mean = sum / n;
  const centred = new Float64Array(values.length);
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    centred[i] = values[i]! - mean;
    squares += centred[i]! ** 2;
  }
  const variance = squares / n;
  // Rounding leaves something of the order of (ε·mean)² in a constant series.
  return { centred, n, variance: variance > (1e-13 * mean) ** 2 ? variance : 0 };
}

function autoregressiveTau(covariance: (lag: number) => number, n: number) {
  const maxOrder = Math.max(0, Math.min(Math.floor(10 * Math.log10(n)), Math.floor(n / 3) - 1));
  const c0 = covariance(0);
  const c = [c0];
  let phi: number[] = [];
  let innovation = c0;
  let best = { aic: n * Math.log(innovation), order: 0, phiSum: 0, innovation };
  for (let order = 1; order <= maxOrder; order++) {
    c.push(covariance(order));
    let reflection = c[order]!;
    for (let k = 1; k < order; k++) reflection -= phi[k - 1]! * c[order - k]!;
    reflection /= innovation;
    const previous = phi;
    phi = Array.from({ length: order }, (_, k) =>
      k === order - 1 ? reflection : previous[k]! - reflection * previous[order - 2 - k]!,
    );
    innovation *= 1 - reflection * reflection;
    if (!(innovation > 1e-12 * c0)) break;
    const aic = n * Math.log(innovation) + 2 * order;
    if (aic < best.aic) best = { aic, order, phiSum: phi.reduce((a, b) => a + b, 0), innovation };
  }
  // A root on the unit circle would make τ infinite; the cap leaves n_eff below 1, which is refused further up.
  const phiSum = Math.min(best.phiSum + (1 + 3 * best.phiSum) / n, 1 - 1 / n);
  const scale = n / Math.max(1, n - best.order - 1);
  return { tau: (best.innovation * scale) / (1 - phiSum) ** 2 / c0, order: best.order };
}

function initialMonotoneTau(covariance: (lag: number) => number, n: number): number {
  const c0 = covariance(0);
  let sum = 0;
  let previous = Number.POSITIVE_INFINITY;
  for (let m = 0; 2 * m + 1 < n; m++) {
    const pair = (covariance(2 * m) + covariance(2 * m + 1)) / c0;
    if (pair <= 0) break;
    previous = Math.min(previous, pair);
    sum += previous;
  }
  return Math.max(1, 2 * sum - 1);
}
