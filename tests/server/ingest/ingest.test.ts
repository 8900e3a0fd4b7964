import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { derivedKeys } from "#server/tiles/derived-keys.ts";
import { type House, openHouse, owner, temporaryFolder, writePicture } from "./house.ts";
import { phantomImage } from "./phantom-image.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let house: House;
beforeEach(async () => {
  folder = await temporaryFolder();
  house = await openHouse(join(folder.path, "data"));
  await house.ingest.start();
});
afterEach(async () => {
  await house.close();
  await folder.remove();
});

const [width, height] = [613, 301];
const pixels = phantomImage("uint16", width, height).frames[0] as Uint16Array;

describe("a file comes in", () => {
  it("and is a micrograph with exact tiles, statistics and a thumbnail, its bytes untouched", async () => {
    const path = await writePicture(join(folder.path, "lamella 3.tif"), pixels, width, height);
    const { sourceId, status } = await house.ingest.ingestFile(path, owner);
    expect(status).toBe("queued");
    expect(await house.ingest.settled(sourceId)).toBe("ready");

    const source = (await house.ingest.catalogue.source(sourceId))!;
    expect(source).toMatchObject({
      fileName: "lamella 3.tif",
      format: "TIFF",
      status: "ready",
      progress: 1,
      reason: null,
    });
    const original = await house.blobs.read(`originals/${source.sha256}`, 0, source.bytes);
    expect(Buffer.compare(original, await readFile(path))).toBe(0);

    const micrograph = (await house.ingest.catalogue.micrograph(source.micrographs[0]!))!;
    expect(micrograph).toMatchObject({
      name: "lamella 3",
      width,
      height,
      frames: 1,
      dtype: "uint16",
      content: "image",
      status: "ready",
      calibration: { state: "uncalibrated" },
      createdBy: "person01",
    });
    const signal = micrograph.signals[0]!;
    expect(signal.range).toEqual({
      min: pixels.reduce((a, b) => Math.min(a, b)),
      max: pixels.reduce((a, b) => Math.max(a, b)),
      mean: pixels.reduce((a, b) => a + b, 0) / pixels.length,
    });
    expect(signal.histogram.reduce((a, b) => a + b)).toBe(pixels.length);

    const at = {
      derivation: signal.derivation!,
      width,
      height,
      tileType: signal.tileType,
      frame: 0,
    } as const;
    const tile = (await house.tiles.native({ ...at, level: 0, column: 1, row: 0 }, false))!;
    const found = new Uint16Array(Uint8Array.from(tile.bytes).buffer);
    for (let y = 0; y < height; y++) {
      const expected = pixels.subarray(y * width + 512, (y + 1) * width);
      expect(found.subarray(y * 101, (y + 1) * 101)).toEqual(expected);
    }
    expect(micrograph.thumbnail).toContain(micrograph.id);
    const key = derivedKeys.thumbnail(signal.derivation!, 0);
    const thumbnail = await house.blobs.read(key, 0, (await house.blobs.size(key))!);
    expect(await sharp(thumbnail).metadata()).toMatchObject({
      width: 480,
      height: Math.round((480 * height) / width),
    });
  });

  it("twice: two sources, one blob, one derivation", async () => {
    const path = await writePicture(join(folder.path, "a.tif"), pixels, width, height);
    const first = await house.ingest.ingestFile(path, owner);
    await house.ingest.settled(first.sourceId);
    const second = await house.ingest.ingestFile(path, {
      ...owner,
      projectId: "project2",
      fileName: "b.tif",
    });
    expect(await house.ingest.settled(second.sourceId)).toBe("ready");
    const derivations = await Promise.all(
      ["project1", "project2"].map(
        async (id) => (await house.ingest.catalogue.listMicrographs(id))[0]!.signals[0]!.derivation,
      ),
    );
    expect(derivations[0]).toBe(derivations[1]);
    expect((await house.ingest.catalogue.listSources("project2"))[0]!.fileName).toBe("b.tif");
  });

  it("with what its sender knows: series, state, name, calibration of computed pixels", async () => {
    const { catalogue } = house.ingest;
    const seriesId = await catalogue.addSeries("project1", "Sodiation", "wire 3");
    const calibration = {
      state: "calibrated",
      unit: "nm",
      pixelSize: { x: 0.42, y: 0.42 },
      rotationDeg: 0,
      relativeStandardUncertainty: { x: 0, y: 0 },
      source: { kind: "synthetic" },
      certified: true,
    } as const;
    for (const order of [2, 1]) {
      const path = await writePicture(
        join(folder.path, `${order}.tif`),
        pixels.map((v) => v >> order),
        width,
        height,
      );
      const state = { label: `state ${order}`, order, elapsedS: order * 60, conditions: [], basis: "" };
      const { sourceId } = await house.ingest.ingestFile(path, {
        ...owner,
        seriesId,
        state,
        name: `S${order}`,
        calibration,
      });
      expect(await house.ingest.settled(sourceId)).toBe("ready");
    }
    const [series] = await catalogue.listSeries("project1");
    const members = await Promise.all(series!.micrographIds.map((id) => catalogue.micrograph(id)));
    expect(members.map((m) => m!.name)).toEqual(["S1", "S2"]);
    expect(members[0]).toMatchObject({ seriesId, calibration, state: { label: "state 1", elapsedS: 60 } });
  });

  it.each([
    [
      "text",
      () => Buffer.from("not a picture at all, only words\n".repeat(20)),
      "notes.tif",
      "unknown-format",
    ],
    ["an ending too early", undefined, "cut.tif", /truncated|malformed/],
    ["a small PNG that unpacks beyond the limit", bombPng, "bomb.png", "too-large"],
  ] as const)("%s: listed, with a reason", async (_, content, name, code) => {
    const whole = await readFile(await writePicture(join(folder.path, "whole.tif"), pixels, width, height));
    await house.close();
    house = await openHouse(join(folder.path, "data"), { limits: { maxPixelsPerFrame: 10_000_000 } });
    await house.ingest.start();
    const path = join(folder.path, name);
    await writeFile(path, content ? await content() : whole.subarray(0, whole.length >> 1));
    const { sourceId } = await house.ingest.ingestFile(path, owner);
    expect(await house.ingest.settled(sourceId)).toBe("failed");
    const [source] = await house.ingest.catalogue.listSources("project1");
    expect(source).toMatchObject({ id: sourceId, fileName: name, status: "failed" });
    expect(source!.reason).toMatch(/\w.{15,}/);
    const [row] = await house.store.sql.read<{ code: string }>("SELECT code FROM source WHERE id = ?", [
      sourceId,
    ]);
    expect(row!.code).toMatch(code);
    // The bytes are kept: another version may read them.
    expect(await house.blobs.size(`originals/${source!.sha256}`)).toBe(source!.bytes);
  });

  it("an empty one, and one above the limit, are refused and leave nothing", async () => {
    await expect(
      house.ingest.ingestStream(Readable.from([]), { ...owner, fileName: "e" }),
    ).rejects.toMatchObject({
      code: "empty",
    });
    const cut = Readable.from([Buffer.alloc(10)]);
    await expect(
      house.ingest.ingestStream(cut, { ...owner, fileName: "c", announcedBytes: 11 }),
    ).rejects.toMatchObject({ code: "interrupted" });
    expect(await house.ingest.catalogue.listSources("project1")).toEqual([]);
  });
});

describe("the process dies", () => {
  it("between files and tiles: the next start finishes every source, under the same ids", async () => {
    const sources: string[] = [];
    for (let i = 0; i < 3; i++) {
      const path = await writePicture(
        join(folder.path, `${i}.tif`),
        pixels.map((v) => v ^ i),
        width,
        height,
      );
      sources.push((await house.ingest.ingestFile(path, owner)).sourceId);
    }
    // Down as soon as the first is done: the second is being read, the third waits.
    await house.ingest.settled(sources[0]!);
    const before = await house.ingest.catalogue.listMicrographs("project1");
    await house.close();

    house = await openHouse(join(folder.path, "data"));
    await house.ingest.start();
    for (const id of sources) expect(await house.ingest.settled(id)).toBe("ready");
    const after = await house.ingest.catalogue.listMicrographs("project1");
    expect(after.map((m) => m.status)).toEqual(["ready", "ready", "ready"]);
    expect(after.map((m) => m.id)).toEqual(expect.arrayContaining(before.map((m) => m.id)));
    expect(after.length).toBe(3);
  });

  it("between accepting a file and recording its job: the source is taken up all the same", async () => {
    const path = await writePicture(join(folder.path, "x.tif"), pixels, width, height);
    const { sourceId } = await house.ingest.ingestFile(path, owner);
    await house.ingest.settled(sourceId);
    await house.store.sql.write([
      { sql: "UPDATE source SET status = 'queued' WHERE id = ?", params: [sourceId] },
      { sql: "DELETE FROM job" },
    ]);
    await house.close();
    house = await openHouse(join(folder.path, "data"));
    await house.ingest.start();
    expect(await house.ingest.settled(sourceId)).toBe("ready");
  });
});

/** A few kB that unpack to 16 million pixels, above the limit of that test. */
function bombPng(): Promise<Buffer> {
  return sharp({ create: { width: 4000, height: 4000, channels: 3, background: "black" } })
    .png()
    .toBuffer();
}
