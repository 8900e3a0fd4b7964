import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface Hashed {
  readonly bytes: number;
  readonly sha256: string;
}

/** Paths of all files below a folder, relative, with forward slashes, sorted; none where the folder is missing. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (relative: string): Promise<void> => {
    const entries = await readdir(join(folder, relative), { withFileTypes: true }).catch(
      (cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT") return [];
        throw cause;
      },
    );
    for (const entry of entries) {
      // The store's own: what is still coming in.
      if (entry.name.startsWith(".")) continue;
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  await walk("");
  return found.sort();
}

export async function hashFile(path: string): Promise<Hashed> {
  return hashing(path, new Writable({ write: (_chunk, _encoding, done) => done() }));
}

/** Copy to the disk, not only to its cache. @returns what was copied */
export async function copyHashed(from: string, to: string): Promise<Hashed> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  return hashing(from, createWriteStream(to, { flags: "wx", mode: 0o600, flush: true }));
}

async function hashing(path: string, target: Writable): Promise<Hashed> {
  const hash = createHash("sha256");
  let bytes = 0;
  await pipeline(
    createReadStream(path, { highWaterMark: 1024 * 1024 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    target,
  );
  return { bytes, sha256: hash.digest("hex") };
}
