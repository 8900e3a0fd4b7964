import type { InkBox } from "./glyph-box.ts";
import type { GreyPlane } from "./grey-plane.ts";

/** Ink that hangs together. */
export interface InkPart extends InkBox {
  readonly pixels: number;
}

/** From here on a pixel is ink. */
const inkThreshold = 128;
const mostParts = 400;

/** Connected parts (8 neighbours) of ink, the largest 400. */
export function inkParts({ width, height, values }: GreyPlane): readonly InkPart[] {
  const seen = new Uint8Array(values.length);
  const stack: number[] = [];
  const parts: InkPart[] = [];
  for (let start = 0; start < values.length; start++) {
    if (seen[start] || values[start]! < inkThreshold) continue;
    let [x0, y0, x1, y1, pixels] = [width, height, -1, -1, 0];
    seen[start] = 1;
    stack.push(start);
    while (stack.length > 0) {
      const i = stack.pop()!;
      const x = i % width;
      const y = (i - x) / width;
      x0 = Math.min(x0, x);
      x1 = Math.max(x1, x);
      y0 = Math.min(y0, y);
      y1 = Math.max(y1, y);
      pixels++;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const n = ny * width + nx;
          if (seen[n] || values[n]! < inkThreshold) continue;
          seen[n] = 1;
          stack.push(n);
        }
      }
    }
    parts.push({ x0, y0, x1, y1, pixels });
  }
  return parts.sort((a, b) => b.pixels - a.pixels).slice(0, mostParts);
}
