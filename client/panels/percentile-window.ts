interface Window {
  readonly low: number;
  readonly high: number;
}

/** Counts of equal bins between min and max. */
export interface Histogram {
  readonly counts: readonly number[];
  readonly min: number;
  readonly max: number;
}

/**
 * The window that cuts `fraction` off either end of a histogram, interpolated within its bins.
 *
 * Constant pictures get a window of width 1 above their value, as the server's default does.
 * @returns null where nothing was counted
 */
export function percentileWindow({ counts, min, max }: Histogram, fraction: number): Window | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0 || !Number.isFinite(min) || !Number.isFinite(max)) return null;
  if (max <= min) return above(min);
  const width = (max - min) / counts.length;
  const quantile = (q: number) => {
    let seen = 0;
    for (const [i, count] of counts.entries()) {
      if (count > 0 && seen + count >= q * total) return min + (i + (q * total - seen) / count) * width;
      seen += count;
    }
    return max;
  };
  const low = quantile(fraction);
  const high = quantile(1 - fraction);
  return high > low ? { low, high } : { low: min, high: max };
}

/**
 * Nearest-rank window of a list of values: for a part of the picture. What is no number does not count; where the
 * quantiles coincide the range serves, and one single value gets a window of width 1 above it.
 *
 * @returns null where no value is a number
 */
export function windowOfValues(values: ArrayLike<number>, fraction: number): Window | null {
  const sorted = finiteOf(values).sort();
  if (sorted.length === 0) return null;
  const low = sorted[Math.floor(fraction * (sorted.length - 1))]!;
  const high = sorted[Math.ceil((1 - fraction) * (sorted.length - 1))]!;
  if (high > low) return { low, high };
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  return most > least ? { low: least, high: most } : above(least);
}

/** 256 equal bins over the values that are numbers; null where none is. */
export function histogramOf(values: ArrayLike<number>): Histogram | null {
  const finite = finiteOf(values);
  if (finite.length === 0) return null;
  let [min, max] = [finite[0]!, finite[0]!];
  for (const value of finite) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (max === min) {
    // One value: its bar stands in the middle third, with the window that it gets.
    const width = above(min).high - min;
    [min, max] = [min - width, min + 2 * width];
  }
  const counts = new Array<number>(256).fill(0);
  const perValue = 256 / (max - min);
  for (const value of finite) counts[Math.min(255, Math.floor((value - min) * perValue))]!++;
  return { counts, min, max };
}

function finiteOf(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter(Number.isFinite);
}

/** One float step above a huge constant may be more than 1. */
function above(value: number): Window {
  return { low: value, high: value + Math.max(1, Math.abs(value) * 2 ** -20) };
}
