/**
 * The window that cuts `fraction` off either end of a histogram, interpolated within its bins.
 *
 * @param counts equal bins between min and max
 */
export function percentileWindow(
  counts: readonly number[],
  min: number,
  max: number,
  fraction: number,
): { readonly low: number; readonly high: number } | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0 || max <= min) return null;
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

/** Nearest-rank window of a list of values: for what is seen now. */
export function windowOfValues(
  values: readonly number[],
  fraction: number,
): { readonly low: number; readonly high: number } | null {
  if (values.length < 2) return null;
  const sorted = Float64Array.from(values).sort();
  const low = sorted[Math.floor(fraction * (sorted.length - 1))]!;
  const high = sorted[Math.ceil((1 - fraction) * (sorted.length - 1))]!;
  return high > low ? { low, high } : null;
}
