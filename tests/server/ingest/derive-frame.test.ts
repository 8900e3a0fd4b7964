import { mkdtemp, open, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { channelsOf, halve, type TileArray, type TileType } from "#core/pyramid/downsample.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { encodeSamples } from "#core/pyramid/tile-type.ts";
import { derivedFileNames, deriveFrame, type FrameSummary } from "#server/ingest/derive-frame.ts";
import { readBigTiffIndex } from "#server/tiles/big-tiff.ts";
import { readDisplayTilesIndex } from "#server/tiles/display-tiles.ts";
import { locateTile } from "#server/tiles/tile-index.ts";
import { type Phantom, phantomImage } from "./phantom-image.ts";

let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), "lamella-derive-"))));
afterAll(() => rm(root, { recursive: true, force: true }));

async function derive(phantom: Phantom, frame = 0) {
  const folder = await mkdtemp(join(root, "d-"));
  const summary = await deriveFrame(phantom.image, frame, undefined, folder, () => undefined);
  return { folder, summary };
}

/** All pixels of a level, put together from its tiles. */
async function readLevel(path: string, phantom: Phantom, tileType: TileType, at: number) {
  const levels = pyramidLevels(phantom.image.width, phantom.image.height);
  const level = levels[at]!;
  const file = await open(path);
  const read = async (offset: number, length: number) => {
    const bytes = new Uint8Array(length);
    await file.read(bytes, 0, length, offset);
    return bytes;
  };
  const { index, packing } = await readBigTiffIndex(read, (await file.stat()).size, levels);
  const channels = channelsOf[tileType];
  const Samples = tileType === "u16" ? Uint16Array : tileType === "f32" ? Float32Array : Uint8Array;
  const out = new Samples(level.width * level.height * channels);
  for (let row = 0; row < level.rows; row++) {
    for (let column = 0; column < level.columns; column++) {
      const place = locateTile(index, levels, { level: at, column, row })!;
      const stored = await read(place.offset, place.length);
      const bytes = packing === "deflate" ? inflateSync(stored) : stored;
      const tile = new Samples(bytes.buffer, bytes.byteOffset, tileSizePx * tileSizePx * channels);
      const width = Math.min(tileSizePx, level.width - column * tileSizePx);
      const height = Math.min(tileSizePx, level.height - row * tileSizePx);
      for (let y = 0; y < height; y++) {
        const from = tile.subarray(y * tileSizePx * channels, (y * tileSizePx + width) * channels);
        out.set(from, ((row * tileSizePx + y) * level.width + column * tileSizePx) * channels);
      }
    }
  }
  await file.close();
  return out;
}

const cases = [
  ["uint8", 1, "u8"],
  ["uint16", 1, "u16"],
  ["int16", 1, "u16"],
  ["int32", 1, "f32"],
  ["float32", 1, "f32"],
  ["uint8", 3, "rgb8"],
  ["uint8", 4, "rgb8"],
] as const;

describe.each(cases)("%s × %d", (sampleType, samplesPerPixel, tileType) => {
  // Non-square, odd, several tiles each way, and a bottom row of a single pixel at level 1.
  const [width, height] = [1301, 1025];
  let phantom: Phantom;
  let folder: string;
  let summary: FrameSummary;
  let expected: TileArray;
  beforeAll(async () => {
    phantom = phantomImage(sampleType, width, height, { samplesPerPixel });
    ({ folder, summary } = await derive(phantom));
    expected = encodeSamples(phantom.frames[0]!, sampleType, samplesPerPixel, summary.encoding);
  });

  it(`holds every recorded value in ${tileType} tiles`, async () => {
    expect(summary.encoding.tileType).toBe(tileType);
    const found = await readLevel(join(folder, derivedFileNames.native), phantom, tileType, 0);
    const { scale, offset } = summary.encoding.tileScale;
    if (samplesPerPixel === 1) {
      const recorded = phantom.frames[0]!;
      expect(found.findIndex((v, i) => v * scale + offset !== recorded[i])).toBe(-1);
    } else expect(Buffer.compare(Buffer.from(found.buffer), Buffer.from(expected.buffer))).toBe(0);
  });

  it("has levels that are means of the one above, whatever the strips", async () => {
    let above = expected;
    for (const level of pyramidLevels(width, height).slice(1)) {
      const previous = pyramidLevels(width, height)[level.level - 1]!;
      above = halve(tileType, above, previous.width, previous.height);
      const found = await readLevel(join(folder, derivedFileNames.native), phantom, tileType, level.level);
      expect(found.length).toBe(level.width * level.height * channelsOf[tileType]);
      expect(found.findIndex((v, i) => !Object.is(v, above[i]))).toBe(-1);
    }
  });

  it("opens in libvips, with identical pixels at every level", async () => {
    const path = join(folder, derivedFileNames.native);
    const levels = pyramidLevels(width, height);
    expect((await sharp(path).metadata()).pages).toBe(levels.length);
    for (const level of levels) {
      const depth = { u8: "uchar", u16: "ushort", f32: "float", rgb8: "uchar" } as const;
      const space = { u8: "b-w", u16: "grey16", f32: "b-w", rgb8: "srgb" } as const;
      const { data, info } = await sharp(path, { page: level.level })
        .toColourspace(space[tileType])
        .raw({ depth: depth[tileType] })
        .toBuffer({ resolveWithObject: true });
      expect([info.width, info.height, info.channels]).toEqual([
        level.width,
        level.height,
        channelsOf[tileType],
      ]);
      const found = await readLevel(path, phantom, tileType, level.level);
      expect(Buffer.compare(data, Buffer.from(found.buffer))).toBe(0);
    }
  });

  it("keeps statistics of every pixel", () => {
    if (samplesPerPixel !== 1) return expect(summary.window).toEqual({ low: 0, high: 255 });
    const values = phantom.frames[0]! as Float64Array;
    expect(summary.range.min).toBe(values.reduce((a, b) => Math.min(a, b)));
    expect(summary.range.max).toBe(values.reduce((a, b) => Math.max(a, b)));
    expect(summary.range.mean).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 6);
    expect(summary.histogram.reduce((a, b) => a + b)).toBe(width * height);
  });

  it("has clipped display tiles that show the window, and a thumbnail", async () => {
    const levels = pyramidLevels(width, height);
    const bytes = await readFile(join(folder, derivedFileNames.display));
    const read = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
    const index = await readDisplayTilesIndex(read, bytes.length, levels);
    const place = locateTile(index, levels, { level: 0, column: 2, row: 2 })!;
    const corner = await sharp(bytes.subarray(place.offset, place.offset + place.length)).metadata();
    expect([corner.width, corner.height]).toEqual([width - 1024, 1]);
    expect(corner.channels).toBe(samplesPerPixel === 1 ? 1 : 3);
    const first = locateTile(index, levels, { level: 2, column: 0, row: 0 })!;
    const tile = await sharp(bytes.subarray(first.offset, first.offset + first.length)).stats();
    expect(tile.channels[0]!.mean).toBeGreaterThan(60); // the ramp runs from black to white
    expect(tile.channels[0]!.mean).toBeLessThan(195);
    const small = await sharp(join(folder, derivedFileNames.thumbnail)).metadata();
    expect([small.format, Math.max(small.width, small.height)]).toEqual(["jpeg", 480]);
  });
});

describe("8 bits", () => {
  it("noise lies as it is, a calm picture is packed: both to the last pixel", async () => {
    const noisy = phantomImage("uint8", 700, 530);
    const calm = phantomImage("uint8", 700, 530);
    (calm.frames[0] as Uint8Array).forEach((_, i, all) => {
      all[i] = Math.floor((i % 700) / 100);
    });
    const sizes = [];
    for (const phantom of [noisy, calm]) {
      const { folder } = await derive(phantom);
      const path = join(folder, derivedFileNames.native);
      expect(await readLevel(path, phantom, "u8", 0)).toEqual(phantom.frames[0]);
      sizes.push((await stat(path)).size);
    }
    const raw = 5 * tileSizePx ** 2; // four tiles and one, padded
    expect(sizes[0]).toBeGreaterThan(raw);
    expect(sizes[1]).toBeLessThan(raw / 10);
  });
});

describe("unusual frames", () => {
  it.each([
    [1, 1],
    [7, 1500],
    [513, 2],
  ])("%d × %d px", async (width, height) => {
    const phantom = phantomImage("uint16", width, height);
    const { folder } = await derive(phantom);
    const found = await readLevel(join(folder, derivedFileNames.native), phantom, "u16", 0);
    expect(found).toEqual(phantom.frames[0]);
  });

  it("NaN and infinities stay what they are in the tiles, and are counted", async () => {
    const phantom = phantomImage("float32", 600, 40);
    const samples = phantom.frames[0]! as Float32Array;
    samples.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 1000);
    const { folder, summary } = await derive(phantom);
    const found = await readLevel(join(folder, derivedFileNames.native), phantom, "f32", 0);
    expect(found).toEqual(samples);
    expect(summary.nonFiniteCount).toBe(3);
    expect(Number.isFinite(summary.range.mean)).toBe(true);
  });

  it("a later frame keeps the look of the first", async () => {
    const phantom = phantomImage("uint16", 90, 60, { frames: 2 });
    const first = await derive(phantom);
    const folder = await mkdtemp(join(root, "d-"));
    const later = await deriveFrame(phantom.image, 1, first.summary, folder, () => undefined);
    expect(later.window).toEqual(first.summary.window);
    const found = await readLevel(join(folder, derivedFileNames.native), phantom, "u16", 0);
    expect(found).toEqual(phantom.frames[1]);
  });
});
