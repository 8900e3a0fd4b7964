import { type PyramidLevel, tileSizePx } from "#core/pyramid/levels.ts";
import { tileExtent } from "./tile-index.ts";

/** Where a tile lies: which it is, and its corner and extent in px of its level. */
export interface TilePlace {
  readonly column: number;
  readonly row: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Every tile of a level, row by row, from a row of tiles on. */
export function* tilePlaces(level: PyramidLevel, firstRow = 0): Generator<TilePlace> {
  for (let row = firstRow; row < level.rows; row++) {
    for (let column = 0; column < level.columns; column++) {
      const extent = tileExtent(level, column, row, tileSizePx);
      yield { column, row, x: column * tileSizePx, y: row * tileSizePx, ...extent };
    }
  }
}

/**
 * Puts the pixels of a tile, line under line, into a picture of lines `stridePx` long.
 * @param at where the tile's corner comes in the picture, px, and how large the tile is
 */
export function pasteTile(
  picture: { readonly bytes: Uint8Array; readonly stridePx: number; readonly pixelBytes: number },
  at: Pick<TilePlace, "x" | "y" | "width" | "height">,
  tile: Uint8Array,
): void {
  const { bytes, stridePx, pixelBytes } = picture;
  const lineBytes = at.width * pixelBytes;
  for (let line = 0; line < at.height; line++) {
    const to = ((at.y + line) * stridePx + at.x) * pixelBytes;
    bytes.set(tile.subarray(line * lineBytes, (line + 1) * lineBytes), to);
  }
}
