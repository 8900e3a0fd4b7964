import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { dm3Reader, dm4Reader } from "#core/formats/dm.ts";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { createRandom } from "#core/random/generator.ts";
import {
  type FourierPlane,
  fourierPlane,
  packRightHalf,
  packTucked,
} from "#scripts/fixtures/dm-packed-complex.ts";
import { type DmImage, writeDm } from "#scripts/fixtures/dm-writer.ts";
import { describeFile } from "#server/commands/describe-file.ts";
import { openSource } from "#server/ingest/open-source.ts";
import { type FormatFixture, formatReaderContract, testContext } from "../contracts/format-reader.ts";

/** A picture that no mirror or turn leaves alone: noise over a slope and a corner that is bright. */
function picture(width: number, height: number): number[] {
  const random = createRandom(width * 100 + height);
  return Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return Math.floor(random() * 40) + 3 * x + 7 * y + (x < 3 && y < 2 ? 90 : 0);
  });
}

/** Its transform on a grid of 1/256, which float32 holds exactly: what is compared below is the same to the last bit. */
function transform(width: number, height: number): FourierPlane {
  const plane = fourierPlane(picture(width, height), width, height);
  const snap = (values: Float64Array) => values.map((v) => Math.round(v * 256) / 256);
  return { ...plane, re: snap(plane.re), im: snap(plane.im) };
}

const moduli = ({ re, im }: FourierPlane) => Float32Array.from(re, (v, i) => Math.hypot(v, im[i]!));

const image = (dataType: number, width: number, height: number, data: DmImage["data"]): DmImage => ({
  name: `FFT of ${width} × ${height}`,
  dimensions: [width, height],
  dataType,
  data,
  calibrations: [
    { scale: 0.02, unit: "1/nm" },
    { scale: 0.04, unit: "1/nm" },
  ],
});

const packed = (version: 3 | 4, type: 5 | 27 | 28, width: number, height: number): FormatFixture => {
  const plane = transform(width, height);
  const pairs = type === 5 ? packTucked(plane) : packRightHalf(plane);
  const data = type === 28 ? Float64Array.from(pairs) : Float32Array.from(pairs);
  return {
    name: `type ${type} ${width} x ${height}.dm${version}`,
    bytes: writeDm(version, [image(type, width, height, data)]),
    frames: [moduli(plane)],
  };
};

formatReaderContract(dm3Reader, [packed(3, 5, 8, 8), packed(3, 5, 10, 6), packed(3, 27, 8, 6)]);
formatReaderContract(dm4Reader, [
  packed(4, 5, 6, 6),
  packed(4, 27, 7, 5),
  packed(4, 27, 6, 9),
  packed(4, 28, 5, 8),
  packed(4, 28, 10, 7),
]);

describe("half Fourier transforms of DigitalMicrograph", () => {
  const open = (images: readonly DmImage[]) =>
    dm4Reader.open(memoryByteSource(writeDm(4, images)), testContext("a.dm4"));

  it("are diffraction pictures per axis, complex, and say what was completed", async () => {
    const { images } = await open([image(27, 4, 6, Float32Array.from(packRightHalf(transform(4, 6))))]);
    expect(images[0]).toMatchObject({
      ...{ kind: "diffraction", width: 4, height: 6, frames: 1, sampleType: "float32", complex: true },
      calibration: {
        state: "calibrated",
        unit: "1/nm",
        pixelSize: { x: expect.closeTo(0.02, 6), y: expect.closeTo(0.04, 6) },
      },
    });
    expect(images[0]!.warnings).toEqual([expect.stringMatching(/one half of a Fourier transform.*symmetry/)]);
    const tucked = await open([image(5, 6, 6, Float32Array.from(packTucked(transform(6, 6))))]);
    expect(tucked.images[0]!.warnings).toEqual([expect.stringContaining("completed by symmetry")]);
  });

  it("lie as in the one such file that is public: a ramp of 5 × 5 has 120 bytes, and its sum first in the middle row", async () => {
    const ramp = Array.from({ length: 25 }, (_, i) => i % 5);
    const stored = Float32Array.from(packRightHalf(fourierPlane(ramp, 5, 5)));
    expect([stored.byteLength, stored[2 * 3 * 2]]).toEqual([120, 50]);
    const { images } = await open([image(27, 5, 5, stored)]);
    const { data } = await images[0]!.readRegion(0, 0, 2, 5, 1);
    // |Σ x·exp(−2πikx/5)| · 5 = 12.5 / sin(πk/5)
    const side = (k: number) => expect.closeTo(12.5 / Math.sin((Math.PI * k) / 5), 4);
    expect(Array.from(data)).toEqual([side(2), side(1), 50, side(1), side(2)]);
  });

  it("show a spot on both sides of the centre, along the wave that makes it", async () => {
    const [width, height] = [12, 10];
    const wave = Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return Math.cos(2 * Math.PI * ((2 * x) / width + (3 * y) / height));
    });
    const stored = Float32Array.from(packRightHalf(fourierPlane(wave, width, height)));
    const { data } = await (await open([image(27, width, height, stored)])).images[0]!.readRegion(
      ...([0, 0, 0, width, height] as const),
    );
    const spots = Array.from(data.entries()).filter(([, value]) => value > 1);
    expect(spots.map(([i]) => [(i % width) - 6, Math.floor(i / width) - 5])).toEqual([
      [-2, -3],
      [2, 3],
    ]);
  });

  it.each([
    ["too few numbers", image(27, 8, 6, new Float32Array(2 * 5 * 6 - 2)), "malformed", "240 bytes"],
    ["a whole plane", image(27, 8, 6, new Float32Array(2 * 8 * 6)), "malformed", "384 are stored"],
    ["half the precision", image(28, 8, 6, new Float32Array(2 * 5 * 6)), "malformed", "480 bytes"],
    ["tucked, odd columns", image(5, 7, 6, new Float32Array(42)), "unsupported", "even sides only"],
    ["tucked, odd rows", image(5, 6, 7, new Float32Array(42)), "unsupported", "even sides only"],
    ["tucked, too long", image(5, 4, 4, new Float32Array(18)), "malformed", "64 bytes"],
    [
      "a stack",
      { ...image(27, 4, 4, new Float32Array(2 * 3 * 4 * 2)), dimensions: [4, 4, 2] },
      "unsupported",
      "one by one",
    ],
  ])("%s: refused with a sentence", async (_, picture, code, words) => {
    await expect(open([picture])).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });
});

const recorded = resolve(import.meta.dirname, "../../../shared/micrographs/dm/JEOL HAADF Image.dm4");

describe.skipIf(!existsSync(recorded))("the transform of a recorded micrograph", () => {
  it("gives info every sample and the statistics of the whole plane", async () => {
    const [width, height] = [36, 28];
    const limits = { maxPixelsPerFrame: 1 << 22, maxImages: 10 };
    await using opened = await openSource({ path: recorded, fileName: "haadf.dm4", limits });
    const { data: pixels } = await opened.file.images[0]!.readRegion(0, 20, 30, width, height);
    const plane = fourierPlane(pixels, width, height);
    const wanted = Array.from(plane.re, (v, i) => Math.hypot(v, plane.im[i]!));

    const folder = await mkdtemp(join(tmpdir(), "lamella-fft-"));
    try {
      const path = join(folder, "fft.dm4");
      const stored = Float64Array.from(packRightHalf(plane));
      await writeFile(path, writeDm(4, [image(28, width, height, stored)]));
      const samples = wanted.map((_, i) => ({ frame: 0, x: i % width, y: Math.floor(i / width) }));
      const answer = await describeFile("fft.dm4", path, true, samples);
      expect(answer.error).toBeUndefined();
      const { stats, samples: read, ...facts } = answer.images![0]!;
      expect(facts).toMatchObject({ width, height, frames: 1, kind: "diffraction" });
      const relative = (value: number, to: number) => Math.abs(value - to) / Math.max(to, 1e-3);
      for (const [i, value] of wanted.entries())
        expect(relative(Number(read![i]!.value), value)).toBeLessThan(1e-6);
      expect(relative(stats!.min!, Math.min(...wanted))).toBeLessThan(1e-6);
      expect(relative(stats!.max!, Math.max(...wanted))).toBeLessThan(1e-6);
      const mean = wanted.reduce((sum, v) => sum + v, 0) / wanted.length;
      expect(relative(stats!.mean!, mean)).toBeLessThan(1e-6);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
