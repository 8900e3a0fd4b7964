import { channelsOf, type TileType } from "#core/pyramid/downsample.ts";
import type { PyramidLevel } from "#core/pyramid/levels.ts";
import { tileSizePx } from "#core/pyramid/levels.ts";
import { createTileIndex, type TileIndex } from "./tile-index.ts";
import type { TileFileLayout } from "./tile-writer.ts";

/**
 * A pyramid at native depth as any TIFF reader opens it: a little-endian BigTIFF, one directory a level, full
 * resolution first, reduced ones marked as such (NewSubfileType 1), tiles of 512 × 512 (padded at the edges by
 * repeating nothing: zeros), Deflate without predictor. The stored tile is therefore the body of an HTTP answer with
 * `Content-Encoding: deflate`, as it stands.
 *
 * Layout: header (16 bytes) · tiles · directories with their arrays.
 */
export function bigTiffLayout(
  tileType: TileType,
  levels: readonly PyramidLevel[],
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
        trailer: directories(tileType, levels, index, trailerOffset, description),
      };
    },
  };
}

const headerLength = 16;
const [short, long, long8, ascii] = [3, 4, 16, 2] as const;
const sizeOfType = { [short]: 2, [long]: 4, [long8]: 8, [ascii]: 1 } as const;
const tagOf = { width: 256, height: 257, tileOffsets: 324, tileByteCounts: 325 } as const;
const deflate = 8;

interface Entry {
  readonly tag: number;
  readonly type: keyof typeof sizeOfType;
  readonly values: ArrayLike<number>;
}

function directories(
  tileType: TileType,
  levels: readonly PyramidLevel[],
  index: TileIndex,
  start: number,
  description: string,
): Uint8Array {
  const perLevel = levels.map((level) => entriesOf(tileType, level, index, description));
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
  tileType: TileType,
  level: PyramidLevel,
  index: TileIndex,
  description: string,
): readonly Entry[] {
  const channels = channelsOf[tileType];
  const bits = { u8: 8, u16: 16, f32: 32, rgb8: 8 }[tileType];
  const perChannel = (value: number) => new Array<number>(channels).fill(value);
  const tiles = index.levels[level.level]!;
  const text = [...new TextEncoder().encode(description), 0];
  return [
    { tag: 254, type: long, values: [level.level === 0 ? 0 : 1] }, // NewSubfileType: a reduced image
    { tag: tagOf.width, type: long, values: [level.width] },
    { tag: tagOf.height, type: long, values: [level.height] },
    { tag: 258, type: short, values: perChannel(bits) },
    { tag: 259, type: short, values: [deflate] },
    { tag: 262, type: short, values: [tileType === "rgb8" ? 2 : 1] }, // RGB, or 0 is black
    ...(level.level === 0 ? [{ tag: 270, type: ascii, values: text } as const] : []),
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
 * The tiles of a pyramid written by this file.
 *
 * @param read bytes of the file; @param fileBytes its length
 * @throws RangeError where the bytes are not such a file
 */
export async function readBigTiffIndex(
  read: (offset: number, length: number) => Promise<Uint8Array>,
  fileBytes: number,
  levels: readonly PyramidLevel[],
): Promise<TileIndex> {
  const header = viewOf(await read(0, headerLength));
  if (header.getUint32(0, true) !== 0x002b4949) throw new RangeError("not a little-endian BigTIFF");
  const start = Number(header.getBigUint64(8, true));
  const trailer = viewOf(await read(start, fileBytes - start));
  const index = createTileIndex(levels);
  let at = start;
  for (const level of levels) {
    if (at === 0) throw new RangeError(`expected ${levels.length} directories, found ${level.level}`);
    const count = Number(trailer.getBigUint64(at - start, true));
    for (let i = 0; i < count; i++) {
      const entryAt = at - start + 8 + i * 20;
      const tag = trailer.getUint16(entryAt, true);
      const { offsets, lengths } = index.levels[level.level]!;
      const target = tag === tagOf.tileOffsets ? offsets : tag === tagOf.tileByteCounts ? lengths : undefined;
      if (!target) continue;
      if (Number(trailer.getBigUint64(entryAt + 4, true)) !== target.length) {
        throw new RangeError(`expected ${target.length} tiles at level ${level.level}`);
      }
      const valuesAt =
        target.length === 1 ? entryAt + 12 : Number(trailer.getBigUint64(entryAt + 12, true)) - start;
      for (let k = 0; k < target.length; k++)
        target[k] = Number(trailer.getBigUint64(valuesAt + k * 8, true));
    }
    at = Number(trailer.getBigUint64(at - start + 8 + count * 20, true));
  }
  return index;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
