import { appendFile, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeEmi, writeSer } from "#scripts/fixtures/ser-writer.ts";
import { type PathFacts, readPathPattern } from "#server/ingest/path-pattern.ts";
import { createFolderWatch } from "#server/ingest/watch-folder.ts";
import { type House, openHouse, owner, temporaryFolder, writePicture } from "./house.ts";

describe("readPathPattern", () => {
  it("names the folders above a file", () => {
    const read = readPathPattern("{instrument}/{project}/{date}/…");
    expect(read("Titan/wires/2026-02-03/a.dm4")).toEqual({
      instrument: "Titan",
      project: "wires",
      date: "2026-02-03",
    });
    expect(read("Titan/wires/2026-02-03/series 1/a.dm4")?.["project"]).toBe("wires");
    expect(read("Titan/a.dm4")).toBeUndefined();
    expect(readPathPattern("raw/*/{project}")("raw/x/wires/a.tif")).toEqual({ project: "wires" });
    expect(readPathPattern("raw/*/{project}")("raw/x/wires/deeper/a.tif")).toBeUndefined();
    expect(readPathPattern("raw/{project}/...")("other/wires/a.tif")).toBeUndefined();
    expect(readPathPattern("…")("a.tif")).toEqual({});
  });

  it.each(["{nonsense}/…", "{project}/{project}", "{project", "…/{project}"])("refuses %s", (text) => {
    expect(() => readPathPattern(text)).toThrow(/Expected a pattern/);
  });
});

describe("a watched folder", () => {
  let root: Awaited<ReturnType<typeof temporaryFolder>>;
  let house: House;
  let folder: string;
  let nowMs: number;
  let places: PathFacts[];
  let events: string[];

  beforeEach(async () => {
    root = await temporaryFolder();
    house = await openHouse(join(root.path, "data"));
    await house.ingest.start();
    folder = join(root.path, "microscope");
    await mkdir(join(folder, "Titan/wires"), { recursive: true });
    [nowMs, places, events] = [1_000_000, [], []];
  });
  afterEach(async () => {
    await house.close();
    await root.remove();
  });

  const watch = (inPlace = false) =>
    createFolderWatch({
      folder,
      pattern: readPathPattern("{instrument}/{project}/…"),
      ingest: house.ingest,
      placeFor: async (facts) => {
        places.push(facts);
        return owner;
      },
      inPlace,
      isOpen: () => false,
      setAside: (sourceId) => house.ingest.catalogue.moveSource(sourceId, `bin:${owner.projectId}`),
      report: (event) => events.push(event),
      settleMs: 10_000,
      nowMs: () => nowMs,
    });
  const names = async () =>
    (await house.ingest.catalogue.listSources(owner.projectId)).map((source) => source.fileName);
  const picture = (name: string, seed = 1) =>
    writePicture(
      join(folder, "Titan/wires", name),
      Uint16Array.from({ length: 300 }, (_, i) => i * seed),
      20,
      15,
    );

  it("takes a file once it has stopped growing, and only once, over a restart too", async () => {
    const path = await picture("a.tif");
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, 100));
    let watched = await watch();
    expect(await watched.look()).toBe(0);
    nowMs += 9_999;
    await appendFile(path, whole.subarray(100));
    expect(await watched.look(), "it has grown").toBe(0);
    nowMs += 9_999;
    expect(await watched.look(), "not still for long enough").toBe(0);
    nowMs += 1;
    expect(await watched.look()).toBe(1);
    const [source] = await house.ingest.catalogue.listSources(owner.projectId);
    expect(await house.ingest.settled(source!.id)).toBe("ready");
    expect(source!.bytes).toBe(whole.length);
    expect(places).toEqual([{ instrument: "Titan", project: "wires" }]);
    expect((await house.ingest.catalogue.sourceOptions(source!.id))?.options.relativePath).toBe(
      "Titan/wires/a.tif",
    );

    await watched.close();
    watched = await watch();
    nowMs += 60_000;
    expect([await watched.look(), await names()]).toEqual([0, ["a.tif"]]);
    // Written anew by the microscope: another picture under the same name.
    await picture("a.tif", 2);
    await utimes(path, 2_000_000, 2_000_000);
    await watched.look();
    nowMs += 10_000;
    expect([await watched.look(), await names()]).toEqual([1, ["a.tif", "a.tif"]]);
  });

  it("leaves the folder as it is, passes over what is not finished or not of its form, and goes on after a failure", async () => {
    await picture("b.tif");
    await writeFile(join(folder, "Titan/wires/.hidden.tif"), "x");
    await writeFile(join(folder, "Titan/wires/c.tif.part"), "x");
    await writeFile(join(folder, "Titan/wires/empty.tif"), "");
    await writeFile(join(folder, "too-high.tif"), "x");
    const before = await Promise.all(
      (await readdir(folder, { recursive: true })).map(async (path) => [
        path,
        (await stat(join(folder, path))).mtimeMs,
      ]),
    );
    const watched = await watch();
    await watched.look();
    nowMs += 10_000;
    expect([await watched.look(), await names()]).toEqual([1, ["b.tif"]]);
    const after = await Promise.all(
      (await readdir(folder, { recursive: true })).map(async (path) => [
        path,
        (await stat(join(folder, path))).mtimeMs,
      ]),
    );
    expect(after).toEqual(before);
    await rm(folder, { recursive: true });
    await expect(watched.look()).rejects.toThrow(/ENOENT/);
    await mkdir(join(folder, "Titan/wires"), { recursive: true });
    await picture("d.tif", 3);
    await watched.look();
    nowMs += 10_000;
    expect(await watched.look()).toBe(1);
  });

  it("what the pattern reads from the path is proposed for the records", async () => {
    await picture("wire 3_15min.tif");
    const watched = await watch();
    await watched.look();
    nowMs += 10_000;
    expect(await watched.look()).toBe(1);
    const [source] = await house.ingest.catalogue.listSources(owner.projectId);
    await house.ingest.settled(source!.id);
    const [row] = await house.ingest.records.rows(owner.projectId);
    expect(row!.path).toBe("Titan/wires/wire 3_15min.tif");
    expect(row!.proposals).toMatchObject([
      { field: "instrument", value: "Titan", source: { kind: "watched-folder", at: "{instrument}" } },
      { field: "elapsedS", value: 900 },
      { field: "object", value: "wire 3" },
      { field: "label", value: "15 min" },
    ]);
  });

  it("nothing comes in twice, also where the process dies right after the record was written", async () => {
    await picture("a.tif");
    const dying = await watch();
    await dying.look();
    nowMs += 10_000;
    // The watch that took the file is never heard of again; another reads what the store knows.
    expect(await dying.look()).toBe(1);
    await house.close();
    house = await openHouse(join(root.path, "data"));
    await house.ingest.start();
    const next = await watch();
    await next.look();
    nowMs += 60_000;
    expect([await next.look(), await names()]).toEqual([0, ["a.tif"]]);
  });

  it("in place: read where it is, nothing copied, and a changed or missing file is told", async () => {
    const path = await picture("a.tif");
    const bytes = await readFile(path);
    const watched = await watch(true);
    await watched.look();
    nowMs += 10_000;
    expect(await watched.look()).toBe(1);
    const { catalogue, inPlace } = house.ingest;
    const [source] = await catalogue.listSources(owner.projectId);
    expect(await house.ingest.settled(source!.id)).toBe("ready");
    expect(await house.blobs.size(`originals/${source!.sha256}`)).toBeUndefined();
    expect((await catalogue.source(source!.id))!.place).toMatchObject({ path, state: "present" });
    expect(await readFile(path)).toEqual(bytes);

    await rm(path);
    expect(await inPlace.check(source!.id)).toMatchObject({ state: "missing" });
    await expect(inPlace.locate(source!.sha256!)).rejects.toMatchObject({ code: "missing" });
    // Copied back by somebody: another time, the same bytes.
    await writeFile(path, bytes);
    await utimes(path, 3_000_000, 3_000_000);
    expect(await inPlace.check(source!.id)).toMatchObject({ state: "present" });
    expect(await inPlace.locate(source!.sha256!)).toMatchObject({ path });
    // Other bytes of the same length.
    const other = bytes.slice();
    other[other.length - 1]! ^= 1;
    await writeFile(path, other);
    await utimes(path, 4_000_000, 4_000_000);
    expect(await inPlace.check(source!.id)).toMatchObject({ state: "changed" });
    await expect(inPlace.locate(source!.sha256!)).rejects.toMatchObject({ code: "changed-original" });
  });

  it("a document and the series of its name stay together, however many looks lie between them", async () => {
    const pixels = [Uint16Array.from({ length: 300 }, (_, i) => i)];
    const options = { wide: false, announced: 1, deltaM: [2e-9, 3e-9] } as const;
    const place = (name: string) => join(folder, "Titan/wires", name);
    await writeFile(place("scan.emi"), writeEmi([["High tension", "200", "kV"]]));
    const watched = await watch();
    await watched.look();
    nowMs += 10_000;
    expect(await watched.look()).toBe(1);
    await writeFile(place("scan_1.ser"), writeSer(pixels, 20, 15, options));
    await watched.look();
    nowMs += 10_000;
    expect(await watched.look()).toBe(1);
    const { catalogue, jobs } = house.ingest;
    const document = (await catalogue.listSources(owner.projectId)).find(
      ({ fileName }) => fileName === "scan.emi",
    )!;
    const ready = Promise.withResolvers<void>();
    const look = async () => (await catalogue.source(document.id))?.status === "ready" && ready.resolve();
    const leave = jobs.onChange(() => void look());
    await look();
    await ready.promise;
    leave();
    const [micrograph] = await catalogue.listMicrographs(owner.projectId);
    expect(micrograph!.acquisition.highTensionKv).toMatchObject({ value: 200 });
  });
});
