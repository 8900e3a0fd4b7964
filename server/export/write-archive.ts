import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";

export interface ArchiveEntry {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Already compressed: stored as it is. */
  readonly packed?: boolean;
}

/** No more at a time: checksums are worked out between the turns of others. */
const sliceBytes = 256 * 1024;

/**
 * Writes a ZIP, entry by entry as they come; one is held in memory at a time. It may be of any size and number of
 * entries: where 4 GiB or 65,535 do not suffice, it is ZIP64.
 *
 * @param entries their failure is this one's; what was written so far is then of no use
 * @param path a new file
 */
export async function writeArchive(path: string, entries: AsyncIterable<ArchiveEntry>): Promise<void> {
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(path));
  written.catch(() => undefined); // met below, by whoever waits for it next
  try {
    for await (const { path: name, bytes, packed = false } of entries) {
      const stream = Readable.from(slicesOf(bytes), { objectMode: false });
      zip.addReadStream(stream, name, { compress: !packed, size: bytes.length });
      await Promise.race([finished(stream), written]);
    }
    zip.end();
    await written;
  } catch (error) {
    (zip.outputStream as Readable).destroy(error as Error);
    await written.catch(() => undefined);
    throw error;
  }
}

function* slicesOf(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sliceBytes) yield bytes.subarray(at, at + sliceBytes);
}
