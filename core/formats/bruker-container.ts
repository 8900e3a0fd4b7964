import { BinaryView } from "./binary-view.ts";
import type { ByteSource } from "./byte-source.ts";
import { requireBytes } from "./pixel-grid.ts";
import { FormatError } from "./reader.ts";

/** A file within a Bruker container. */
export interface ContainedFile {
  readonly name: string;
  readonly size: number;
  read(): Promise<Uint8Array>;
}

const preambleBytes = 0x118;
const pageHeadBytes = 32;
const entryBytes = 0x200;
const maxEntries = 10_000;
const maxFileBytes = 1 << 29;

/**
 * Files of a Bruker container ("SFS"): pages of one size after a preamble, each with a head that begins with the number
 * of the page it goes on in. A directory page lists the files; each has a table of the pages that hold it.
 */
export async function readContainer(source: ByteSource): Promise<readonly ContainedFile[]> {
  const head = new BinaryView(await source.read(0, 0x14c), true);
  const pageBytes = head.seek(0x128).u32();
  const [directory, entries] = [head.seek(0x140).u32(), head.u32()];
  const payload = pageBytes - pageHeadBytes;
  if (!(payload >= entryBytes && pageBytes <= 1 << 24 && entries > 0 && entries <= maxEntries))
    throw new FormatError(
      "malformed",
      `A Bruker container announces ${entries} files in pages of ${pageBytes} bytes. The file is damaged: copy it again.`,
    );
  const pageAt = (page: number) => preambleBytes + page * pageBytes;

  /** What a chain of pages holds, page by page, up to `bytes`. */
  const readChain = async (first: number, bytes: number): Promise<Uint8Array> => {
    requireBytes(source, bytes, "A list of pages");
    const whole = new Uint8Array(bytes);
    let page = first;
    for (let at = 0; at < bytes; at += payload) {
      const length = Math.min(payload, bytes - at);
      const view = new BinaryView(await source.read(pageAt(page), pageHeadBytes + length), true);
      page = view.u32();
      whole.set(view.seek(pageHeadBytes).take(length), at);
    }
    return whole;
  };

  const list = new BinaryView(await readChain(directory, entries * entryBytes), true);
  const files: ContainedFile[] = [];
  for (let i = 0; i < entries; i++) {
    const [table, size] = [list.seek(i * entryBytes).u32(), list.u64()];
    const isFolder = list.seek(i * entryBytes + 0xdc).u8() !== 0;
    const name = list.skip(3).text(256);
    if (isFolder) continue;
    files.push({
      name,
      size,
      async read() {
        requireBytes(source, size, `The part ${name}`);
        if (size > maxFileBytes)
          throw new FormatError(
            "too-large",
            `The part ${name} has ${size} bytes; up to ${maxFileBytes} are read.`,
          );
        const pages = Math.ceil(size / payload);
        const numbers = new BinaryView(await readChain(table, pages * 4), true);
        const whole = new Uint8Array(size);
        for (let n = 0; n < pages; n++) {
          const length = Math.min(payload, size - n * payload);
          whole.set(await source.read(pageAt(numbers.u32()) + pageHeadBytes, length), n * payload);
        }
        return whole;
      },
    });
  }
  return files;
}
