import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openHouse, temporaryFolder, writePicture } from "./house.ts";
import { phantomImage } from "./phantom-image.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => void (folder = await temporaryFolder()));
afterEach(() => folder.remove());

/** Lets a process take a file in, and kills it while the pyramid is being written. */
async function killWhileDeriving(data: string, file: string): Promise<string> {
  const script = fileURLToPath(new URL("./killed-server.ts", import.meta.url));
  const child = spawn(process.execPath, [script, data, file], { stdio: ["ignore", "pipe", "inherit"] });
  let sourceId = "";
  const gone = new Promise((resolve) => child.once("exit", resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as { sourceId?: string; progress?: number };
      sourceId = said.sourceId ?? sourceId;
      if ((said.progress ?? 0) >= 1) throw new Error("the process was done before it could be killed");
      if (sourceId && (said.progress ?? 0) > 0.2) break;
    }
  } finally {
    child.kill("SIGKILL");
    await gone;
  }
  return sourceId;
}

it("SIGKILL inside a pyramid: nothing half made is visible, and the next start finishes it exactly", async () => {
  const [width, height] = [4200, 3100];
  const pixels = phantomImage("uint16", width, height).frames[0] as Uint16Array;
  const file = await writePicture(join(folder.path, "large.tif"), pixels, width, height);
  const data = join(folder.path, "data");
  const sourceId = await killWhileDeriving(data, file);
  expect(await readdir(join(data, "blobs"))).not.toContain("derived");
  expect((await readdir(join(data, "work", "deriving"))).length).toBeGreaterThan(0);

  const house = await openHouse(data);
  try {
    const [before] = await house.ingest.catalogue.listMicrographs("project1");
    expect(before?.signals[0]?.derivation).toBeNull();
    await house.ingest.start();
    expect(await house.ingest.settled(sourceId)).toBe("ready");
    const after = (await house.ingest.catalogue.listMicrographs("project1"))[0]!;
    expect(after.id).toBe(before!.id);
    expect(await readdir(join(data, "work", "deriving"))).toEqual([]);
    const { derivation, tileType } = after.signals[0]!;
    const at = { derivation: derivation!, width, height, tileType, frame: 0, level: 0, column: 8, row: 6 };
    const tile = (await house.tiles.native(at, false))!;
    const found = new Uint16Array(Uint8Array.from(tile.bytes).buffer);
    expect(found.subarray(-104)).toEqual(pixels.subarray(-104));
  } finally {
    await house.close();
  }
});
