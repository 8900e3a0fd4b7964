import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNormal, createRandom } from "#core/random/generator.ts";
import { type House, openHouse, owner, temporaryFolder, writePicture } from "./house.ts";

const [width, height] = [203, 151];
const { projectId, principalId } = owner;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let house: House;

beforeAll(async () => {
  folder = await temporaryFolder();
  house = await openHouse(folder.path);
  await house.ingest.start();
});
afterAll(async () => {
  await house?.close();
  await folder?.remove();
});

/** A scene as one exposure records it: the same place, other noise. */
function exposure(seed: number): Uint16Array {
  const normal = createNormal(createRandom(seed));
  return Uint16Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return Math.max(
      0,
      9000 + 3000 * Math.sin(x / 21) * Math.cos(y / 17) + (y > 70 ? 2500 : 0) + 900 * normal(),
    );
  });
}

const picturePath = (name: string) => join(folder.path, name);

async function eightBit(pixels: Uint16Array, path: string): Promise<string> {
  const raw = Uint8Array.from(pixels, (v) => Math.max(0, Math.min(255, Math.round((v - 4000) / 45))));
  const picture = sharp(raw, { raw: { width, height, channels: 1 } });
  await writeFile(
    path,
    await (path.endsWith(".jpg")
      ? picture.jpeg({ quality: 85 })
      : picture.tiff({ compression: "none" })
    ).toBuffer(),
  );
  return path;
}

/** Ingests a file and gives the id of its one micrograph. */
async function bring(
  path: string,
  options: { relativePath?: string; projectId?: string } = {},
): Promise<string> {
  const { sourceId } = await house.ingest.ingestFile(path, { ...owner, ...options });
  expect(await house.ingest.settled(sourceId)).toBe("ready");
  return (await house.ingest.catalogue.source(sourceId))!.micrographs[0]!;
}

describe("what people say of micrographs", () => {
  it("path and name propose; a person's word is what counts, for many at once", async () => {
    const { catalogue, records } = house.ingest;
    const path = await writePicture(picturePath("02-sodiated-15min.tif"), exposure(1), width, height);
    const first = await bring(path, { relativePath: "batch 4/2026-02-03/wire 3/02-sodiated-15min.tif" });
    await copyFile(path, picturePath("image.tif"));
    const second = await bring(picturePath("image.tif"));
    const rowOf = async (id: string) =>
      (await records.rows(projectId)).find((row) => row.micrographId === id)!;

    expect(Object.fromEntries((await rowOf(first)).proposals.map((p) => [p.field, p.value]))).toEqual({
      specimen: "batch 4",
      date: "2026-02-03",
      object: "wire 3",
      label: "sodiated 15 min",
      order: 2,
      elapsedS: 900,
      series: "wire 3",
    });
    expect((await rowOf(second)).proposals).toEqual([]);
    expect(await records.countProposed(projectId)).toBe(1);
    // Proposed is not said.
    expect(await catalogue.micrograph(first)).toMatchObject({
      specimenId: null,
      sessionId: null,
      state: null,
    });

    const state = {
      ...{ label: "sodiated 15 min", order: 2, cycle: null, step: null, elapsedS: 900, clockTime: null },
      ...{ conditions: [], basis: "" },
    };
    const session = { instrument: "Titan", startedAt: "2026-02-03" };
    const series = { name: "Sodiation", objectName: "wire 3" };
    await records.describe(projectId, principalId, [
      { micrographId: first, specimen: "batch 4", session, series, state, settled: true },
      { micrographId: second, specimen: "batch 4", session, settled: true },
    ]);
    const [one, other] = [await catalogue.micrograph(first), await catalogue.micrograph(second)];
    expect(one!.specimenId).toMatch(/^[\w-]{16}$/);
    expect(other).toMatchObject({
      specimenId: one!.specimenId,
      sessionId: one!.sessionId,
      seriesId: null,
      state: null,
    });
    expect(one!.state).toEqual(state);
    expect(await records.specimens(projectId)).toEqual([
      { id: one!.specimenId, name: "batch 4", form: null, note: "" },
    ]);
    expect(await records.sessions(projectId)).toMatchObject([
      { instrument: "Titan", holder: null, startedAt: "2026-02-03" },
    ]);
    expect(await catalogue.listSeries(projectId)).toMatchObject([
      { name: "Sodiation", micrographIds: [first] },
    ]);
    expect(await records.countProposed(projectId)).toBe(0);
    expect(await rowOf(first)).toMatchObject({ describedBy: principalId });

    // Emptied and untouched are different things; a session of which nothing is known is none.
    await records.describe(projectId, principalId, [
      { micrographId: first, specimen: null, session: { instrument: null }, settled: true },
    ]);
    expect(await catalogue.micrograph(first)).toMatchObject({
      specimenId: null,
      sessionId: null,
      seriesId: one!.seriesId,
    });
    expect(await records.sessions(projectId)).toHaveLength(1);
  });

  it("all rows or none, and never another project's micrographs", async () => {
    const { catalogue, records } = house.ingest;
    const path = await writePicture(picturePath("other.tif"), exposure(2), width, height);
    const [mine, foreign] = [await bring(path), await bring(path, { projectId: "project2" })];
    const rows = [mine, foreign].map((micrographId) => ({ micrographId, specimen: "grid 9", settled: true }));
    await expect(records.describe(projectId, principalId, rows)).rejects.toMatchObject({ code: "not-found" });
    expect((await catalogue.micrograph(mine))!.specimenId).toBeNull();
    expect((await records.specimens(projectId)).map(({ name }) => name)).not.toContain("grid 9");
    await expect(records.setContent(projectId, principalId, [foreign], "plot")).rejects.toThrow(/not in it/);
    await records.setContent(projectId, principalId, [mine], "diffraction");
    expect((await catalogue.micrograph(mine))!.content).toBe("diffraction");
    // A drawing is not to scale; taken for a picture again, it is uncalibrated, as it was.
    const stateAs = async (content: "schematic" | "image") => {
      await records.setContent(projectId, principalId, [mine], content);
      return (await catalogue.micrograph(mine))!.calibration.state;
    };
    expect([await stateAs("schematic"), await stateAs("image")]).toEqual(["not-to-scale", "uncalibrated"]);
  });
});

it("two people who name the same new specimen at once mean the same", async () => {
  const { records, catalogue } = house.ingest;
  const project = { projectId: "at-once" };
  const path = await writePicture(picturePath("once.tif"), exposure(5), width, height);
  const ids = [await bring(path, project), await bring(path, project)];
  const say = (micrographId: string) => ({
    micrographId,
    specimen: "grid 7",
    session: { instrument: "Titan" },
    settled: true,
  });
  await Promise.all(ids.map((id) => records.describe("at-once", principalId, [say(id)])));
  expect(await records.specimens("at-once")).toHaveLength(1);
  expect(await records.sessions("at-once")).toHaveLength(1);
  const [one, other] = await Promise.all(ids.map((id) => catalogue.micrograph(id)));
  expect(one!.specimenId).toBe(other!.specimenId);
});

describe("vendor tags", () => {
  it("are found by the beginnings of their words, in one project", async () => {
    const path = await writePicture(picturePath("tagged.tif"), exposure(3), width, height);
    const id = await bring(path, { projectId: "tagged" });
    const source = (await house.ingest.catalogue.micrograph(id))!.sourceId;
    const tags = { Microscope: { StageAlpha: -30.5, Operator: "Žofie Müller" }, pixels: [1, 2, 3] };
    await house.store.sql.write([
      { sql: "UPDATE source SET tags = ? WHERE id = ?", params: [JSON.stringify(tags), source] },
      ...house.ingest.tagWords.indexing(source, tags),
    ]);
    const search = async (words: string, project = "tagged") =>
      (await house.ingest.tagWords.search(project, words)).matches;
    expect(await search("alph -30.5 müll")).toEqual([
      {
        micrographId: id,
        words: [0, 1, 2],
        tags: [
          { path: "Microscope.StageAlpha", value: "-30.5" },
          { path: "Microscope.Operator", value: "Žofie Müller" },
        ],
      },
    ]);
    expect(await search("stagea nothing")).toMatchObject([{ words: [0] }]);
    expect(await search("lpha")).toEqual([]);
    expect(await search("alpha", projectId)).toEqual([]);
  });
});

describe("the same picture saved several times", () => {
  it("is one group led by the richest, found by pixels and not by name, and people decide", async () => {
    const { pictures } = house.ingest;
    const project = { projectId: "pictures" };
    const [shot, again] = [exposure(11), exposure(12)];
    const jpeg = await bring(await eightBit(shot, picturePath("wire.jpg")), project);
    const reduced = await bring(await eightBit(shot, picturePath("export for Anna.tif")), project);
    expect(await pictures.groups("pictures")).toMatchObject([
      { leadId: reduced, others: [{ micrographId: jpeg, fileName: "wire.jpg" }], decidedBy: "pixels" },
    ]);
    const deep = await bring(await writePicture(picturePath("wire.tif"), shot, width, height), project);
    const second = await bring(await writePicture(picturePath("wire.png"), again, width, height), project);
    expect(await pictures.groups("pictures")).toMatchObject([
      { leadId: deep, others: [{ micrographId: reduced }, { micrographId: jpeg }], decidedBy: "pixels" },
    ]);

    await pictures.part("pictures", principalId, jpeg);
    expect((await pictures.groups("pictures")).map(({ leadId, others }) => [leadId, others.length])).toEqual([
      [deep, 1],
    ]);
    await pictures.consider(jpeg);
    const copy = await bring(picturePath("wire.jpg"), project);
    const apart = (await pictures.groups("pictures"))[0]!;
    expect(apart.others.map(({ micrographId }) => micrographId)).toEqual([reduced, copy]);

    await pictures.join("pictures", principalId, [second, copy]);
    const [joined, ...rest] = await pictures.groups("pictures");
    expect(rest).toEqual([]);
    expect(new Set([joined!.leadId, ...joined!.others.map(({ micrographId }) => micrographId)])).toEqual(
      new Set([deep, reduced, copy, second]),
    );
    expect(joined!.decidedBy).toBe(principalId);
    // Every file is still there as its own micrograph.
    expect(await house.ingest.catalogue.listMicrographs("pictures")).toHaveLength(5);
  });
});

it("files read by an earlier program are searched and compared after the next start", async () => {
  const project = { projectId: "earlier" };
  const shot = exposure(21);
  const path = await writePicture(picturePath("early.tif"), shot, width, height);
  const deep = await bring(path, project);
  const light = await bring(await eightBit(shot, picturePath("early.jpg")), project);
  const { sourceId } = (await house.ingest.catalogue.micrograph(deep))!;
  await house.store.sql.write([
    { sql: "UPDATE micrograph SET picture_id = NULL, picture_by = NULL WHERE project_id = 'earlier'" },
    { sql: "UPDATE source SET tags = ? WHERE id = ?", params: ['{"Holder":"cryo"}', sourceId] },
    { sql: "DELETE FROM picture_print" },
    { sql: "DELETE FROM tag_word" },
  ]);
  await house.close();
  house = await openHouse(folder.path);
  await house.ingest.start();
  await house.ingest.caughtUp();
  expect((await house.ingest.tagWords.search("earlier", "cryo")).matches).toMatchObject([
    { micrographId: deep },
  ]);
  expect(await house.ingest.pictures.groups("earlier")).toMatchObject([
    { leadId: deep, others: [{ micrographId: light }] },
  ]);
});

it("the picture on disk is what was handed in", async () => {
  const path = picturePath("wire.jpg");
  const before = await readFile(path);
  const id = await bring(path, { projectId: "untouched" });
  const { sourceId } = (await house.ingest.catalogue.micrograph(id))!;
  const { sha256 } = (await house.ingest.catalogue.source(sourceId))!;
  expect(await readFile(house.blobs.localPath(`originals/${sha256}`)!)).toEqual(before);
});
