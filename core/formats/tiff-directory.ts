import { BinaryView, vendorText } from "./binary-view.ts";
import type { ByteSource } from "./byte-source.ts";
import { FormatError } from "./reader.ts";

interface Entry {
  readonly type: number;
  readonly count: number;
  /** Where the values stand in the file when they do not fit the entry. */
  readonly offset: number;
  /** The entry's own value bytes when they do: a page of a long stack costs one read, not one a tag. */
  readonly inline?: Uint8Array;
}

const bytesOfType: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
}; // prettier-ignore
const subIfds = 330;
const maxDirectories = 100_000;
const maxValues = 1 << 24;

/** One image file directory: its entries, read when asked for, each checked against the file's size first. */
export class TiffDirectory {
  readonly source: ByteSource;
  readonly littleEndian: boolean;
  readonly #wide: boolean;
  readonly #entries: ReadonlyMap<number, Entry>;

  constructor(source: ByteSource, littleEndian: boolean, wide: boolean, entries: ReadonlyMap<number, Entry>) {
    this.source = source;
    this.littleEndian = littleEndian;
    this.#wide = wide;
    this.#entries = entries;
  }

  has(tag: number): boolean {
    return this.#entries.has(tag);
  }

  get tags(): readonly number[] {
    return [...this.#entries.keys()];
  }

  /** The raw bytes of a tag's values; empty where it is absent. */
  async bytes(tag: number): Promise<Uint8Array> {
    const entry = this.#entries.get(tag);
    if (!entry) return new Uint8Array(0);
    return this.#valueBytes(entry, entry.count);
  }

  async #valueBytes({ inline, offset, type }: Entry, count: number): Promise<Uint8Array> {
    const length = count * bytesOfType[type]!;
    return inline ? inline.subarray(0, length) : this.source.read(offset, length);
  }

  /** Numeric values of any type; rationals as quotients. Empty where the tag is absent. */
  async numbers(tag: number, most = maxValues): Promise<number[]> {
    const entry = this.#entries.get(tag);
    if (!entry) return [];
    if (entry.count > maxValues)
      throw new FormatError(
        "too-large",
        `TIFF tag ${tag} holds ${entry.count} values; up to ${maxValues} are read.`,
      );
    const count = Math.min(entry.count, most);
    const bytes = await this.#valueBytes(entry, count);
    const view = new BinaryView(bytes, this.littleEndian);
    return Array.from({ length: count }, () => readNumber(view, entry.type));
  }

  async number(tag: number): Promise<number | undefined> {
    return (await this.numbers(tag, 1))[0];
  }

  /** Directories that hang below this one (SubIFDs, TIFF 6.0 supplement 1), not their successors: `most` at the most. */
  async children(most: number): Promise<readonly TiffDirectory[]> {
    const children: TiffDirectory[] = [];
    for (const offset of await this.numbers(subIfds, most))
      children.push((await readDirectory(this.source, this.littleEndian, this.#wide, offset)).directory);
    return children;
  }

  async text(tag: number): Promise<string> {
    return vendorText(await this.bytes(tag));
  }
}

function readNumber(view: BinaryView, type: number): number {
  if (type === 1 || type === 2 || type === 7) return view.u8();
  if (type === 3) return view.u16();
  if (type === 4 || type === 13) return view.u32();
  if (type === 5) return view.u32() / view.u32();
  if (type === 6) return view.i8();
  if (type === 8) return view.i16();
  if (type === 9) return view.i32();
  if (type === 10) return view.i32() / view.i32();
  if (type === 11) return view.f32();
  if (type === 12) return view.f64();
  return type === 17 ? view.i64() : view.u64();
}

/** "II" or "MM" followed by 42 (TIFF) or 43 (BigTIFF). */
export function looksLikeTiff(head: Uint8Array): boolean {
  const little = head[0] === 0x49 && head[1] === 0x49;
  const big = head[0] === 0x4d && head[1] === 0x4d;
  const [low, high] = little ? [head[2], head[3]] : [head[3], head[2]];
  return (little || big) && high === 0 && (low === 42 || low === 43);
}

/**
 * The chain of directories of a TIFF or BigTIFF.
 * @throws FormatError "malformed" for loops and empty chains, "truncated", "too-large"
 * Source: TIFF 6.0 (Adobe 1992); BigTIFF as libtiff defines it.
 */
export async function readTiffDirectories(source: ByteSource): Promise<readonly TiffDirectory[]> {
  const head = await source.read(0, Math.min(16, source.size));
  const littleEndian = head[0] === 0x49;
  const view = new BinaryView(head, littleEndian).seek(2);
  const wide = view.u16() === 43;
  if (wide && (view.u16() !== 8 || view.u16() !== 0))
    throw new FormatError(
      "malformed",
      "The BigTIFF header does not use 8-byte offsets. The file is damaged.",
    );
  const seen = new Set<number>();
  const directories: TiffDirectory[] = [];
  let offset = wide ? view.u64() : view.u32();
  while (offset !== 0) {
    if (seen.has(offset))
      throw new FormatError("malformed", "The TIFF's pages form a loop. The file is damaged: save it again.");
    if (seen.size >= maxDirectories)
      throw new FormatError("too-large", `The TIFF has more than ${maxDirectories} pages. Split it.`);
    seen.add(offset);
    const { directory, next } = await readDirectory(source, littleEndian, wide, offset);
    directories.push(directory);
    offset = next;
  }
  if (directories.length === 0)
    throw new FormatError("malformed", "The TIFF has no page. It was never finished: save it again.");
  return directories;
}

async function readDirectory(source: ByteSource, littleEndian: boolean, wide: boolean, offset: number) {
  const countBytes = wide ? 8 : 2;
  const counter = new BinaryView(await source.read(offset, countBytes), littleEndian);
  const count = wide ? counter.u64() : counter.u16();
  const entryBytes = wide ? 20 : 12;
  const start = offset + countBytes;
  if (count > 65535)
    throw new FormatError("malformed", `A TIFF page announces ${count} tags. The file is damaged.`);
  const view = new BinaryView(await source.read(start, count * entryBytes + (wide ? 8 : 4)), littleEndian);
  const entries = new Map<number, Entry>();
  for (let i = 0; i < count; i++) {
    const [tag, type] = [view.u16(), view.u16()];
    const values = wide ? view.u64() : view.u32();
    const valueAt = view.position;
    const offset = wide ? view.u64() : view.u32();
    const size = bytesOfType[type];
    if (size === undefined) continue; // types of a later TIFF are to be skipped, says the specification
    const fits = values * size <= (wide ? 8 : 4);
    const inline = fits ? view.bytes.slice(valueAt, view.position) : undefined;
    entries.set(tag, { type, count: values, offset, ...(inline ? { inline } : {}) });
  }
  const next = wide ? view.u64() : view.u32();
  return { directory: new TiffDirectory(source, littleEndian, wide, entries), next };
}
