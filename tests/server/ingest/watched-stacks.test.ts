import { mkdir, readdir, readFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatRoomName } from "#core/protocol/rooms.ts";
import { readPathPattern } from "#server/ingest/path-pattern.ts";
import { createFolderWatch, type FolderWatch } from "#server/ingest/watch-folder.ts";
import { type House, openHouse, owner, temporaryFolder, writePicture } from "./house.ts";

const [width, height] = [12, 7];
const settleMs = 10_000;

describe("numbered frames of a watched folder", () => {
  let root: Awaited<ReturnType<typeof temporaryFolder>>;
  let house: House;
  let folder: string;
  let nowMs: number;
  let watched: FolderWatch;
  /** Micrographs that somebody looks at. */
  let open: Set<string>;

  const watch = (inPlace = false) =>
    createFolderWatch({
      folder,
      pattern: readPathPattern("{instrument}/…"),
      ingest: house.ingest,
      placeFor: async () => owner,
      isOpen: (micrographId) => open.has(micrographId),
      setAside: (sourceId, projectId) => house.ingest.catalogue.moveSource(sourceId, `bin:${projectId}`),
      inPlace,
      report: () => undefined,
      settleMs,
      nowMs: () => nowMs,
    });

  beforeEach(async () => {
    root = await temporaryFolder();
    house = await openHouse(join(root.path, "data"));
    await house.ingest.start();
    folder = join(root.path, "microscope");
    await mkdir(join(folder, "Titan"), { recursive: true });
    nowMs = 1_000_000_000;
    open = new Set();
    watched = await watch();
  });
  afterEach(async () => {
    await watched.close();
    await house.close();
    await root.remove();
  });

  /** Frames `from` … `to`, written `everyS` apart; frame n counts up from 100 n. */
  async function write(from: number, to: number, { name = "wire_frame_", everyS = 1, wide = width } = {}) {
    for (let n = from; n <= to; n++) {
      const path = join(folder, "Titan", `${name}${String(n).padStart(4, "0")}.tif`);
      const pixels = Uint16Array.from({ length: wide * height }, (_, i) => 100 * n + i);
      await writePicture(path, pixels, wide, height);
      await utimes(path, 1_000 + n * everyS, 1_000 + n * everyS);
    }
  }
  /** One look, and another when everything has been still for so long. @returns how many files were taken */
  async function rest(quietMs = settleMs) {
    const first = await watched.look();
    nowMs += quietMs;
    return first + (await watched.look());
  }
  /** Every file of the project was read, and nothing is left to do. */
  async function read() {
    const { catalogue } = house.ingest;
    await expect
      .poll(
        async () => {
          const sources = await catalogue.listSources(owner.projectId);
          return sources.filter(({ status }) => status !== "ready" && status !== "failed").length;
        },
        { timeout: 30_000 },
      )
      .toBe(0);
    return (await catalogue.listMicrographs(owner.projectId)).map(({ name, frames, warnings, id }) => ({
      ...{ name, frames, id },
      said: warnings.join(" "),
    }));
  }
  const shown = async () => (await read()).map(({ name, frames }) => `${name} × ${frames}`).sort();
  /** Somebody marks a micrograph: its room has an update. */
  async function mark(micrographId: string) {
    const log = house.store.documentLog;
    const room = formatRoomName({ kind: "annotations", micrographId });
    const { epoch } = await log.open(room);
    const { principalId } = owner;
    await log.append([
      { room, epoch, bytes: new Uint8Array([0, 0]), principalId, receivedAtMs: 1, touched: [], bind: [] },
    ]);
  }

  it("are one stack once the run is at rest, and not while it grows; the folder stays as it was", async () => {
    await write(1, 5);
    expect(await watched.look()).toBe(0);
    nowMs += settleMs;
    await write(6, 6);
    expect(await watched.look(), "one more has come").toBe(0);
    nowMs += settleMs - 1;
    expect(await watched.look()).toBe(0);
    const before = await stateOf(folder);
    nowMs += 1;
    expect(await watched.look()).toBe(6);
    expect(await shown()).toEqual(["wire_frame × 6"]);
    expect(await stateOf(folder)).toEqual(before);
    const [stack] = await read();
    expect(stack!.said).toBe("");
    const third = await house.ingest.surveyFrame(stack!.id, "0", 2);
    expect(third).toMatchObject({ min: 300, max: 300 + width * height - 1 });
    const [row] = await house.ingest.records.rows(owner.projectId);
    expect(row!.proposals).toContainEqual(expect.objectContaining({ field: "instrument", value: "Titan" }));
  });

  it("that come slowly are waited for by their own rhythm", async () => {
    await write(1, 5, { everyS: 30 });
    expect(await rest(), "no longer than between two frames").toBe(0);
    nowMs += 80_000;
    expect(await watched.look()).toBe(5);
    expect(await shown()).toEqual(["wire_frame × 5"]);
  });

  it("that come late make the stack anew while nobody has worked on it, over restarts", async () => {
    await write(1, 6);
    expect(await rest()).toBe(6);
    await read();
    await watched.close();
    await house.close();
    house = await openHouse(join(root.path, "data"));
    await house.ingest.start();
    watched = await watch();
    expect(await rest(), "nothing comes in twice").toBe(0);
    await write(7, 8);
    expect(await rest()).toBe(2);
    expect(await shown()).toEqual(["wire_frame × 8"]);
    expect((await read())[0]!.said).toContain("2 came after the first 6");
    // The stack that was replaced can still be brought back.
    expect((await house.ingest.catalogue.listMicrographs(`bin:${owner.projectId}`)).length).toBe(1);
  });

  it("that come after somebody marked the stack are a stack beside it", async () => {
    await write(1, 6);
    await rest();
    await mark((await read())[0]!.id);
    await write(7, 9);
    expect(await rest()).toBe(3);
    expect(await shown()).toEqual(["wire_frame (from 7) × 3", "wire_frame × 6"]);
    const late = (await read()).find(({ name }) => name.includes("from"))!;
    expect(late.said).toContain("the stack of the first 6 had been opened, worked on or deleted");
    // That one grows as long as nobody touches it; a marked one stays.
    await write(10, 10);
    expect(await rest()).toBe(1);
    expect(await shown()).toEqual(["wire_frame (from 7) × 4", "wire_frame × 6"]);
  });

  it("are not taken from under the eyes of whoever looks at them, and join once nobody does", async () => {
    await write(1, 6);
    await rest();
    open.add((await read())[0]!.id);
    await write(7, 9);
    expect(await rest()).toBe(3);
    expect(await shown()).toEqual(["wire_frame (from 7) × 3", "wire_frame × 6"]);
    open.clear();
    await write(10, 10);
    expect(await rest()).toBe(1);
    expect(await shown()).toEqual(["wire_frame × 10"]);
  });

  it("that came in one by one are joined where their name says frame, and stay single where it does not", async () => {
    for (const n of [1, 2, 3, 4, 5]) {
      await write(n, n);
      await write(n, n, { name: "Image_" });
      await rest();
      await read();
    }
    expect(await shown()).toEqual([
      ...["Image_0001 × 1", "Image_0002 × 1", "Image_0003 × 1", "Image_0004 × 1", "Image_0005 × 1"],
      "wire_frame × 5",
    ]);
  });

  it("taken by hand, minutes apart, stay single; so do frames that do not fit, and say why", async () => {
    await write(1, 8, { name: "Image_", everyS: 240 });
    await write(1, 5, { name: "t_" });
    await write(6, 6, { name: "t_", wide: width + 1 });
    expect(await rest(600_000)).toBe(14);
    const found = await read();
    expect(found.length).toBe(14);
    expect(found.filter(({ said }) => said.includes("Kept single")).length).toBe(6);
  });

  it("in place, with a process that dies halfway, are the same stack", async () => {
    await watched.close();
    watched = await watch(true);
    await write(1, 6);
    await watched.look();
    nowMs += settleMs;
    let left = 3;
    // Stands for the process that dies: the fourth file is never written down.
    const { ingest } = house;
    const dying = await createFolderWatch({
      ...{ folder, pattern: readPathPattern("{instrument}/…"), inPlace: true, settleMs, nowMs: () => nowMs },
      ingest: {
        takenFrom: ingest.takenFrom,
        workFolder: ingest.workFolder,
        watchedStacks: ingest.watchedStacks,
        adoptFile: ingest.adoptFile,
        referenceFile: (path, options) =>
          left-- > 0 ? ingest.referenceFile(path, options) : Promise.reject(new Error("killed")),
      },
      placeFor: async () => owner,
      isOpen: () => false,
      setAside: async () => undefined,
      report: () => undefined,
    });
    await dying.look();
    nowMs += settleMs;
    expect(await dying.look()).toBe(3);
    await dying.close();
    await watched.close();
    watched = await watch(true);
    expect(await rest()).toBe(3);
    expect(await shown()).toEqual(["wire_frame × 6"]);
    expect(
      await house.blobs.size(
        `originals/${(await house.ingest.catalogue.listSources(owner.projectId))[0]!.sha256}`,
      ),
    ).toBeUndefined();
  });
});

/** Names, sizes, times and bytes of everything below a folder. */
async function stateOf(folder: string) {
  const paths = (await readdir(folder, { recursive: true })).sort();
  return Promise.all(
    paths.map(async (path) => {
      const { mtimeMs, size, isFile } = await stat(join(folder, path)).then((s) => ({
        ...{ mtimeMs: s.mtimeMs, size: s.size, isFile: s.isFile() },
      }));
      return [path, mtimeMs, size, isFile ? (await readFile(join(folder, path))).toString("hex") : ""];
    }),
  );
}
