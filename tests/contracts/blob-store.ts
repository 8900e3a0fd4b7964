import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import type { BlobStore } from "#server/storage/blob-store.ts";
import { StorageError } from "#server/storage/storage-error.ts";

/** What every blob store keeps. `open` gives an empty one. */
export function blobStoreContract(open: () => Promise<BlobStore>): void {
  const opened = async () => {
    const store = await open();
    onTestFinished(() => store.close());
    return store;
  };
  const content = Uint8Array.from({ length: 70_001 }, (_, i) => (i * 31 + (i >> 8)) & 255);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const key = `originals/${sha256}`;
  const collect = async (stream: Readable) => Buffer.concat(await stream.toArray());
  const codeOf = (work: () => Promise<unknown>) =>
    Promise.resolve()
      .then(work)
      .then(
        () => "none",
        (cause: unknown) => (cause instanceof StorageError ? cause.code : String(cause)),
      );

  describe("blob store", () => {
    it("gives back what was put, from bytes or from a stream, with its hash", async () => {
      const store = await opened();
      expect(await store.put(key, content)).toEqual({ bytes: content.length, sha256 });
      const chunks = [content.slice(0, 1), content.slice(1, 40_000), content.slice(40_000)];
      expect(await store.put("derived/a/b.tif", Readable.from(chunks))).toEqual({
        bytes: content.length,
        sha256,
      });
      for (const each of [key, "derived/a/b.tif"]) {
        expect(await store.size(each)).toBe(content.length);
        expect(Buffer.compare(await collect(store.stream(each)), content)).toBe(0);
      }
    });

    it("reads any part, and what there is past the end", async () => {
      const store = await opened();
      await store.put(key, content);
      expect([...(await store.read(key, 65_530, 12))]).toEqual([...content.slice(65_530, 65_542)]);
      expect([...(await store.read(key, 69_999, 100))]).toEqual([...content.slice(69_999)]);
      expect((await store.read(key, 80_000, 5)).length).toBe(0);
      expect([...(await collect(store.stream(key, { start: 5, end: 9 })))]).toEqual([
        ...content.slice(5, 10),
      ]);
    });

    it("leaves what was there, and nothing half, where a put breaks off", async () => {
      const store = await opened();
      await store.put(key, content);
      const breaking = () =>
        Readable.from(
          (async function* () {
            yield content.slice(0, 1_000);
            throw new Error("the line broke");
          })(),
        );
      await expect(store.put(key, breaking())).rejects.toThrow();
      await expect(store.put("originals/never", breaking())).rejects.toThrow();
      expect(await store.size(key)).toBe(content.length);
      expect(await store.size("originals/never")).toBeUndefined();
    });

    it("takes a finished file in", async () => {
      const store = await opened();
      const folder = await mkdtemp(join(tmpdir(), "lamella-adopt-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const path = join(folder, "upload");
      await writeFile(path, content);
      await store.adopt("originals/adopted", path);
      expect(existsSync(path)).toBe(false);
      expect(Buffer.compare(await store.read("originals/adopted", 0, content.length), content)).toBe(0);
    });

    it("says where a blob lies only if it can be read there", async () => {
      const store = await opened();
      await store.put(key, content);
      const path = store.localPath(key);
      if (path !== undefined) expect(Buffer.compare(await readFile(path), content)).toBe(0);
    });

    it("forgets what is deleted; deleting nothing is no error", async () => {
      const store = await opened();
      await store.put(key, content);
      await store.delete(key);
      await store.delete(key);
      expect(await store.size(key)).toBeUndefined();
      expect(await codeOf(() => store.read(key, 0, 1))).toBe("missing");
    });

    it.each(["../outside", "/etc/passwd", "a//b", "a/../../b", ".incoming/x", "a\\b", "a\0b", "", "a/."])(
      "refuses the key %j",
      async (bad) => {
        const store = await opened();
        expect(await codeOf(() => store.put(bad, content))).toBe("key");
        expect(await codeOf(() => store.read(bad, 0, 1))).toBe("key");
        expect(await codeOf(async () => store.localPath(bad))).toBe("key");
      },
    );
  });
}
