import { createHash } from "node:crypto";
import { readFile, unlink } from "node:fs/promises";
import { Readable } from "node:stream";
import { checkBlobKey } from "../blob-key.ts";
import type { BlobStore } from "../blob-store.ts";
import { StorageError } from "../storage-error.ts";

/** Blobs that last as long as the process. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, Uint8Array>();

  async put(key: string, body: Readable | Uint8Array) {
    checkBlobKey(key);
    const bytes = body instanceof Uint8Array ? body.slice() : await collect(body);
    this.#blobs.set(key, bytes);
    return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  }

  async adopt(key: string, path: string): Promise<void> {
    checkBlobKey(key);
    this.#blobs.set(key, new Uint8Array(await readFile(path)));
    await unlink(path);
  }

  async size(key: string): Promise<number | undefined> {
    return this.#blobs.get(checkBlobKey(key))?.length;
  }

  async read(key: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#blob(key).slice(offset, offset + length);
  }

  stream(key: string, range?: { readonly start: number; readonly end: number }): Readable {
    const bytes = this.#blob(key);
    return Readable.from([range ? bytes.slice(range.start, range.end + 1) : bytes], { objectMode: false });
  }

  localPath(key: string): string | undefined {
    checkBlobKey(key);
    return undefined;
  }

  async delete(key: string): Promise<void> {
    this.#blobs.delete(checkBlobKey(key));
  }

  async close(): Promise<void> {
    this.#blobs.clear();
  }

  #blob(key: string): Uint8Array {
    const bytes = this.#blobs.get(checkBlobKey(key));
    if (!bytes) throw new StorageError("missing", `Expected a blob under "${key}"; there is none.`, { key });
    return bytes;
  }
}

async function collect(body: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk as Uint8Array);
  return new Uint8Array(Buffer.concat(chunks));
}
