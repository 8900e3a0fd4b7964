import { describe, expect, it } from "vitest";
import { toImage, toScreen } from "#client/viewer/frames.ts";
import { createShader } from "#client/viewer/shade.ts";
import { imagePoint, screenPoint } from "#core/geometry/point.ts";

const grey = { low: 1000, high: 1255, gamma: 1, invert: false, colourMap: "grey" } as const;
const asIs = { scale: 1, offset: 0 };
const channels = (word: number) => [word & 255, (word >> 8) & 255, (word >> 16) & 255, word >>> 24];

describe("shading", () => {
  it("u16 and f32 of the same values give the same colours", () => {
    const values = [0, 999, 1000, 1001, 1128, 1254, 1255, 1256, 65535];
    const a = new Uint32Array(values.length);
    const b = new Uint32Array(values.length);
    for (const display of [grey, { ...grey, gamma: 2.2, invert: true, colourMap: "inferno" as const }]) {
      const shader = createShader(display);
      shader.shade({ type: "u16", data: Uint16Array.from(values) }, asIs, a);
      shader.shade({ type: "f32", data: Float32Array.from(values) }, asIs, b);
      expect([...a]).toEqual([...b]);
    }
  });

  it("two samples at a time are the same as one by one, wherever the tile lies", () => {
    const all = Uint16Array.from({ length: 64 }, (_, i) => (i * 1021) % 65536);
    const one = new Uint32Array(1);
    for (const data of [all, all.subarray(1, 33), all.subarray(2, 9)]) {
      const pixels = new Uint32Array(data.length);
      createShader(grey).shade({ type: "u16", data }, asIs, pixels);
      data.forEach((value, i) => {
        createShader(grey).shade({ type: "u16", data: Uint16Array.of(value) }, asIs, one);
        expect(pixels[i]).toBe(one[0]);
      });
    }
  });

  it("a palette stands in for the window, for 8-bit samples alone", () => {
    const palette = new Uint8Array(768);
    palette.set([1, 2, 3], 3 * 7);
    const shader = createShader({ ...grey, low: 0, high: 255 }, palette);
    const out = new Uint32Array(2);
    shader.shade({ type: "u8", data: Uint8Array.of(7, 8) }, asIs, out);
    expect([...out].map(channels)).toEqual([
      [1, 2, 3, 255],
      [0, 0, 0, 255],
    ]);
    shader.shade({ type: "u16", data: Uint16Array.of(7, 8) }, asIs, out);
    expect(channels(out[0]!)).toEqual([7, 7, 7, 255]);
  });

  it("the window maps its ends to black and white, opaque", () => {
    const out = new Uint32Array(3);
    createShader(grey).shade({ type: "u16", data: Uint16Array.of(1000, 1100, 1255) }, asIs, out);
    expect([...out].map(channels)).toEqual([
      [0, 0, 0, 255],
      [100, 100, 100, 255],
      [255, 255, 255, 255],
    ]);
  });

  it("counts in the tile's own scale: a signed image with an offset", () => {
    const out = new Uint32Array(1);
    createShader({ ...grey, low: -32768, high: -32513 }).shade(
      { type: "u16", data: Uint16Array.of(55) },
      { scale: 1, offset: -32768 },
      out,
    );
    expect(channels(out[0]!)).toEqual([55, 55, 55, 255]);
  });

  it("colour is shown as recorded", () => {
    const out = new Uint32Array(1);
    createShader(grey).shade({ type: "rgb8", data: Uint8Array.of(10, 20, 30) }, asIs, out);
    expect(channels(out[0]!)).toEqual([10, 20, 30, 255]);
  });
});

it("image → screen → image comes back", () => {
  const frame = { corner: imagePoint(-12.5, 40), scale: 3.25 };
  expect(toScreen(frame, imagePoint(-12.5, 40))).toEqual({ x: 0, y: 0 });
  const there = toImage(frame, screenPoint(100, 65));
  expect(toScreen(frame, there).x).toBeCloseTo(100, 12);
  expect(there.y).toBeCloseTo(60, 12);
});
