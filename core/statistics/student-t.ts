import { incompleteBeta, normalCdf } from "./special-functions.ts";
import { StatisticsError } from "./statistics-error.ts";

/** Two-sided tail probability P(|T| > |t|) for `df` degrees of freedom (need not be whole). */
export function studentTwoSidedP(t: number, df: number): number {
  return incompleteBeta(df / (df + t * t), df / 2, 0.5);
}

/** Distribution function of Student's t. */
export function studentCdf(t: number, df: number): number {
  const tail = studentTwoSidedP(t, df) / 2;
  return t > 0 ? 1 - tail : tail;
}

/**
 * Factor t with P(|T| ≤ t) = level: half-width of a two-sided interval in standard errors.
 *
 * @param level between 0 and 1, e.g. 0.95
 * @param df degrees of freedom > 0, not necessarily whole; Infinity gives the normal quantile
 * @throws StatisticsError `bad-level`
 */
export function studentFactor(level: number, df: number): number {
  if (!(level > 0 && level < 1 && df > 0)) {
    throw new StatisticsError(
      "bad-level",
      `Expected a level between 0 and 1 and positive degrees of freedom, got ${level} and ${df}.`,
    );
  }
  const outside =
    df === Number.POSITIVE_INFINITY || df > 1e7
      ? (t: number) => 2 * normalCdf(-t)
      : (t: number) => studentTwoSidedP(t, df);
  let low = 0;
  let high = 1;
  while (outside(high) > 1 - level) [low, high] = [high, high * 2];
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (outside(middle) > 1 - level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
