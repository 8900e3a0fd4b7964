import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { openFile } from "#core/formats/open-file.ts";
import { FormatError } from "#core/formats/reader.ts";
import { pyramidLevels } from "#core/pyramid/levels.ts";
import { createRandom } from "#core/random/generator.ts";
import { type CopiesBy, writePyramidTiff } from "#scripts/fixtures/pyramid-tiff-writer.ts";
import { childrenOf } from "#scripts/process-tree.ts";
import { nodeCodecs } from "#server/ingest/codecs.ts";
import { openSource } from "#server/ingest/open-source.ts";
import { derivedKeys } from "#server/tiles/derived-keys.ts";
import { createTileStore } from "#server/tiles/tile-store.ts";
import { type House, openHouse, owner, temporaryFolder } from "./house.ts";
import { phantomImage } from "./phantom-image.ts";

const limits = { maxPixelsPerFrame: 2 ** 31, maxImages: 16 };
let root: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  root = await temporaryFolder();
});
afterEach(() => root.remove());

describe("copies in a pyramidal TIFF", () => {
  it.each(["mark", "children", "size"] as const)(
    "told by %s, they belong to the one picture",
    async (by: CopiesBy) => {
      const path = join(root.path, "pyramid.tif");
      const truth = await writePyramidTiff(path, 5001, 3002, by);
      await using opened = await openSource({ path, fileName: "pyramid.tif", limits });
      const { images } = opened.file;
      expect(images.map(({ width, height }) => [width, height])).toEqual([[5001, 3002]]);
      expect(images[0]!.reductions!.map(({ width, height }) => ({ width, height }))).toEqual(
        truth.levels.slice(1),
      );
      const { data } = await images[0]!.reductions![1]!.readRegion(300, 255, 3, 2);
      expect([...data]).toEqual(
        [255, 256].flatMap((y) => [300, 301, 302].map((x) => truth.valueAt(2, x, y))),
      );
    },
  );

  it("as libvips writes them, 16 bits packed with a predictor, they hold its pixels", async () => {
    const { frames } = phantomImage("uint16", 2101, 1300);
    const raw = { width: 2101, height: 1300, channels: 1 } as const;
    const options = {
      tile: true,
      tileWidth: 256,
      tileHeight: 256,
      pyramid: true,
      compression: "lzw",
    } as const;
    const path = join(root.path, "libvips.tif");
    await sharp(frames[0] as Uint16Array, { raw })
      .toColourspace("grey16")
      .tiff(options)
      .toFile(path);
    await using opened = await openSource({ path, fileName: "libvips.tif", limits });
    const [image] = opened.file.images;
    expect([opened.file.images.length, image!.reductions!.length]).toEqual([1, 4]);
    for (const [i, copy] of image!.reductions!.entries()) {
      const found = await copy.readRegion(0, 0, copy.width, copy.height);
      const page = sharp(path, { page: i + 1 })
        .toColourspace("grey16")
        .raw({ depth: "ushort" });
      expect(Buffer.compare(await page.toBuffer(), Buffer.from(found.data.buffer))).toBe(0);
    }
  });

  it("beyond the limit of pixels, a picture opens only with a copy within it", async () => {
    const path = join(root.path, "pyramid.tif");
    await writePyramidTiff(path, 5001, 3002);
    const open = async (maxPixelsPerFrame: number) => {
      await using opened = await openSource({
        path,
        fileName: "p.tif",
        limits: { ...limits, maxPixelsPerFrame },
      });
      return opened.file.images[0]!.width;
    };
    expect(await open(2 ** 20)).toBe(5001);
    await expect(open(2 ** 13)).rejects.toMatchObject({ code: "too-large" });
  });
});

describe("a damaged pyramid", () => {
  it.each(["mark", "children"] as const)("told by %s, is read or refused, never worse", async (by) => {
    const path = join(root.path, "pyramid.tif");
    await writePyramidTiff(path, 2500, 1300, by);
    const whole = new Uint8Array(await readFile(path));
    const random = createRandom(Number(process.env.SEED ?? 1));
    // Directories stand behind the sixteen tiles; damage before them changes pixels only.
    const directories = 16 + 16 * 2 * 256 ** 2;
    const outcomes = { read: 0, refused: 0 };
    for (let round = 0; round < 150; round++) {
      const bytes =
        round % 10 === 0
          ? whole.slice(0, directories + random() * (whole.length - directories))
          : whole.slice();
      for (let flip = 0; flip < 3; flip++)
        bytes[directories + Math.floor(random() * (bytes.length - directories))]! ^=
          1 << Math.floor(random() * 8);
      const context = { fileName: "p.tif", codecs: nodeCodecs, sidecars: [], limits };
      try {
        const { images } = await openFile(memoryByteSource(bytes), context);
        for (const copy of images.flatMap((image) => image.reductions ?? []))
          await copy.readRegion(0, 0, Math.min(64, copy.width), Math.min(64, copy.height));
        outcomes.read++;
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        outcomes.refused++;
      }
    }
    expect(outcomes.read).toBeGreaterThan(10);
    expect(outcomes.refused).toBeGreaterThan(10);
  });
});

describe("100,000 × 80,000 px in a pyramid", () => {
  const [width, height] = [100_000, 80_000];
  let house: House;
  beforeEach(async () => {
    house = await openHouse(join(root.path, "data"));
    await house.ingest.start();
  });
  afterEach(() => house.close());

  it("opens without building what the file holds, and every level is shown to the last pixel", async () => {
    const path = join(root.path, "huge.tif");
    const truth = await writePyramidTiff(path, width, height);
    const { sourceId } = await house.ingest.ingestFile(path, owner);
    await house.ingest.settled(sourceId);
    expect(await house.ingest.catalogue.source(sourceId)).toMatchObject({ status: "ready" });
    const [micrograph] = await house.ingest.catalogue.listMicrographs(owner.projectId);
    const signal = micrograph!.signals[0]!;
    const derivation = signal.derivation!;
    expect([micrograph!.width, micrograph!.height, signal.tileType]).toEqual([width, height, "u16"]);
    expect(micrograph!.warnings.join()).toContain("copy at 1/128");

    // Ten thousand million pixels are on disk once: as the file.
    const derived = await house.blobs.size(derivedKeys.native(derivation, 0));
    expect(derived).toBeLessThan(2e6);
    expect(await house.blobs.size(derivedKeys.display(derivation, 0))).toBeLessThan(4e6);

    const tiles = createTileStore(house.blobs, undefined, house.ingest.openOriginal);
    const at = { derivation, width, height, tileType: "u16", frame: 0 } as const;
    const levels = pyramidLevels(width, height);
    for (const [level, column, row] of [
      [0, 0, 0],
      [0, 123, 77],
      [0, levels[0]!.columns - 1, levels[0]!.rows - 1],
      [1, 50, 40],
      [5, 2, 3],
      [6, 1, 1],
      [7, 0, 1],
    ] as const) {
      const tile = (await tiles.native({ ...at, level, column, row }, false))!;
      const { width: w, height: h } = levels[level]!;
      const tileWidth = Math.min(512, w - column * 512);
      const samples = new Uint16Array(tile.bytes.slice().buffer);
      expect(samples.length).toBe(tileWidth * Math.min(512, h - row * 512));
      const held = truth.levels[level]!;
      const wrong = samples.findIndex((value, i) => {
        // Where the writer rounded down, its last column and row are repeated.
        const x = Math.min(held.width - 1, column * 512 + (i % tileWidth));
        const y = Math.min(held.height - 1, row * 512 + Math.floor(i / tileWidth));
        return value !== truth.valueAt(level, x, y);
      });
      expect([level, column, row, wrong]).toEqual([level, column, row, -1]);
      const picture = await sharp((await tiles.display({ ...at, level, column, row }))!).metadata();
      expect([picture.width, picture.channels]).toEqual([tileWidth, 1]);
    }
    // On the wire it is as short as others.
    const wire = (await tiles.native({ ...at, level: 0, column: 123, row: 77 }, true))!;
    const plain = (await tiles.native({ ...at, level: 0, column: 123, row: 77 }, false))!;
    expect([wire.encoding, wire.bytes.length < 0.8 * plain.bytes.length]).toEqual(["deflate", true]);
    expect(inflateSync(wire.bytes).equals(plain.bytes)).toBe(true);
    // What the file does not hold is made: the last level, and the thumbnail.
    expect(await tiles.native({ ...at, level: levels.length - 1, column: 0, row: 0 }, false)).toBeDefined();
    expect(await tiles.native({ ...at, level: 0, column: 196, row: 0 }, false)).toBeUndefined();
    expect(await tiles.display({ ...at, level: 9, column: 0, row: 0 })).toBeUndefined();
    const thumbnail = await readFile(house.blobs.localPath(derivedKeys.thumbnail(derivation, 0))!);
    expect((await sharp(thumbnail).metadata()).width).toBe(480);
    expect((await stat(path)).size).toBeLessThan(8e6);
  });
});

describe("a pyramid packed with JPEG", () => {
  const [width, height] = [11_648, 11_584];
  let house: House;
  let died: unknown[];
  beforeEach(async () => {
    died = [];
    house = await openHouse(join(root.path, "data"), { report: (_, { how }) => void died.push(how) });
    await house.ingest.start();
  });
  afterEach(() => house.close());

  it("is decoded by other processes; where one of them crashes, every tile comes all the same", async () => {
    const path = join(root.path, "stitched.tif");
    const stripes = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 37) % 251));
    await sharp({ create: { width, height, channels: 3, background: "#808080" } })
      .composite([{ input: stripes, raw: { width: 64, height: 64, channels: 3 }, tile: true }])
      .tiff({ tile: true, tileWidth: 256, tileHeight: 256, pyramid: true, compression: "jpeg", quality: 90 })
      .toFile(path);
    const { sourceId } = await house.ingest.ingestFile(path, owner);
    await house.ingest.settled(sourceId);
    const [micrograph] = await house.ingest.catalogue.listMicrographs(owner.projectId);
    const { derivation, tileType } = micrograph!.signals[0]!;
    expect([micrograph!.width, tileType]).toEqual([width, "rgb8"]);
    const tiles = createTileStore(house.blobs, undefined, house.ingest.openOriginal);
    const at = { derivation: derivation!, width, height, tileType, frame: 0, level: 0 } as const;
    const tileAt = async (column: number, row: number) =>
      (await tiles.native({ ...at, column, row }, false))!.bytes;

    const first = await tileAt(0, 0);
    const places = Array.from({ length: 16 }, (_, i) => [1 + (i % 4), 1 + Math.floor(i / 4)] as const);
    const asked = places.map(([column, row]) => tileAt(column, row));
    await Promise.race(asked);
    const children = childrenOf();
    for (const pid of children) process.kill(pid, "SIGSEGV");
    const all = [first, ...(await Promise.all(asked))];
    await vi.waitFor(() => expect(died).toEqual(children.map(() => "SIGSEGV")));
    if (process.platform === "linux") expect(children.length).toBeGreaterThan(0);

    await using opened = await openSource({ path, fileName: "stitched.tif", limits });
    for (const [i, [column, row]] of [[0, 0] as const, ...places].entries()) {
      const { data } = await opened.file.images[0]!.readRegion(0, column * 512, row * 512, 512, 512);
      expect(Buffer.compare(all[i]!, data as Uint8Array), `tile ${column}, ${row}`).toBe(0);
    }
  });
});
