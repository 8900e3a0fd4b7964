import { createHash } from "node:crypto";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { frameListText } from "#core/formats/frame-list.ts";
import { jpegReader } from "#core/formats/jpeg.ts";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { openFile } from "#core/formats/open-file.ts";
import { uprightImage } from "#core/formats/orientation.ts";
import type { SourceImage } from "#core/formats/reader.ts";
import { calibrationFromFile } from "#core/micrograph/calibration.ts";
import { withOrientation } from "#scripts/fixtures/jpeg-orientation.ts";
import { type FormatFixture, formatReaderContract, testContext } from "../contracts/format-reader.ts";
import { height, jpegBytes, width } from "./tiny-pictures.ts";

const orientations = [1, 2, 3, 4, 5, 6, 7, 8] as const;
type Channels = 1 | 3;

/** No mirror or turn leaves it alone, and it is larger than a block of 8 × 8 both ways. */
const [wide, high] = [21, 13];
const content = (channels: Channels) =>
  Uint8Array.from({ length: wide * high * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return ((pixel % wide) * 11 + Math.floor(pixel / wide) * 5 + (i % channels) * 60) % 256;
  });

const jpeg = async (orientation: number, channels: Channels) => {
  const picture = sharp(content(channels), { raw: { width: wide, height: high, channels } });
  const bytes = await picture.toColourspace(space(channels)).jpeg({ quality: 92 }).toBuffer();
  return withOrientation(bytes, orientation);
};

const space = (channels: Channels) => (channels === 1 ? "b-w" : "srgb");

/** What libvips itself makes of the tag. */
const turnedByLibvips = async (bytes: Uint8Array, channels: Channels) => {
  const turned = sharp(bytes, { autoOrient: true, ignoreIcc: true }).toColourspace(space(channels));
  const { data, info } = await turned.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
};

/** TIFF 6.0's words for tag 274, as the stored column and row of the upright picture's pixel (x, y). */
const places: Readonly<Record<number, (x: number, y: number) => readonly [number, number]>> = {
  1: (x, y) => [x, y], // row 0 on top, column 0 on the left
  2: (x, y) => [wide - 1 - x, y], // top, right
  3: (x, y) => [wide - 1 - x, high - 1 - y], // bottom, right
  4: (x, y) => [x, high - 1 - y], // bottom, left
  5: (x, y) => [y, x], // left, top: row 0 is the left column
  6: (x, y) => [y, high - 1 - x], // right, top
  7: (x, y) => [wide - 1 - y, high - 1 - x], // right, bottom
  8: (x, y) => [wide - 1 - y, x], // left, bottom
};

const fixture = async (orientation: number, channels: Channels): Promise<FormatFixture> => {
  const bytes = await jpeg(orientation, channels);
  const { data } = await turnedByLibvips(bytes, channels);
  return { name: `orientation ${orientation} of ${channels}.jpg`, bytes, frames: [data] };
};

formatReaderContract(jpegReader, await Promise.all([fixture(6, 1), fixture(7, 3), fixture(3, 1)]));

describe("a JPEG with an orientation", () => {
  const open = async (bytes: Uint8Array, asRecorded = false) =>
    await openFile(memoryByteSource(bytes), { ...testContext("a.jpg"), asRecorded });
  const whole = (image: SourceImage) => image.readRegion(0, 0, 0, image.width, image.height);

  it.each(orientations.flatMap((o) => [[o, 1] as const, [o, 3] as const]))(
    "%i of %i channels: every decoded sample is where the tag wants it, and where libvips puts it",
    async (orientation, channels) => {
      const bytes = await jpeg(orientation, channels);
      const { images, tags } = await open(bytes);
      const stored = await sharp(bytes, { ignoreIcc: true }).toColourspace(space(channels)).raw().toBuffer();
      const [w, h] = orientation >= 5 ? [high, wide] : [wide, high];
      const wanted: number[] = [];
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) {
          const [column, row] = places[orientation]!(x, y);
          const at = (row * wide + column) * channels;
          wanted.push(...stored.subarray(at, at + channels));
        }
      const raster = await whole(images[0]!);
      expect([raster.width, raster.height, images[0]!.width, images[0]!.height]).toEqual([w, h, w, h]);
      expect(Array.from(raster.data)).toEqual(wanted);
      expect(Array.from((await turnedByLibvips(bytes, channels)).data)).toEqual(wanted);
      expect(tags).toMatchObject({ orientation, width: wide, height: high });
    },
  );

  it("is told to have been turned; one that asks for nothing, or is taken as recorded, is not", async () => {
    const bytes = await jpeg(6, 1);
    const turned = (await open(bytes)).images[0]!;
    expect(turned.followsOrientation).toBe(true);
    expect(turned.warnings).toEqual([
      expect.stringContaining("turned 90° to the right, as the file's orientation tag asks (6)"),
    ]);
    const recorded = (await open(bytes, true)).images[0]!;
    expect([recorded.width, recorded.height, recorded.followsOrientation]).toEqual([wide, high, undefined]);
    expect(recorded.warnings).toEqual([expect.stringMatching(/\(orientation 6\).*as it was recorded/)]);
    const upright = (await open(await jpeg(1, 1))).images[0]!;
    expect([upright.warnings, upright.followsOrientation]).toEqual([[], undefined]);
  });

  it("keeps a calibration with its axes", async () => {
    const plain = (await open(await jpeg(1, 1))).images[0]!;
    const calibration = calibrationFromFile(2, 3, "nm", "test");
    const sizeOf = (orientation: number) => {
      const turned = uprightImage({ ...plain, calibration }, orientation);
      return turned.calibration.state === "calibrated" && turned.calibration.pixelSize;
    };
    for (const orientation of [1, 2, 3, 4]) expect(sizeOf(orientation)).toEqual({ x: 2, y: 3 });
    for (const orientation of [5, 6, 7, 8]) expect(sizeOf(orientation)).toEqual({ x: 3, y: 2 });
  });

  it("as a frame of a stack is turned as its own file asks, in a stack that says so", async () => {
    const files = await Promise.all([6, 8].map((orientation) => jpeg(orientation, 1)));
    const hashes = files.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
    const text = frameListText({
      name: "run",
      frames: hashes.map((sha256, i) => ({ sha256, fileName: `run_${i}.jpg` })),
      timesS: null,
      timesFrom: null,
    });
    const list = memoryByteSource(new TextEncoder().encode(text));
    const sidecars = files.map((bytes, i) => ({ name: hashes[i]!, source: memoryByteSource(bytes) }));
    const openStack = async (asRecorded: boolean) =>
      (await openFile(list, { ...testContext("run.frames.json"), sidecars, asRecorded })).images[0]!;

    const turned = await openStack(false);
    expect([turned.width, turned.height, turned.followsOrientation]).toEqual([high, wide, true]);
    const recorded = await openStack(true);
    expect([recorded.width, recorded.height, recorded.followsOrientation]).toEqual([wide, high, undefined]);
    for (const [frame, bytes] of files.entries()) {
      const upright = await turned.readRegion(frame, 0, 0, high, wide);
      expect(Array.from(upright.data)).toEqual(Array.from((await turnedByLibvips(bytes, 1)).data));
      const asStored = await recorded.readRegion(frame, 0, 0, wide, high);
      expect(Array.from(asStored.data)).toEqual(
        Array.from((await whole((await open(bytes, true)).images[0]!)).data),
      );
    }
  });

  it("reads strips without a second copy of the picture", async () => {
    const samples: number[] = [];
    const [w, h] = [400, 300];
    const stored: SourceImage = {
      ...(await open(await jpeg(1, 1))).images[0]!,
      ...{ width: w, height: h },
      async readRegion(_, x, y, columns, rows) {
        samples.push(columns * rows);
        const data = Uint8Array.from({ length: columns * rows }, (_, i) => {
          return (x + (i % columns)) * 7 + (y + Math.floor(i / columns)) * 13;
        });
        return { width: columns, height: rows, samplesPerPixel: 1, sampleType: "uint8", data };
      },
    };
    const turned = uprightImage(stored, 6);
    const strip = await turned.readRegion(0, 0, 40, 300, 16);
    expect(samples).toEqual([300 * 16]);
    expect(strip.data[5 * 300 + 12]).toBe((45 * 7 + (h - 1 - 12) * 13) % 256);
  });
});

describe("a JPEG with a damaged orientation", () => {
  it("is shown as recorded", async () => {
    for (const value of [0, 9, 255]) {
      const damaged = memoryByteSource(withOrientation(jpegBytes, value));
      const { images } = await openFile(damaged, testContext("a.jpg"));
      expect([images[0]!.width, images[0]!.height, images[0]!.warnings]).toEqual([width, height, []]);
    }
  });
});
