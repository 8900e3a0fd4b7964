import { describe, expect, it } from "vitest";
import { toneCurve } from "#core/pyramid/display-window.ts";
import { createDisplayShader } from "#server/tiles/display-shader.ts";

const window = { low: 40, high: 171 };
const encoding = { tileType: "u8", tileScale: { scale: 1, offset: 0 } } as const;
const stride = 64;
const strip = Uint8Array.from({ length: stride * 3 }, (_, i) => (i * 37) % 256);

describe("8-bit tiles in their window", () => {
  // Four pixels a step where rows lie on words, one by one where they do not: the same shades.
  it.each([
    [0, 64, 3],
    [4, 32, 2],
    [3, 31, 3],
    [8, 30, 1],
  ])("from column %i, %i × %i px", (x, width, rows) => {
    for (const invert of [false, true]) {
      const shader = createDisplayShader(encoding, window, { invert });
      const shade = toneCurve({ ...window, invert });
      const shaded = shader.shade(strip, { stride, x, width, rows }, new Uint8Array(stride * 3));
      const expected = Array.from({ length: width * rows }, (_, i) =>
        shade(strip[Math.floor(i / width) * stride + x + (i % width)]!),
      );
      expect([...shaded]).toEqual(expected);
    }
  });
});

describe("16-bit tiles in their window", () => {
  it.each([
    [0, 64, 3],
    [1, 33, 3],
    [2, 31, 2],
    [0, 63, 1],
  ])("from column %i, %i × %i px: the same shades, two at a time or one by one", (x, width, rows) => {
    const words = Uint16Array.from(strip, (v) => v * 3);
    const wide = { low: 100, high: 600 };
    const shader = createDisplayShader({ ...encoding, tileType: "u16" }, wide, undefined);
    const shaded = shader.shade(words, { stride, x, width, rows }, new Uint8Array(stride * 3));
    const expected = Array.from({ length: width * rows }, (_, i) =>
      toneCurve(wide)(words[Math.floor(i / width) * stride + x + (i % width)]!),
    );
    expect([...shaded]).toEqual(expected);
  });
});
