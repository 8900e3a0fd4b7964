import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, open, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { checkBlobKey } from "../blob-key.ts";
import type { BlobStore } from "../blob-store.ts";
import { StorageError } from "../storage-error.ts";

/**
 * Blobs as files below one folder. Bytes are written beside their place, reach the disk, and only then take their name;
 * the folder's entry reaches the disk too. A kill leaves a whole blob, or none and a file in `.incoming`, which the next
 * start empties.
 */
export class DirectoryBlobStore implements BlobStore {
  readonly #root: string;
  readonly #incoming: string;

  private constructor(root: string) {
    this.#root = root;
    this.#incoming = join(root, ".incoming");
  }

  static async open(root: string): Promise<DirectoryBlobStore> {
    const store = new DirectoryBlobStore(root);
    await rm(store.#incoming, { recursive: true, force: true });
    await mkdir(store.#incoming, { recursive: true, mode: 0o700 });
    return store;
  }

  async put(key: string, body: Readable | Uint8Array) {
    const place = this.#place(key);
    const temporary = join(this.#incoming, randomUUID());
    const hash = createHash("sha256");
    let bytes = 0;
    try {
      const file = await open(temporary, "wx", 0o600);
      try {
        for await (const chunk of body instanceof Uint8Array ? [body] : (body as AsyncIterable<Uint8Array>)) {
          hash.update(chunk);
          bytes += chunk.length;
          await file.writeFile(chunk);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#settle(temporary, place);
    } catch (cause) {
      await rm(temporary, { force: true });
      throw asStorageError(cause, key);
    }
    return { bytes, sha256: hash.digest("hex") };
  }

  async adopt(key: string, path: string): Promise<void> {
    const place = this.#place(key);
    try {
      await syncFile(path);
      await this.#settle(path, place);
    } catch (cause) {
      if (errnoOf(cause) !== "EXDEV") throw asStorageError(cause, key);
      // Another file system: nothing for it but a copy.
      const temporary = join(this.#incoming, randomUUID());
      await copyFile(path, temporary);
      await syncFile(temporary);
      await this.#settle(temporary, place);
      await unlink(path);
    }
  }

  async size(key: string): Promise<number | undefined> {
    const found = await stat(this.#place(key)).catch((cause: unknown) => {
      if (errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR") return undefined;
      throw asStorageError(cause, key);
    });
    return found?.isFile() ? found.size : undefined;
  }

  async read(key: string, offset: number, length: number): Promise<Uint8Array> {
    const place = this.#place(key);
    try {
      const file = await open(place, "r");
      try {
        const into = new Uint8Array(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await file.read(into, filled, length - filled, offset + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return into.subarray(0, filled);
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw asStorageError(cause, key);
    }
  }

  stream(key: string, range?: { readonly start: number; readonly end: number }): Readable {
    return createReadStream(this.#place(key), range);
  }

  localPath(key: string): string | undefined {
    return this.#place(key);
  }

  async delete(key: string): Promise<void> {
    await rm(this.#place(key), { force: true });
  }

  async close(): Promise<void> {}

  #place(key: string): string {
    return join(this.#root, checkBlobKey(key));
  }

  async #settle(from: string, place: string): Promise<void> {
    const folder = dirname(place);
    const firstMade = await mkdir(folder, { recursive: true, mode: 0o700 });
    await rename(from, place);
    await syncFolder(folder);
    // Folders that were made on the way need their own entries on disk.
    for (let made = folder; firstMade && made.length >= firstMade.length; made = dirname(made)) {
      await syncFolder(dirname(made));
    }
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  await file.sync().finally(() => file.close());
}

async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders; its file system journals the rename itself.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  await folder.sync().finally(() => folder.close());
}

function errnoOf(cause: unknown): string {
  return String((cause as { code?: unknown } | null)?.code ?? "");
}

function asStorageError(cause: unknown, key: string): StorageError {
  if (cause instanceof StorageError) return cause;
  const errno = errnoOf(cause);
  if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "EISDIR") {
    return new StorageError("missing", `Expected a blob under "${key}"; there is none.`, { key });
  }
  if (errno === "ENOSPC" || errno === "EDQUOT") {
    return new StorageError("full", "The disk of the data folder is full; free some space.", { key });
  }
  if (errno === "EROFS" || errno === "EACCES" || errno === "EPERM") {
    return new StorageError("read-only", `The data folder cannot be written (${errno}); check its rights.`, {
      key,
    });
  }
  return new StorageError("broken", `The file store failed for "${key}": ${String(cause)}`, { key });
}
