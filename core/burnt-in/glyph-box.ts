import type { GreyPlane } from "./grey-plane.ts";

/** Every glyph is compared in a box of this size, its own proportions kept beside. */
export const glyphBox = { width: 10, height: 14 } as const;

/** A glyph in its box: ink 0-1, row-major, and width over height of what was drawn. */
export interface BoxedGlyph {
  readonly ink: Float64Array;
  readonly aspect: number;
}

/** A rectangle of pixels; x1 and y1 belong to it. */
export interface InkBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/**
 * The ink inside `box`, averaged over area (or repeated, where glyphs are smaller) into `glyphBox`.
 *
 * @param ink 0-255, 255 is the colour of the lettering
 */
export function boxGlyph(ink: GreyPlane, { x0, y0, x1, y1 }: InkBox): BoxedGlyph {
  const { width, height } = glyphBox;
  const out = new Float64Array(width * height);
  const stepX = (x1 - x0 + 1) / width;
  const stepY = (y1 - y0 + 1) / height;
  for (let row = 0; row < height; row++) {
    const ys = overlaps(y0 + row * stepY, stepY);
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (const [x, shareX] of overlaps(x0 + column * stepX, stepX)) {
        for (const [y, shareY] of ys) sum += ink.values[y * ink.width + x]! * shareX * shareY;
      }
      out[row * width + column] = sum / (255 * stepX * stepY);
    }
  }
  return { ink: out, aspect: (x1 - x0 + 1) / (y1 - y0 + 1) };
}

/** The pixels that a stretch of `length` from `from` covers, with the length of each. */
function overlaps(from: number, length: number): (readonly [number, number])[] {
  const out: [number, number][] = [];
  const to = from + length;
  for (let i = Math.floor(from); i < to - 1e-9; i++) {
    const share = Math.min(i + 1, to) - Math.max(i, from);
    if (share > 1e-9) out.push([i, share]);
  }
  return out;
}

/** Normalised correlation of two boxes, -1 to 1; 0 where one of them is flat. */
export function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let sumA = 0;
  let sumB = 0;
  for (let i = 0; i < n; i++) {
    sumA += a[i]!;
    sumB += b[i]!;
  }
  const meanA = sumA / n;
  const meanB = sumB / n;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < n; i++) {
    const da = a[i]! - meanA;
    const db = b[i]! - meanB;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 1e-9 && bb > 1e-9 ? ab / Math.sqrt(aa * bb) : 0;
}
