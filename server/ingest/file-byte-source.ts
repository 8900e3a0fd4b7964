import { readSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { ByteSource } from "#core/formats/byte-source.ts";
import { FormatError } from "#core/formats/reader.ts";

export interface FileByteSource extends ByteSource {
  /** For programs of the machine that read files themselves. */
  readonly path: string;
  /** Bytes from `offset` into `target` for libraries that cannot wait; how many there were. Workers only. */
  readInto(target: Uint8Array, offset: number): number;
  close(): Promise<void>;
}

/** A file of this machine as a byte source. Positional reads: any number may be under way at once. */
export async function openFileByteSource(path: string): Promise<FileByteSource> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    return {
      path,
      size,
      read: (offset, length) => readExactly(handle, size, offset, length),
      readInto: (target, offset) => readSync(handle.fd, target, 0, target.length, offset),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The same for one of thousands of files (the frames of a stack): its length is looked up when it is asked for, which
 * waits for the disk, and it is open only while it is read. Workers only.
 */
export function fileReadAtNeed(path: string): ByteSource {
  return {
    get size() {
      return statSync(path).size;
    },
    async read(offset, length) {
      const file = await openFileByteSource(path);
      try {
        return await file.read(offset, length);
      } finally {
        await file.close();
      }
    },
  };
}

async function readExactly(handle: FileHandle, size: number, offset: number, length: number) {
  // Checked before the buffer is made: a length invented by a broken header must not become an allocation.
  if (!(offset >= 0 && length >= 0 && offset + length <= size)) throw truncated(offset, length, size);
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) throw truncated(offset, length, offset + done);
    done += bytesRead;
  }
  return bytes;
}

function truncated(offset: number, length: number, size: number): FormatError {
  return new FormatError(
    "truncated",
    `The file ends at byte ${size}, but ${length} bytes at ${offset} were announced. Copy it again from the microscope's computer.`,
    { offset, length, size },
  );
}
