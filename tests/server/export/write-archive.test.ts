import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ArchiveEntry, writeArchive } from "#server/export/write-archive.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lamella-archive-"));
  path = join(folder, "dataset.zip");
});
afterEach(() => rm(folder, { recursive: true }));

async function* from(entries: Iterable<ArchiveEntry>): AsyncIterable<ArchiveEntry> {
  yield* entries;
}
const noise = (bytes: number) => {
  const blocks = Array.from({ length: bytes / 32 }, (_, i) => createHash("sha256").update(`${i}`).digest());
  return new Uint8Array(Buffer.concat(blocks));
};
const text = (words: string) => new TextEncoder().encode(words);

describe("archives", () => {
  it("give back every byte, whatever its size and name; what is packed already is stored", async () => {
    const entries: ArchiveEntry[] = [
      { path: "manifest.json", bytes: text(`{"marks": "${"a".repeat(100_000)}"}`) },
      { path: "frames/Draht 3 – 7 min µm.csv", bytes: text("t,U\n") },
      { path: "empty.txt", bytes: new Uint8Array(0) },
      { path: "images/wire.png", bytes: noise(2 ** 20), packed: true },
    ];
    await writeArchive(path, from(entries));
    const archive = new Uint8Array(await readFile(path));
    const found = unzipSync(archive);
    expect(Object.keys(found)).toEqual(entries.map((entry) => entry.path));
    for (const { path: name, bytes } of entries) expect(Buffer.compare(found[name]!, bytes)).toBe(0);
    expect(archive.length).toBeLessThan(2 ** 20 + 2_000);
  });

  it("take entries one at a time: the next is made once the last is written", async () => {
    let made = 0;
    let mostAhead = 0;
    const entries = async function* () {
      for (let i = 0; i < 20; i++) {
        made++;
        const onDisk = await readFile(path).then(
          ({ length }) => length,
          () => 0,
        );
        mostAhead = Math.max(mostAhead, (made - 1) * 2 ** 20 - onDisk);
        yield { path: `${i}`, bytes: noise(2 ** 20), packed: true };
      }
    };
    await writeArchive(path, entries());
    expect(mostAhead).toBeLessThan(3 * 2 ** 20);
  });

  it("what fails while they are made, or on the disk, is what the caller hears", async () => {
    const failing = async function* () {
      yield { path: "one", bytes: noise(2 ** 20) };
      throw new Error("no such picture");
    };
    await expect(writeArchive(path, failing())).rejects.toThrow("no such picture");
    const never = writeArchive(
      join(folder, "no-folder", "x.zip"),
      from([{ path: "one", bytes: noise(2 ** 20) }]),
    );
    await expect(never).rejects.toMatchObject({ code: "ENOENT" });
  });
});
