import type { PyramidLevel } from "#core/pyramid/levels.ts";

/** Where each tile of a pyramid lies in its file: per level, row by row, offset and length in bytes. */
export interface TileIndex {
  readonly levels: readonly { readonly offsets: Float64Array; readonly lengths: Float64Array }[];
}

export function createTileIndex(levels: readonly PyramidLevel[]): TileIndex {
  return {
    levels: levels.map(({ columns, rows }) => ({
      offsets: new Float64Array(columns * rows),
      lengths: new Float64Array(columns * rows),
    })),
  };
}

/** Where a tile lies, or undefined where the pyramid has no such tile. */
export function locateTile(
  index: TileIndex,
  levels: readonly PyramidLevel[],
  tile: { readonly level: number; readonly column: number; readonly row: number },
): { readonly offset: number; readonly length: number } | undefined {
  const level = levels[tile.level];
  if (!level || tile.column >= level.columns || tile.row >= level.rows) return undefined;
  const at = tile.row * level.columns + tile.column;
  const length = index.levels[tile.level]?.lengths[at] ?? 0;
  return length === 0 ? undefined : { offset: index.levels[tile.level]!.offsets[at]!, length };
}

/** Width and height of a tile: 512 × 512, or what is left at the right and bottom edge. */
export function tileExtent(
  level: PyramidLevel,
  column: number,
  row: number,
  tileSize: number,
): { readonly width: number; readonly height: number } {
  return {
    width: Math.min(tileSize, level.width - column * tileSize),
    height: Math.min(tileSize, level.height - row * tileSize),
  };
}
