import type { PyramidLevel } from "#core/pyramid/levels.ts";
import { createTileIndex, type TileIndex } from "./tile-index.ts";
import type { TileFileLayout } from "./tile-writer.ts";

/**
 * The 8-bit JPEG tiles of a pyramid in one file. Not a TIFF: its edge tiles would have to be padded to full size,
 * and viewers expect them clipped. Anything that is lost here can be made again from the native pyramid.
 *
 * Layout: "LAMTILES" · tiles · for every level, row by row, offset and length (two float64 each, little-endian) ·
 * offset of that index (float64) · "LAMTILES".
 */
export const displayTilesLayout: TileFileLayout = {
  header: new TextEncoder().encode("LAMTILES"),
  close(index, trailerOffset) {
    const pairs = index.levels.flatMap(({ offsets, lengths }) =>
      Array.from(offsets, (offset, i) => [offset, lengths[i]!]),
    );
    const trailer = new DataView(new ArrayBuffer(pairs.length * 16 + 16));
    pairs.forEach(([offset, length], i) => {
      trailer.setFloat64(i * 16, offset!, true);
      trailer.setFloat64(i * 16 + 8, length!, true);
    });
    trailer.setFloat64(pairs.length * 16, trailerOffset, true);
    const bytes = new Uint8Array(trailer.buffer);
    bytes.set(displayTilesLayout.header, bytes.length - 8);
    return { header: displayTilesLayout.header, trailer: bytes };
  },
};

/** @throws RangeError where the bytes are not such a file */
export async function readDisplayTilesIndex(
  read: (offset: number, length: number) => Promise<Uint8Array>,
  fileBytes: number,
  levels: readonly PyramidLevel[],
): Promise<TileIndex> {
  const tiles = levels.reduce((n, level) => n + level.columns * level.rows, 0);
  const length = tiles * 16 + 16;
  const bytes = await read(fileBytes - length, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    new TextDecoder().decode(bytes.subarray(-8)) !== "LAMTILES" ||
    view.getFloat64(tiles * 16, true) !== fileBytes - length
  ) {
    throw new RangeError(`expected the index of ${tiles} display tiles at the end of the file`);
  }
  const index = createTileIndex(levels);
  let at = 0;
  for (const { offsets, lengths } of index.levels) {
    for (let i = 0; i < offsets.length; i++, at += 16) {
      offsets[i] = view.getFloat64(at, true);
      lengths[i] = view.getFloat64(at + 8, true);
    }
  }
  return index;
}
