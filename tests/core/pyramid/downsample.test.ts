import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelsOf, createTileArray, halve } from "#core/pyramid/downsample.ts";
import { createRandom } from "#core/random/generator.ts";

/** The rule in its plainest form: for each block, the mean of what exists. */
function meansOfBlocks(data: ArrayLike<number>, width: number, height: number, channels: number): number[] {
  const out: number[] = [];
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      for (let c = 0; c < channels; c++) {
        const block: number[] = [];
        for (const [dx, dy] of [
          [0, 0],
          [1, 0],
          [0, 1],
          [1, 1],
        ] as const) {
          if (x + dx < width && y + dy < height)
            block.push(data[((y + dy) * width + x + dx) * channels + c]!);
        }
        const finite = block.filter(Number.isFinite);
        out.push(finite.length === 0 ? Number.NaN : finite.reduce((a, b) => a + b, 0) / finite.length);
      }
    }
  }
  return out;
}

const size = fc.integer({ min: 1, max: 9 });

describe("halve", () => {
  it("by hand: 3 × 3 of 16 bits, odd edges averaged over what exists, halves up", () => {
    const data = Uint16Array.from([0, 1, 10, 2, 4, 13, 65535, 65534, 7]);
    // (0+1+2+4)/4 = 1.75 → 2; (10+13)/2 = 11.5 → 12; (65535+65534)/2 = 65534.5 → 65535; 7
    expect([...halve("u16", data, 3, 3)]).toEqual([2, 12, 65535, 7]);
  });

  it.each(["u8", "u16", "rgb8"] as const)("%s: the rounded mean of every block", (type) => {
    const channels = channelsOf[type];
    const max = type === "u16" ? 65535 : 255;
    fc.assert(
      fc.property(size, size, fc.infiniteStream(fc.integer({ min: 0, max })), (width, height, values) => {
        const data = new (type === "u16" ? Uint16Array : Uint8Array)(width * height * channels);
        for (let i = 0; i < data.length; i++) data[i] = values.next().value as number;
        const expected = meansOfBlocks(data, width, height, channels).map((v) => Math.floor(v + 0.5));
        expect([...halve(type, data, width, height)]).toEqual(expected);
      }),
    );
  });

  it("f32: means of the finite samples, NaN where there is none", () => {
    const sample = fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(size, size, fc.infiniteStream(sample), (width, height, values) => {
        const data = new Float32Array(width * height);
        for (let i = 0; i < data.length; i++) data[i] = values.next().value as number;
        const expected = Float32Array.from(meansOfBlocks(data, width, height, 1));
        expect(halve("f32", data, width, height)).toEqual(expected);
      }),
    );
  });
});

describe("the paths that take several samples at a time", () => {
  const random = createRandom(Number(process.env.SEED ?? 5));

  it.each([
    ["u8", 255, 64, 37],
    ["u8", 255, 4, 2],
    ["u16", 65535, 62, 37],
    ["u16", 65535, 2, 1],
  ] as const)("%s up to %i, %i × %i: the rounded mean, whatever the values", (type, most, width, height) => {
    const data = createTileArray(type, width * height);
    for (let i = 0; i < data.length; i++) data[i] = random() < 0.2 ? most : Math.floor(random() * (most + 1));
    expect(Array.from(halve(type, data, width, height))).toEqual(
      meansOfBlocks(data, width, height, 1).map((mean) => Math.floor(mean + 0.5)),
    );
  });
});
