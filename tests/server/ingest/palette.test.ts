import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { writePng } from "#scripts/fixtures/png-writer.ts";
import { writeTiff } from "#scripts/fixtures/tiff-writer.ts";
import { renderPicture } from "#server/export/render-picture.ts";
import { renderImage } from "#server/tiles/iiif/render-image.ts";
import { createPaletteReader } from "#server/tiles/palette.ts";
import { type House, openHouse, owner, temporaryFolder } from "./house.ts";

const [width, height] = [560, 40];
/** Entries far apart: a mean of two would be neither. */
const entries = Uint8Array.from(
  { length: width * height },
  (_, i) => ((i % width) * 5 + Math.floor(i / width) * 3) % 16,
);
const colours = Uint8Array.from({ length: 16 * 3 }, (_, i) => (i * 83 + 40) % 256);
const rgb = Uint8Array.from(
  { length: entries.length * 3 },
  (_, i) => colours[entries[Math.floor(i / 3)]! * 3 + (i % 3)]!,
);

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let house: House;
beforeAll(async () => {
  root = await temporaryFolder();
  house = await openHouse(join(root.path, "data"));
  await house.ingest.start();
});
afterAll(async () => {
  await house.close();
  await root.remove();
});

async function ingest(name: string, bytes: Uint8Array): Promise<Micrograph> {
  const path = join(root.path, name);
  await writeFile(path, bytes);
  const { sourceId } = await house.ingest.ingestFile(path, owner);
  expect(await house.ingest.settled(sourceId)).toBe("ready");
  const [id] = (await house.ingest.catalogue.source(sourceId))!.micrographs;
  return (await house.ingest.catalogue.micrograph(id!))!;
}

const decoded = async (bytes: Uint8Array) => {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return { data, channels: info.channels, width: info.width };
};

const picture = { width, height, samplesPerPixel: 1, sampleType: "uint8", data: entries } as const;
const map = [0, 1, 2].flatMap((c) => Array.from({ length: 256 }, (_, i) => (colours[i * 3 + c] ?? 0) * 257));
const files = {
  "palette.tif": () => writeTiff([[picture, { photometric: 3, colourMap: map }]]),
  "palette.png": () => writePng(entries, width, height, { depth: 4, colourType: 3, palette: colours }),
  "colour.tif": () => writeTiff([[{ ...picture, samplesPerPixel: 3, data: rgb }, { photometric: 2 }]]),
} as const;

describe.each(Object.keys(files) as (keyof typeof files)[])("%s", (name) => {
  let micrograph: Micrograph;
  beforeAll(async () => {
    micrograph = await ingest(name, files[name]());
  });
  const at = (level: number) => ({
    derivation: micrograph.signals[0]!.derivation!,
    ...{ width, height, tileType: micrograph.signals[0]!.tileType, frame: 0, level, column: 0, row: 0 },
  });

  it("keeps the values it holds, and tells browsers their colours", async () => {
    const [signal] = micrograph.signals;
    const native = await house.tiles.native({ ...at(0), column: 1, row: 0 }, false);
    if (name === "colour.tif") {
      expect([signal!.tileType, signal!.palette]).toEqual(["rgb8", undefined]);
      expect([...native!.bytes.subarray(0, 3)]).toEqual([...rgb.subarray(512 * 3, 513 * 3)]);
      return;
    }
    expect(signal!.tileType).toBe("u8");
    expect(signal!.palette!.slice(0, 96)).toBe(Buffer.from(colours).toString("hex"));
    expect(native!.bytes[0]).toBe(entries[512]);
  });

  it("is shown in its colours, from near and from afar", async () => {
    const tile = await decoded((await house.tiles.display(at(0)))!);
    expect(tile.channels).toBe(3);
    // JPEG moves colours that change from pixel to pixel: on the mean they stay.
    const mean = (data: Uint8Array, c: number, stride: number, rows: number) => {
      let sum = 0;
      for (let y = 0; y < rows; y++) for (let x = 0; x < 512; x++) sum += data[(y * stride + x) * 3 + c]!;
      return sum / (512 * rows);
    };
    for (const c of [0, 1, 2])
      expect(Math.abs(mean(tile.data, c, 512, height) - mean(rgb, c, width, height))).toBeLessThan(4);
    if (name === "colour.tif") return;
    // Entries have no mean: from afar every second one is seen, and each is one that the file holds.
    const half = (await house.tiles.native(at(1), false))!.bytes;
    expect([half[0], half[1], half[width / 2]]).toEqual([entries[0], entries[2], entries[2 * width]]);
  });

  it("leaves in its colours: as IIIF and in an export", async () => {
    const [signal] = micrograph.signals;
    const palette = await createPaletteReader(house.blobs)(signal!.derivation!);
    const region = { x: 480, y: 0, width: 60, height: 40 };
    const iiif = await renderImage(
      house.tiles,
      { width, height, frame: 0, signal: { ...signal!, derivation: signal!.derivation! }, palette },
      { region, width: 60, height: 40, mirrored: false, degrees: 0, quality: "default", format: "png" },
    );
    const cut = await decoded(iiif!);
    const expected = (x: number, y: number) => [
      ...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
    ];
    expect([...cut.data.subarray(0, 3)]).toEqual(expected(480, 0));
    expect([...cut.data.subarray((39 * 60 + 59) * 3)]).toEqual(expected(539, 39));

    const request = { path: "p.png", micrographId: micrograph.id, frame: 0 };
    const whole = await decoded(
      await renderPicture({ tiles: house.tiles, ingest: house.ingest }, micrograph, {
        ...request,
        window: signal!.window,
      }),
    );
    expect([whole.channels, Buffer.compare(whole.data, Buffer.from(rgb))]).toEqual([3, 0]);
  });
});
