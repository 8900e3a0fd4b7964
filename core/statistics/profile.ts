import { StatisticsError } from "./statistics-error.ts";

/** A stretch of a profile without holes: g at ascending arc lengths s, linear in between. Equal length, at least 2 points. */
export interface ProfilePiece {
  readonly s: Float64Array;
  readonly g: Float64Array;
}

/** Statistics of a piecewise-linear profile, weighted by length. `sd` is the population value (1/L). */
export interface ProfileStatistics {
  readonly length: number;
  readonly mean: number;
  readonly sd: number;
  readonly min: number;
  readonly max: number;
  readonly p5: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p95: number;
  readonly iqr: number;
  /** ∫ max(g, 0) ds */
  readonly positiveArea: number;
}

/**
 * Turn values at mid-interval stations into pieces: each station stands for its interval of `step`, so a piece reaches
 * half a step beyond its outer stations, with their value. NaN ends a piece; missing stretches belong to none.
 */
export function piecesOfStations(s: Float64Array, g: Float64Array, step: number): ProfilePiece[] {
  const pieces: ProfilePiece[] = [];
  for (let start = 0; start < g.length; start++) {
    if (Number.isNaN(g[start]!)) continue;
    let end = start;
    while (end + 1 < g.length && !Number.isNaN(g[end + 1]!)) end++;
    const n = end - start + 1;
    const ps = new Float64Array(n + 2);
    const pg = new Float64Array(n + 2);
    ps.set(s.subarray(start, end + 1), 1);
    pg.set(g.subarray(start, end + 1), 1);
    ps[0] = s[start]! - step / 2;
    ps[n + 1] = s[end]! + step / 2;
    pg[0] = g[start]!;
    pg[n + 1] = g[end]!;
    pieces.push({ s: ps, g: pg });
    start = end;
  }
  return pieces;
}

/**
 * Mean, spread, extremes and exact quantiles of a piecewise-linear profile.
 *
 * mean = Σh(a+b)/2 / L, variance = Σh[(a-μ)² + (a-μ)(b-μ) + (b-μ)²]/3 / L; quantiles invert
 * F(v) = Σh·clip((v-lo)/(hi-lo)) / L, so that extra points on the line change nothing.
 * @throws StatisticsError `empty-profile` when there is no length
 */
export function profileStatistics(pieces: readonly ProfilePiece[]): ProfileStatistics {
  const cells = cellsOf(pieces);
  const { h, a, b, length } = cells;
  if (!(length > 0)) {
    throw new StatisticsError(
      "empty-profile",
      "Expected a profile with some length, got none. Draw both boundaries so that they face each other.",
    );
  }
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let positiveArea = 0;
  for (let i = 0; i < h.length; i++) {
    sum += (h[i]! * (a[i]! + b[i]!)) / 2;
    positiveArea += positivePart(h[i]!, a[i]!, b[i]!);
    min = Math.min(min, a[i]!, b[i]!);
    max = Math.max(max, a[i]!, b[i]!);
  }
  const mean = sum / length;
  let squares = 0;
  for (let i = 0; i < h.length; i++) {
    const p = a[i]! - mean;
    const q = b[i]! - mean;
    squares += (h[i]! * (p * p + p * q + q * q)) / 3;
  }
  const quantile = quantilesOf(cells);
  const p25 = quantile(0.25);
  const p75 = quantile(0.75);
  return {
    length,
    mean,
    sd: Math.sqrt(Math.max(0, squares / length)),
    min,
    max,
    p5: quantile(0.05),
    p25,
    median: quantile(0.5),
    p75,
    p95: quantile(0.95),
    iqr: p75 - p25,
    positiveArea,
  };
}

/** Length on which low ≤ g ≤ high, crossings interpolated linearly. Either bound may be infinite. */
export function lengthWithin(pieces: readonly ProfilePiece[], low: number, high: number): number {
  const { h, a, b } = cellsOf(pieces);
  let sum = 0;
  for (let i = 0; i < h.length; i++) {
    sum += h[i]! * (shareBelow(high, a[i]!, b[i]!, true) - shareBelow(low, a[i]!, b[i]!, false));
  }
  return sum;
}

/** The same profile with negative values set to 0, with a point of its own at each crossing. */
export function clipToPositive(pieces: readonly ProfilePiece[]): ProfilePiece[] {
  return pieces.map(({ s, g }) => {
    const cs: number[] = [];
    const cg: number[] = [];
    for (let i = 0; i < s.length; i++) {
      if (i > 0 && g[i - 1]! < 0 !== g[i]! < 0) {
        const t = g[i - 1]! / (g[i - 1]! - g[i]!);
        cs.push(s[i - 1]! + t * (s[i]! - s[i - 1]!));
        cg.push(0);
      }
      cs.push(s[i]!);
      cg.push(Math.max(0, g[i]!));
    }
    return { s: Float64Array.from(cs), g: Float64Array.from(cg) };
  });
}

interface Cells {
  /** Lengths of the linear cells, and g at their two ends. */
  readonly h: Float64Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly length: number;
}

function cellsOf(pieces: readonly ProfilePiece[]): Cells {
  const n = pieces.reduce((sum, { s }) => sum + Math.max(0, s.length - 1), 0);
  const h = new Float64Array(n);
  const a = new Float64Array(n);
  const b = new Float64Array(n);
  let k = 0;
  let length = 0;
  for (const { s, g } of pieces) {
    for (let i = 0; i + 1 < s.length; i++, k++) {
      h[k] = s[i + 1]! - s[i]!;
      a[k] = g[i]!;
      b[k] = g[i + 1]!;
      length += h[k]!;
    }
  }
  return { h, a, b, length };
}

/** Share of a cell on which g ≤ v (inclusive) or g < v: they differ only where the cell is flat. */
function shareBelow(v: number, a: number, b: number, inclusive: boolean): number {
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  if (v < low) return 0;
  if (v > high) return 1;
  if (high === low) return inclusive ? 1 : 0;
  return (v - low) / (high - low);
}

function positivePart(h: number, a: number, b: number): number {
  if (a >= 0 && b >= 0) return (h * (a + b)) / 2;
  if (a <= 0 && b <= 0) return 0;
  const peak = Math.max(a, b);
  return (h * peak * peak) / (2 * Math.abs(a - b));
}

/** F is linear between neighbouring end values of cells and may jump at them: bisect over these, then interpolate. */
function quantilesOf({ h, a, b, length }: Cells): (q: number) => number {
  const values = new Float64Array(2 * h.length);
  values.set(a);
  values.set(b, h.length);
  values.sort();
  const lengthBelow = (v: number, inclusive: boolean) => {
    let sum = 0;
    for (let i = 0; i < h.length; i++) sum += h[i]! * shareBelow(v, a[i]!, b[i]!, inclusive);
    return sum;
  };
  return (q) => {
    const target = q * length;
    let low = 0;
    let high = values.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lengthBelow(values[middle]!, true) >= target) high = middle;
      else low = middle + 1;
    }
    const v = values[low]!;
    const before = low > 0 ? values[low - 1]! : v;
    const justBelow = lengthBelow(v, false);
    if (before === v || target > justBelow) return v;
    const from = lengthBelow(before, true);
    return justBelow > from ? before + ((target - from) / (justBelow - from)) * (v - before) : v;
  };
}
