import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { withOrientation } from "#scripts/fixtures/jpeg-orientation.ts";
import { renderPicture } from "#server/export/render-picture.ts";
import { derivedKeys } from "#server/tiles/derived-keys.ts";
import { renderImage } from "#server/tiles/iiif/render-image.ts";
import { type House, openHouse, owner, temporaryFolder } from "./house.ts";

/** Wider than high, and more than one tile wide; turned by 90° it is higher than wide. */
const [wide, high] = [600, 160];
const turnRight = 6;

/** Bright in the stored picture's upper left corner: upright, that is the upper right one. */
const content = Uint8Array.from({ length: wide * high }, (_, i) => {
  const [x, y] = [i % wide, Math.floor(i / wide)];
  return x < 120 && y < 60 ? 250 : 30 + ((x * 2 + y) % 90);
});

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let house: House;
let path: string;
/** What every decoder makes of the file's samples, row by row as they are stored. */
let stored: Uint8Array;
beforeAll(async () => {
  root = await temporaryFolder();
  house = await openHouse(join(root.path, "data"));
  path = join(root.path, "plate.jpg");
  const jpeg = await sharp(content, { raw: { width: wide, height: high, channels: 1 } })
    .toColourspace("b-w")
    .jpeg({ quality: 95 })
    .toBuffer();
  stored = new Uint8Array(await sharp(jpeg).toColourspace("b-w").raw().toBuffer());
  await writeFile(path, withOrientation(jpeg, turnRight));
});
afterAll(async () => {
  await house.close();
  await root.remove();
});

/** Row 0 of the file is the right column. */
const upright = (x: number, y: number) => stored[(high - 1 - x) * wide + y]!;
const asStored = (x: number, y: number) => stored[y * wide + x]!;

async function micrographOf(sourceId: string): Promise<Micrograph> {
  expect(await house.ingest.settled(sourceId)).toBe("ready");
  const [id] = (await house.ingest.catalogue.source(sourceId))!.micrographs;
  return (await house.ingest.catalogue.micrograph(id!))!;
}

const tileAt = ({ width, height, signals: [signal] }: Micrograph, column: number, row: number) => ({
  derivation: signal!.derivation!,
  ...{ width, height, tileType: signal!.tileType, frame: 0, level: 0, column, row },
});

/** Every sample of the finest level, from the tiles a browser gets. */
async function expectPixels(micrograph: Micrograph, value: (x: number, y: number) => number) {
  const { width, height } = micrograph;
  for (let row = 0; row * 512 < height; row++)
    for (let column = 0; column * 512 < width; column++) {
      const [w, h] = [Math.min(512, width - column * 512), Math.min(512, height - row * 512)];
      const { bytes } = (await house.tiles.native(tileAt(micrograph, column, row), false))!;
      const wanted = Uint8Array.from({ length: w * h }, (_, i) =>
        value(column * 512 + (i % w), row * 512 + Math.floor(i / w)),
      );
      expect(Buffer.compare(bytes, wanted), `tile ${column}, ${row}`).toBe(0);
    }
}

/** The corner in which a small picture is bright: "right top" … */
async function brightCorner(jpeg: Uint8Array) {
  const { data, info } = await sharp(jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
  const mean = (left: boolean, top: boolean) => {
    const [w, h] = [Math.floor(info.width / 10), Math.floor(info.height / 10)];
    let sum = 0;
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        sum += data[(top ? y : info.height - 1 - y) * info.width + (left ? x : info.width - 1 - x)]!;
    return sum / (w * h);
  };
  const corners = ([true, false] as const).flatMap((left) =>
    ([true, false] as const).map((top) => ({
      name: `${left ? "left" : "right"} ${top ? "top" : "bottom"}`,
      mean: mean(left, top),
    })),
  );
  const brightest = corners.sort((a, b) => b.mean - a.mean)[0]!.name;
  return { width: info.width, height: info.height, brightest };
}

const derivedBytes = async (derivation: string) => {
  const key = derivedKeys.native(derivation, 0);
  return createHash("sha256")
    .update(await house.blobs.read(key, 0, (await house.blobs.size(key))!))
    .digest("hex");
};

describe("a JPEG that asks to be turned", () => {
  let old: Micrograph;
  let fresh: Micrograph;

  it("taken in before that was done is what it was: its grid, its tiles, its addresses", async () => {
    // As an earlier Lamella left it: described as the file holds it, not yet derived.
    const { sourceId } = await house.ingest.ingestFile(path, owner);
    const { sha256 } = (await house.ingest.catalogue.source(sourceId))!;
    await house.ingest.start();
    const turned = await micrographOf(sourceId);
    const [signal] = await house.ingest.catalogue.signals(turned.id);
    expect(signal!.followsOrientation).toBe(true);
    const { followsOrientation: _, ...before } = signal!;
    const [row] = await house.store.sql.read<{ record: string }>(
      "SELECT record FROM micrograph WHERE id = ?",
      [turned.id],
    );
    const record = { ...JSON.parse(row!.record), width: wide, height: high, warnings: [] };
    await house.store.sql.write([
      {
        sql: "UPDATE micrograph SET record = ?, signals = ?, thumbnail = NULL, status = 'queued' WHERE id = ?",
        params: [JSON.stringify(record), JSON.stringify([{ ...before, derivation: null }]), turned.id],
      },
      { sql: "UPDATE source SET status = 'queued' WHERE id = ?", params: [sourceId] },
    ]);
    await house.ingest.close();
    await house.store.close();
    house = await openHouse(join(root.path, "data"));
    await house.ingest.start();

    old = await micrographOf(sourceId);
    expect([old.width, old.height]).toEqual([wide, high]);
    const address = createHash("sha256")
      .update(`lamella-pyramid-1\n${sha256}\n0`)
      .digest("base64url")
      .slice(0, 32);
    expect(old.signals[0]!.derivation).toBe(address);
    await expectPixels(old, asStored);
  });

  it("is turned when it comes now, beside the old one and under another address", async () => {
    const kept = await derivedBytes(old.signals[0]!.derivation!);
    const { sourceId } = await house.ingest.ingestFile(path, { ...owner, projectId: "project2" });
    fresh = await micrographOf(sourceId);
    expect([fresh.width, fresh.height]).toEqual([high, wide]);
    expect(fresh.signals[0]).not.toHaveProperty("followsOrientation");
    expect(fresh.warnings).toEqual([expect.stringContaining("as the file's orientation tag asks (6)")]);
    expect(fresh.signals[0]!.derivation).not.toBe(old.signals[0]!.derivation);
    await expectPixels(fresh, upright);
    expect(await derivedBytes(old.signals[0]!.derivation!)).toBe(kept);
    await expectPixels(old, asStored);
  });

  it("is turned once, not twice: thumbnail, display tile, IIIF and export", async () => {
    const [signal] = fresh.signals;
    const key = derivedKeys.thumbnail(signal!.derivation!, 0);
    const thumbnail = await house.blobs.read(key, 0, (await house.blobs.size(key))!);
    expect(await brightCorner(thumbnail)).toEqual({ width: 128, height: 480, brightest: "right top" });
    const tile = await house.tiles.display(tileAt(fresh, 0, 0));
    expect(await brightCorner(tile!)).toEqual({ width: high, height: 512, brightest: "right top" });

    const region = { x: 20, y: 30, width: 130, height: 500 };
    const iiif = await renderImage(
      house.tiles,
      {
        width: high,
        height: wide,
        frame: 0,
        palette: undefined,
        signal: { ...signal!, derivation: signal!.derivation! },
      },
      { region, width: 130, height: 500, mirrored: false, degrees: 0, quality: "default", format: "png" },
    );
    const { low, high: white } = signal!.window;
    const grey = (value: number) => Math.min(255, Math.max(0, (255 * (value - low)) / (white - low)));
    const cut = await sharp(iiif!).raw().toBuffer({ resolveWithObject: true });
    expect([cut.info.width, cut.info.height]).toEqual([130, 500]);
    for (const [x, y] of [
      [0, 0],
      [129, 0],
      [0, 499],
      [129, 499],
      [77, 313],
    ] as const) {
      const shown = cut.data[(y * 130 + x) * cut.info.channels]!;
      expect(Math.abs(shown - grey(upright(20 + x, 30 + y)))).toBeLessThanOrEqual(1);
    }

    const request = { path: "p.png", micrographId: fresh.id, frame: 0, window: signal!.window };
    const exported = await renderPicture({ tiles: house.tiles, ingest: house.ingest }, fresh, request);
    expect(await brightCorner(exported)).toEqual({ width: high, height: wide, brightest: "right top" });
  });

  it("keeps its original as it came", async () => {
    const { sha256 } = (await house.ingest.catalogue.source(fresh.sourceId))!;
    const bytes = await house.blobs.read(
      `originals/${sha256}`,
      0,
      (await house.blobs.size(`originals/${sha256}`))!,
    );
    expect((await sharp(bytes).metadata()).orientation).toBe(turnRight);
  });
});
