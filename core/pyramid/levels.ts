/** Side of a tile in px. 512 halves the fixed cost a tile compared with 256 and keeps 20 tiles on a screen. */
export const tileSizePx = 512;

/** One level of a pyramid. Level 0 is the recorded raster; each next one halves, rounding up, to a single tile. */
export interface PyramidLevel {
  readonly level: number;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
}

/**
 * The levels of a pyramid, level 0 (full resolution) first, down to the first level that fits in one tile.
 *
 * @param width  px of level 0, integer ≥ 1
 * @param height px of level 0, integer ≥ 1
 */
export function pyramidLevels(width: number, height: number, tileSize = tileSizePx): readonly PyramidLevel[] {
  const levels: PyramidLevel[] = [];
  let w = width;
  let h = height;
  for (let level = 0; ; level++) {
    levels.push({
      level,
      width: w,
      height: h,
      columns: Math.ceil(w / tileSize),
      rows: Math.ceil(h / tileSize),
    });
    if (w <= tileSize && h <= tileSize) return levels;
    w = Math.ceil(w / 2);
    h = Math.ceil(h / 2);
  }
}
