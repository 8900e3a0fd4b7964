import { chmod, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeTiff } from "#scripts/fixtures/tiff-writer.ts";
import { derivedKeys } from "#server/tiles/derived-keys.ts";
import { type House, openHouse, owner, temporaryFolder } from "./house.ts";

const [width, height] = [33, 21];

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let house: House;
let path: string;

/** A stack of two frames: the second is derived only when somebody asks for it. */
function stack(seed: number): Uint8Array {
  const page = (frame: number) => ({
    ...{ width, height, samplesPerPixel: 1 as const, sampleType: "uint16" as const },
    data: Uint16Array.from({ length: width * height }, (_, i) => (i * seed + 7 * frame) % 60_000),
  });
  return writeTiff([
    [page(0), {}],
    [page(1), {}],
  ]);
}

beforeEach(async () => {
  root = await temporaryFolder();
  house = await openHouse(join(root.path, "data"));
  await house.ingest.start();
  path = join(root.path, "stack.tif");
  await writeFile(path, stack(3));
});
afterEach(async () => {
  await house.close();
  await root.remove();
});

async function reference() {
  const { sourceId } = await house.ingest.referenceFile(path, owner);
  expect(await house.ingest.settled(sourceId)).toBe("ready");
  const source = (await house.ingest.catalogue.source(sourceId))!;
  const [signal] = await house.ingest.catalogue.signals(source.micrographs[0]!);
  return { source, micrographId: source.micrographs[0]!, derivation: signal!.derivation! };
}

/** Asks for the second frame and waits for the order to be carried out or refused. */
async function secondFrame(micrographId: string): Promise<string> {
  const ended = Promise.withResolvers<string>();
  const leave = house.ingest.jobs.onChange(({ job }) => {
    if (job.kind === "derive-frame" && (job.status === "done" || job.status === "failed"))
      ended.resolve(job.status === "done" ? "done" : (job.code ?? "failed"));
  });
  await house.ingest.requestFrame(micrographId, "0", 1);
  const status = await ended.promise;
  leave();
  return status;
}

it("is tiled without a copy, and never written to, not even where it could not be", async () => {
  await chmod(path, 0o444);
  const [before, bytes] = [await stat(path), await readFile(path)];
  const { source, micrographId, derivation } = await reference();
  expect(source).toMatchObject({ bytes: bytes.length, place: { state: "present", path } });
  expect(await readdir(join(root.path, "data/blobs")).catch(() => [])).not.toContain("originals");
  expect(await house.blobs.size(derivedKeys.native(derivation, 0))).toBeGreaterThan(0);
  expect(await secondFrame(micrographId)).toBe("done");
  const after = await stat(path);
  expect([after.mtimeMs, after.mode, await readFile(path)]).toEqual([before.mtimeMs, before.mode, bytes]);
});

it("is looked at before each derivation: from other bytes nothing more is made", async () => {
  const { micrographId, derivation } = await reference();
  await writeFile(path, stack(5));
  await utimes(path, 5_000_000, 5_000_000);
  expect(await secondFrame(micrographId)).toBe("changed-original");
  expect(await house.blobs.size(derivedKeys.native(derivation, 1))).toBeUndefined();
  // What was derived from the bytes that were there stays.
  expect(await house.blobs.size(derivedKeys.native(derivation, 0))).toBeGreaterThan(0);
});

it("that is gone says so, and a copy of the same bytes in the store stands in for it", async () => {
  const bytes = await readFile(path);
  const { source, micrographId } = await reference();
  await rm(path);
  expect(await house.ingest.inPlace.check(source.id)).toMatchObject({ state: "missing" });
  const copy = join(root.path, "copy.tif");
  await writeFile(copy, bytes);
  const kept = await house.ingest.ingestFile(copy, { ...owner, projectId: "elsewhere" });
  expect(await house.ingest.settled(kept.sourceId)).toBe("ready");
  expect(await secondFrame(micrographId)).toBe("done");
  expect((await house.ingest.catalogue.source(source.id))!.place).toMatchObject({ state: "missing" });
});

it("an empty file and one that is not there are refused", async () => {
  await writeFile(path, "");
  await expect(house.ingest.referenceFile(path, owner)).rejects.toMatchObject({ code: "empty" });
  await expect(house.ingest.referenceFile(join(root.path, "none.tif"), owner)).rejects.toThrow(/ENOENT/);
});
