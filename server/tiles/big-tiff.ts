import { channelsOf, type TileType } from "#core/pyramid/downsample.ts";
import type { PyramidLevel } from "#core/pyramid/levels.ts";
import { tileSizePx } from "#core/pyramid/levels.ts";
import { createTileIndex, type TileIndex } from "./tile-index.ts";
import type { TileFileLayout } from "./tile-writer.ts";

/** How the tiles of one file lie in it. */
export type TilePacking = "none" | "deflate";

/**
 * A pyramid at native depth as any TIFF reader opens it: a little-endian BigTIFF, one directory a level, full
 * resolution first, reduced ones marked as such (NewSubfileType 1), tiles of 512 × 512 (padded at the edges by
 * repeating nothing: zeros), as they are or Deflate without predictor. The stored tile is therefore the body of an
 * HTTP answer, with `Content-Encoding: deflate` where it is packed, as it stands.
 *
 * Layout: header (16 bytes) · tiles · directories with their arrays.
 */
export function bigTiffLayout(
  tileType: TileType,
  levels: readonly PyramidLevel[],
  packing: TilePacking,
  description: string,
): TileFileLayout {
  return {
    header: new Uint8Array(headerLength),
    close(index, trailerOffset) {
      const header = new DataView(new ArrayBuffer(headerLength));
      header.setUint16(0, 0x4949, true);
      header.setUint16(2, 43, true);
      header.setUint16(4, 8, true);
      header.setBigUint64(8, BigInt(trailerOffset), true);
      return {
        header: new Uint8Array(header.buffer),
        trailer: directories({ tileType, packing, description }, levels, index, trailerOffset),
      };
    },
  };
}

const headerLength = 16;
const [short, long, long8, ascii] = [3, 4, 16, 2] as const;
const sizeOfType = { [short]: 2, [long]: 4, [long8]: 8, [ascii]: 1 } as const;
const tagOf = { width: 256, height: 257, compression: 259, tileOffsets: 324, tileByteCounts: 325 } as const;
const compressionOf: Readonly<Record<TilePacking, number>> = { none: 1, deflate: 8 };

interface FileFacts {
  readonly tileType: TileType;
  readonly packing: TilePacking;
  readonly description: string;
}

interface Entry {
  readonly tag: number;
  readonly type: keyof typeof sizeOfType;
  readonly values: ArrayLike<number>;
}

function directories(
  facts: FileFacts,
  levels: readonly PyramidLevel[],
  index: TileIndex,
  start: number,
): Uint8Array {
  // Levels without tiles lie elsewhere: the file begins with the first that has some.
  const written = levels.filter(({ level }) => index.levels[level]!.lengths.some((bytes) => bytes > 0));
  const perLevel = written.map((level, i) => entriesOf(facts, level, index, i === 0));
  const sizes = perLevel.map(
    (entries) => 8 + entries.length * 20 + 8 + entries.reduce((n, e) => n + outside(e), 0),
  );
  const out = new DataView(new ArrayBuffer(sizes.reduce((a, b) => a + b, 0)));
  let at = 0;
  perLevel.forEach((entries, level) => {
    const next = level + 1 < perLevel.length ? start + at + sizes[level]! : 0;
    writeDirectory(out, at, start, entries, next);
    at += sizes[level]!;
  });
  return new Uint8Array(out.buffer);
}

function entriesOf(
  { tileType, packing, description }: FileFacts,
  level: PyramidLevel,
  index: TileIndex,
  isFirst: boolean,
): readonly Entry[] {
  const channels = channelsOf[tileType];
  const bits = { u8: 8, u16: 16, f32: 32, rgb8: 8 }[tileType];
  const perChannel = (value: number) => new Array<number>(channels).fill(value);
  const tiles = index.levels[level.level]!;
  const text = [...new TextEncoder().encode(description), 0];
  return [
    { tag: 254, type: long, values: [isFirst ? 0 : 1] }, // NewSubfileType: a reduced image
    { tag: tagOf.width, type: long, values: [level.width] },
    { tag: tagOf.height, type: long, values: [level.height] },
    { tag: 258, type: short, values: perChannel(bits) },
    { tag: tagOf.compression, type: short, values: [compressionOf[packing]] },
    { tag: 262, type: short, values: [tileType === "rgb8" ? 2 : 1] }, // RGB, or 0 is black
    ...(isFirst ? [{ tag: 270, type: ascii, values: text } as const] : []),
    { tag: 277, type: short, values: [channels] },
    { tag: 284, type: short, values: [1] }, // channels interleaved
    { tag: 322, type: long, values: [tileSizePx] },
    { tag: 323, type: long, values: [tileSizePx] },
    { tag: tagOf.tileOffsets, type: long8, values: tiles.offsets },
    { tag: tagOf.tileByteCounts, type: long8, values: tiles.lengths },
    { tag: 339, type: short, values: perChannel(tileType === "f32" ? 3 : 1) }, // IEEE float, or unsigned
  ];
}

/** Bytes of an entry's values that do not fit into its own eight; kept a multiple of 8. */
function outside(entry: Entry): number {
  const bytes = entry.values.length * sizeOfType[entry.type];
  return bytes <= 8 ? 0 : Math.ceil(bytes / 8) * 8;
}

function writeDirectory(
  out: DataView,
  at: number,
  fileOffset: number,
  entries: readonly Entry[],
  next: number,
): void {
  out.setBigUint64(at, BigInt(entries.length), true);
  let entryAt = at + 8;
  let valuesAt = entryAt + entries.length * 20 + 8;
  for (const entry of entries) {
    out.setUint16(entryAt, entry.tag, true);
    out.setUint16(entryAt + 2, entry.type, true);
    out.setBigUint64(entryAt + 4, BigInt(entry.values.length), true);
    const size = outside(entry);
    if (size > 0) out.setBigUint64(entryAt + 12, BigInt(fileOffset + valuesAt), true);
    writeValues(out, size > 0 ? valuesAt : entryAt + 12, entry);
    valuesAt += size;
    entryAt += 20;
  }
  out.setBigUint64(entryAt, BigInt(next), true);
}

function writeValues(out: DataView, at: number, { type, values }: Entry): void {
  const step = sizeOfType[type];
  for (let i = 0; i < values.length; i++) {
    const [where, value] = [at + i * step, values[i]!];
    if (type === long8) out.setBigUint64(where, BigInt(value), true);
    else if (type === long) out.setUint32(where, value, true);
    else if (type === short) out.setUint16(where, value, true);
    else out.setUint8(where, value);
  }
}

/**
 * The tiles of a pyramid written by this file; levels that lie elsewhere have none.
 *
 * @param read bytes of the file; @param fileBytes its length
 * @throws RangeError where the bytes are not such a file
 */
export async function readBigTiffIndex(
  read: (offset: number, length: number) => Promise<Uint8Array>,
  fileBytes: number,
  levels: readonly PyramidLevel[],
): Promise<{ readonly index: TileIndex; readonly packing: TilePacking }> {
  const header = viewOf(await read(0, headerLength));
  if (header.getUint32(0, true) !== 0x002b4949) throw new RangeError("not a little-endian BigTIFF");
  const start = Number(header.getBigUint64(8, true));
  const trailer = viewOf(await read(start, fileBytes - start));
  const index = createTileIndex(levels);
  let packing: TilePacking = "deflate";
  for (let at = start; at !== 0; ) {
    const { entries, next } = readEntries(trailer, at - start);
    const [width, height] = [entries.get(tagOf.width)?.value, entries.get(tagOf.height)?.value];
    const level = levels.find((l) => l.width === width && l.height === height);
    if (!level) throw new RangeError(`expected one of ${levels.length} levels, found ${width} × ${height}`);
    const { offsets, lengths } = index.levels[level.level]!;
    readLong8s(trailer, entries.get(tagOf.tileOffsets), start, offsets);
    readLong8s(trailer, entries.get(tagOf.tileByteCounts), start, lengths);
    if (entries.get(tagOf.compression)?.value === compressionOf.none) packing = "none";
    at = next;
  }
  return { index, packing };
}

interface EntryPlace {
  readonly count: number;
  /** Of short and long entries that hold a single one. */
  readonly value: number;
  /** Where the entry's own eight bytes stand. */
  readonly at: number;
}

function readEntries(trailer: DataView, at: number) {
  const count = Number(trailer.getBigUint64(at, true));
  const entries = new Map<number, EntryPlace>();
  for (let i = 0; i < count; i++) {
    const entryAt = at + 8 + i * 20;
    const isShort = trailer.getUint16(entryAt + 2, true) === short;
    entries.set(trailer.getUint16(entryAt, true), {
      count: Number(trailer.getBigUint64(entryAt + 4, true)),
      value: isShort ? trailer.getUint16(entryAt + 12, true) : trailer.getUint32(entryAt + 12, true),
      at: entryAt + 12,
    });
  }
  return { entries, next: Number(trailer.getBigUint64(at + 8 + count * 20, true)) };
}

function readLong8s(
  trailer: DataView,
  entry: EntryPlace | undefined,
  start: number,
  target: Float64Array,
): void {
  if (entry?.count !== target.length) {
    throw new RangeError(`expected ${target.length} tiles of a level, found ${entry?.count ?? 0}`);
  }
  const from = target.length === 1 ? entry.at : Number(trailer.getBigUint64(entry.at, true)) - start;
  for (let i = 0; i < target.length; i++) target[i] = Number(trailer.getBigUint64(from + i * 8, true));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
