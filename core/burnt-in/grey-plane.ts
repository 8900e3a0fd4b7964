/** One 8-bit value a pixel, row-major: all that is needed to find what somebody drew over a picture. */
export interface GreyPlane {
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array;
}

/** Colour that a grey picture cannot have: above this, max − min of red, green and blue was drawn by somebody. */
const drawnChroma = 60;

/**
 * The planes on which to look for what was drawn over a colour picture: its lightness, and its chroma where there is
 * any (a red bar stands out of a grey picture in nothing else).
 *
 * @param rgb 8-bit samples, interleaved
 */
export function planesOfColour(width: number, height: number, rgb: Uint8Array): readonly GreyPlane[] {
  const lightness = new Uint8Array(width * height);
  const chroma = new Uint8Array(width * height);
  let strongest = 0;
  for (let i = 0; i < lightness.length; i++) {
    const r = rgb[3 * i]!;
    const g = rgb[3 * i + 1]!;
    const b = rgb[3 * i + 2]!;
    lightness[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    chroma[i] = Math.max(r, g, b) - Math.min(r, g, b);
    strongest = Math.max(strongest, chroma[i]!);
  }
  const planes: GreyPlane[] = [{ width, height, values: lightness }];
  if (strongest > drawnChroma) planes.push({ width, height, values: chroma });
  return planes;
}

/**
 * A recorded picture from its smallest to its largest value as 0-255: what is burnt in stands at an end of the range.
 * Values that are no number become 0.
 */
export function planeOfValues(
  width: number,
  height: number,
  values: ArrayLike<number>,
  range: { readonly min: number; readonly max: number },
): GreyPlane {
  const out = new Uint8Array(width * height);
  const scale = range.max > range.min ? 255 / (range.max - range.min) : 0;
  for (let i = 0; i < out.length; i++) {
    const v = (values[i]! - range.min) * scale;
    out[i] = v > 0 ? Math.min(255, Math.round(v)) : 0;
  }
  return { width, height, values: out };
}
