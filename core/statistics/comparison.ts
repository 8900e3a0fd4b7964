import { normalCdf } from "./special-functions.ts";
import { StatisticsError } from "./statistics-error.ts";
import { studentFactor, studentTwoSidedP } from "./student-t.ts";

/** A difference of two means with its interval; the effect first, p second. */
export interface MeanDifference {
  readonly t: number;
  readonly df: number;
  /** Two-sided. */
  readonly p: number;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

export interface WelchComparison extends MeanDifference {
  /** With the pooled SD. */
  readonly cohenD: number;
  /** cohenD · (1 - 3/(4ν - 1)) with ν = n₁ + n₂ - 2, the freedom of the pooled SD. */
  readonly hedgesG: number;
}

/**
 * Welch's t for two independent samples, mean(a) - mean(b). The unit is the specimen (wire), never the station.
 *
 * @throws StatisticsError `too-few-points` for fewer than 2 values in a group
 * Source: Welch 1947; Hedges 1981.
 */
export function welch(a: readonly number[], b: readonly number[], level = 0.95): WelchComparison {
  const [x, y] = [momentsOf(a), momentsOf(b)];
  const [va, vb] = [x.variance / x.n, y.variance / y.n];
  const df = (va + vb) ** 2 / (va ** 2 / (x.n - 1) + vb ** 2 / (y.n - 1));
  const result = differenceOf(x.mean - y.mean, Math.sqrt(va + vb), df, level);
  const pooled = Math.sqrt(((x.n - 1) * x.variance + (y.n - 1) * y.variance) / (x.n + y.n - 2));
  const cohenD = result.difference / pooled;
  return { ...result, cohenD, hedgesG: cohenD * (1 - 3 / (4 * (x.n + y.n - 2) - 1)) };
}

/** Paired t on a - b; `cohenDz` is the mean difference over its SD. @throws StatisticsError `too-few-points` also for unequal lengths */
export function pairedT(
  a: readonly number[],
  b: readonly number[],
  level = 0.95,
): MeanDifference & { readonly cohenDz: number } {
  if (a.length !== b.length) {
    throw new StatisticsError(
      "too-few-points",
      `Expected pairs, got ${a.length} values against ${b.length}.`,
    );
  }
  const { n, mean, variance } = momentsOf(a.map((v, i) => v - b[i]!));
  const result = differenceOf(mean, Math.sqrt(variance / n), n - 1, level);
  return { ...result, cohenDz: mean / Math.sqrt(variance) };
}

export interface RankComparison {
  /** U of a: pairs in which a is larger, ties half. */
  readonly u: number;
  /** Two-sided, normal approximation with ties and continuity correction. */
  readonly p: number;
  /** 2U/(n₁n₂) - 1 */
  readonly rankBiserial: number;
  /** Median of all differences a - b (Hodges & Lehmann). */
  readonly shift: number;
}

/** Mann-Whitney U of a against b. @throws StatisticsError `too-few-points` for fewer than 2 values in a group */
export function mannWhitney(a: readonly number[], b: readonly number[]): RankComparison {
  const [n1, n2] = [momentsOf(a).n, momentsOf(b).n];
  const differences = a.flatMap((v) => b.map((w) => v - w)).sort((p, q) => p - q);
  const u = differences.reduce((sum, d) => sum + (d > 0 ? 1 : d === 0 ? 0.5 : 0), 0);
  const counts = new Map<number, number>();
  for (const v of [...a, ...b]) counts.set(v, (counts.get(v) ?? 0) + 1);
  const n = n1 + n2;
  const ties = [...counts.values()].reduce((sum, t) => sum + t ** 3 - t, 0);
  const sd = Math.sqrt(((n1 * n2) / 12) * (n + 1 - ties / (n * (n - 1))));
  const z = Math.max(0, Math.abs(u - (n1 * n2) / 2) - 0.5) / sd;
  const half = differences.length >> 1;
  const shift =
    differences.length % 2 ? differences[half]! : (differences[half - 1]! + differences[half]!) / 2;
  return { u, p: sd > 0 ? Math.min(1, 2 * normalCdf(-z)) : 1, rankBiserial: (2 * u) / (n1 * n2) - 1, shift };
}

export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Interval of numerator/denominator by Fieller's theorem, normal quantile.
 *
 * @throws StatisticsError `ratio-unbounded` when the denominator is not away from 0: (q·se/denominator)² ≥ 1
 * Source: Fieller 1954.
 */
export function fiellerRatio(
  numerator: number,
  seNumerator: number,
  denominator: number,
  seDenominator: number,
  covariance = 0,
  level = 0.95,
): RatioInterval {
  const q = studentFactor(level, Number.POSITIVE_INFINITY);
  const g = ((q * seDenominator) / denominator) ** 2;
  if (!(g < 1)) {
    throw new StatisticsError(
      "ratio-unbounded",
      `Expected a denominator clearly different from 0, got ${denominator} with standard error ${seDenominator}: the ratio has no bounded interval. Report the difference instead.`,
      { g },
    );
  }
  const ratio = numerator / denominator;
  const centre = (ratio - (g * covariance) / seSquare(seDenominator)) / (1 - g);
  const inner =
    seNumerator ** 2 -
    2 * ratio * covariance +
    ratio ** 2 * seDenominator ** 2 -
    g * (seNumerator ** 2 - covariance ** 2 / seSquare(seDenominator));
  const half = ((q / Math.abs(denominator)) * Math.sqrt(Math.max(0, inner))) / (1 - g);
  return { ratio, low: centre - half, high: centre + half };
}

/** An exact denominator has no covariance with anything: any positive number stands for its square. */
const seSquare = (se: number) => (se > 0 ? se * se : 1);

function differenceOf(difference: number, standardError: number, df: number, level: number): MeanDifference {
  const t = difference / standardError;
  const half = studentFactor(level, df) * standardError;
  return { t, df, p: studentTwoSidedP(t, df), difference, low: difference - half, high: difference + half };
}

function momentsOf(values: readonly number[]) {
  const n = values.length;
  if (n < 2) {
    throw new StatisticsError(
      "too-few-points",
      `Expected at least 2 values in each group, got ${n}. Measure more wires.`,
      { n },
    );
  }
  const mean = values.reduce((a, b) => a + b, 0) / n;
  return { n, mean, variance: values.reduce((s, v) => s + (v - mean) ** 2, 0) / (n - 1) };
}
