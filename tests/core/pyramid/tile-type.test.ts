import { describe, expect, it } from "vitest";
import { createSamples, type SampleType } from "#core/micrograph/raster.ts";
import { chooseTileEncoding, encodeSamples } from "#core/pyramid/tile-type.ts";

const extremes: readonly (readonly [SampleType, readonly number[], string])[] = [
  ["uint8", [0, 255], "u8"],
  ["int8", [-128, 0, 127], "u8"],
  ["uint16", [0, 65535], "u16"],
  ["int16", [-32768, -1, 0, 32767], "u16"],
  ["int32", [-2_000_000_000, -1_999_934_465], "u16"],
  ["uint32", [4_294_901_760, 4_294_967_295], "u16"],
  ["int32", [-16_777_216, 16_777_216], "f32"],
  ["uint32", [4_000_000_000, 4_016_777_216], "f32"],
  ["float32", [-1.5, 3.4e38], "f32"],
  ["float64", [0.25, 1024], "f32"],
];

describe("chooseTileEncoding", () => {
  it.each(extremes)("%s %j goes into %s and comes back exactly", (sampleType, values, tileType) => {
    const data = createSamples(sampleType, values.length);
    data.set(values as number[]);
    const encoding = chooseTileEncoding({
      sampleType,
      samplesPerPixel: 1,
      frames: 1,
      min: Math.min(...values),
      max: Math.max(...values),
      fitsFloat32: true,
    });
    expect(encoding.tileType).toBe(tileType);
    expect(encoding.inexact).toBeUndefined();
    const tile = encodeSamples(data, sampleType, 1, encoding);
    const { scale, offset } = encoding.tileScale;
    expect(Array.from(tile, (v) => v * scale + offset)).toEqual(Array.from(data));
  });

  it.each([
    ["int32", 0, 2 ** 31 - 1, 1],
    ["int32", 2 ** 30, 2 ** 30 + 10, 2], // a stack: later frames may lie anywhere
    ["float64", 0, 0.1, 1],
  ] as const)("%s from %d to %d in %d frames says that it is not exact", (sampleType, min, max, frames) => {
    const facts = { sampleType, samplesPerPixel: 1, frames, min, max, fitsFloat32: false } as const;
    expect(chooseTileEncoding(facts).inexact).toMatch(/rounded to float32/);
  });

  it.each([
    [-1e300, 1, "infinite in tiles"],
    [0, 3.5e38, "infinite in tiles"],
    [-3.4e38, 3.4e38, "rounded to float32"],
  ])("says whether 64-bit floats from %d to %d lose their last digits or their greys", (min, max, words) => {
    const facts = { sampleType: "float64", samplesPerPixel: 1, frames: 1, fitsFloat32: false } as const;
    expect(chooseTileEncoding({ ...facts, min, max }).inexact).toContain(words);
  });

  it("says that 16-bit colour loses depth and alpha is not shown", () => {
    const facts = {
      sampleType: "uint16",
      samplesPerPixel: 4,
      frames: 1,
      min: 0,
      max: 65535,
      fitsFloat32: true,
    } as const;
    const encoding = chooseTileEncoding(facts);
    expect(encoding).toMatchObject({
      tileType: "rgb8",
      inexact: expect.stringMatching(/8 bits.*transparency/),
    });
    expect([...encodeSamples(Uint16Array.of(0, 257, 65535, 9), "uint16", 4, encoding)]).toEqual([0, 1, 255]);
  });
});
