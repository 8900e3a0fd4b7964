/** The recorded values shown black and white. low < high always. */
export interface ValueWindow {
  readonly low: number;
  readonly high: number;
}

/** Fractions cut off at either end: hot pixels and dead ones do not decide the contrast. */
export const windowQuantiles = { low: 0.0035, high: 0.9965 } as const;

/**
 * The default display window: the values below which 0.35 % and 99.65 % of the finite pixels lie (nearest rank).
 *
 * A raster of one value, or one whose quantiles coincide, falls back to its range, and a constant one to a window of
 * width 1 above its value, so that dividing by the width is always safe.
 *
 * @param values ascending distinct values, or all values ascending when `counts` is absent
 * @param counts how often each occurs
 */
export function displayWindow(
  values: ArrayLike<number>,
  counts: ArrayLike<number> | undefined,
  range: { readonly min: number; readonly max: number },
): ValueWindow {
  const low = quantile(values, counts, windowQuantiles.low) ?? range.min;
  const high = quantile(values, counts, windowQuantiles.high) ?? range.max;
  if (high > low) return { low, high };
  if (range.max > range.min) return { low: range.min, high: range.max };
  // One float step above a huge constant may be more than 1.
  return { low: range.min, high: range.min + Math.max(1, Math.abs(range.min) * 2 ** -20) };
}

function quantile(
  values: ArrayLike<number>,
  counts: ArrayLike<number> | undefined,
  fraction: number,
): number | undefined {
  if (!counts) {
    return values.length === 0 ? undefined : values[Math.max(0, Math.ceil(fraction * values.length) - 1)];
  }
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i]!;
  if (total === 0) return undefined;
  const rank = Math.max(1, Math.ceil(fraction * total));
  let seen = 0;
  for (let i = 0; i < counts.length; i++) {
    seen += counts[i]!;
    if (seen >= rank) return values[i];
  }
  return values[counts.length - 1];
}

export interface Tone {
  readonly low: number;
  readonly high: number;
  /** Brightness = position in the window to the power of 1/gamma: above 1 lifts the shadows. */
  readonly gamma?: number;
  readonly invert?: boolean;
}

/**
 * 0-255 for every possible sample of an integer tile: one look-up a pixel.
 *
 * @param size 256 for u8 tiles, 65 536 for u16
 * @param scale value = tile · scale.scale + scale.offset; the tone is in recorded values
 */
export function windowTable(
  size: 256 | 65536,
  scale: { readonly scale: number; readonly offset: number },
  tone: Tone,
): Uint8Array {
  const table = new Uint8Array(size);
  const shade = toneCurve(tone);
  const shadeOf = (tile: number) => shade(tile * scale.scale + scale.offset);
  // Outside the window all is black or white: a narrow one, which a hand drags, costs as little as it is wide.
  const ends = [tone.low, tone.high].map((value) => (value - scale.offset) / scale.scale);
  const first = clampIndex(Math.floor(Math.min(...ends)), size);
  const last = clampIndex(Math.ceil(Math.max(...ends)), size);
  table.fill(shadeOf(0), 0, first);
  for (let tile = first; tile <= last; tile++) table[tile] = shadeOf(tile);
  table.fill(shadeOf(size - 1), last + 1);
  return table;
}

const clampIndex = (index: number, size: number) => Math.max(0, Math.min(size - 1, index));

/** One recorded value → 0-255. NaN and −∞ are shown like the lowest value, +∞ like the highest. */
export function toneCurve(tone: Tone): (value: number) => number {
  const { low, high, gamma = 1, invert = false } = tone;
  const perUnit = 1 / (high - low);
  return (value) => {
    const position = (value - low) * perUnit;
    const clamped = position > 0 ? (position < 1 ? position : 1) : 0;
    const shade = Math.round(255 * (gamma === 1 ? clamped : clamped ** (1 / gamma)));
    return invert ? 255 - shade : shade;
  };
}

/** Apply a tone to float tiles, in recorded values. */
export function shadeFloats(
  data: Float32Array,
  scale: { readonly scale: number; readonly offset: number },
  tone: Tone,
): Uint8Array {
  const out = new Uint8Array(data.length);
  const shade = toneCurve(tone);
  for (let i = 0; i < data.length; i++) out[i] = shade(data[i]! * scale.scale + scale.offset);
  return out;
}
