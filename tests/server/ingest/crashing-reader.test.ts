import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { childrenOf } from "#scripts/process-tree.ts";
import { type House, openHouse, temporaryFolder, writePicture } from "./house.ts";
import { phantomImage } from "./phantom-image.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let house: House;
let died: unknown[];
beforeEach(async () => {
  folder = await temporaryFolder();
  died = [];
  house = await openHouse(join(folder.path, "data"), { report: (_, { how }) => void died.push(how) });
  await house.ingest.start();
});
afterEach(async () => {
  await house.close();
  await folder.remove();
});

/** Takes a large picture in, and has its reader die in the middle of the pyramid each time it gets there. */
async function readWithCrashes(crashes: number) {
  const pixels = phantomImage("uint16", 4200, 3100).frames[0] as Uint16Array;
  const file = await writePicture(join(folder.path, "large.tif"), pixels, 4200, 3100);
  const options = { projectId: "project1", principalId: "person1" };
  const { sourceId } = await house.ingest.ingestFile(file, options);
  const killed = new Set<number>();
  const watch = setInterval(async () => {
    const [micrograph] = await house.ingest.catalogue.listMicrographs("project1");
    if (killed.size >= crashes || micrograph?.status !== "running") return;
    for (const pid of childrenOf()) {
      if (killed.has(pid) || killed.size >= crashes) continue;
      killed.add(pid);
      process.kill(pid, "SIGSEGV");
    }
  }, 50);
  const status = await house.ingest.settled(sourceId);
  clearInterval(watch);
  expect(died).toEqual(Array(crashes).fill("SIGSEGV"));
  const [micrograph] = await house.ingest.catalogue.listMicrographs("project1");
  return {
    status,
    pixels,
    micrograph: micrograph!,
    source: (await house.ingest.catalogue.source(sourceId))!,
  };
}

it.runIf(process.platform === "linux")(
  "a reader that crashes inside a pyramid is replaced, and the picture is whole",
  async () => {
    const { status, micrograph, pixels } = await readWithCrashes(1);
    expect(status).toBe("ready");
    const { derivation, tileType } = micrograph.signals[0]!;
    const { width, height } = micrograph;
    const at = { derivation: derivation!, width, height, tileType, frame: 0, level: 0, column: 8, row: 6 };
    const tile = (await house.tiles.native(at, false))!;
    const found = new Uint16Array(Uint8Array.from(tile.bytes).buffer);
    expect(found.subarray(-104)).toEqual(pixels.subarray(-104));
  },
);

it.runIf(process.platform === "linux")(
  "a file over which it crashes every time is refused, and the next is read",
  async () => {
    const { status, source } = await readWithCrashes(2);
    expect(status).toBe("failed");
    expect(source.reason).toContain("crashed over it, twice (SIGSEGV)");
    const next = await writePicture(join(folder.path, "next.png"), new Uint16Array(64).fill(7), 8, 8);
    const { sourceId } = await house.ingest.ingestFile(next, {
      projectId: "project1",
      principalId: "person1",
    });
    expect(await house.ingest.settled(sourceId)).toBe("ready");
  },
);
