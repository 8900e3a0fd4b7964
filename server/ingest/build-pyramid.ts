import {
  channelsOf,
  createTileArray,
  halve,
  type TileArray,
  type TileType,
} from "#core/pyramid/downsample.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import type { StripCut } from "#server/tiles/display-shader.ts";

export interface PyramidWork {
  readonly width: number;
  readonly height: number;
  readonly tileType: TileType;
  /** Rows [y, y + rows) of level 0, full width; asked for once each, top to bottom, in rows of tiles. */
  readStrip(y: number, rows: number): Promise<TileArray>;
  /** One row of tiles of a level; `rows` is 512, or what is left at the bottom. */
  writeRow(level: number, row: number, pixels: TileArray, width: number, rows: number): Promise<void>;
}

interface Level {
  readonly width: number;
  readonly height: number;
  /** Rows gathered for the next row of tiles, and how many there are. */
  buffer: TileArray;
  filled: number;
  row: number;
}

/**
 * Every level of a pyramid from one reading of level 0: each full row of tiles is written and halved into the level
 * below. Holds one row of tiles a level (two thirds of a row of level 0 in all) and the one being written.
 */
export async function buildPyramid(work: PyramidWork): Promise<void> {
  const channels = channelsOf[work.tileType];
  const levels = pyramidLevels(work.width, work.height).map(({ width, height }): Level => {
    const rows = Math.min(tileSizePx, height);
    return { width, height, buffer: createTileArray(work.tileType, width * rows), filled: 0, row: 0 };
  });

  const push = async (at: number, pixels: TileArray, rows: number): Promise<void> => {
    const level = levels[at]!;
    level.buffer.set(pixels, level.filled * level.width * channels);
    level.filled += rows;
    const top = level.row * tileSizePx;
    const complete = Math.min(tileSizePx, level.height - top);
    if (level.filled < complete) return;
    const full = level.buffer.subarray(0, complete * level.width * channels) as TileArray;
    await work.writeRow(at, level.row, full, level.width, complete);
    level.row++;
    level.filled = 0;
    if (at + 1 < levels.length) {
      await push(at + 1, halve(work.tileType, full, level.width, complete), Math.ceil(complete / 2));
    }
  };

  // The next strip is read while this one is encoded.
  let next = work.readStrip(0, Math.min(tileSizePx, work.height));
  for (let y = 0; y < work.height; y += tileSizePx) {
    const strip = await next;
    const following = y + tileSizePx;
    const ahead =
      following < work.height
        ? work.readStrip(following, Math.min(tileSizePx, work.height - following))
        : undefined;
    // A failure while the present strip is encoded must not leave this one unhandled.
    ahead?.catch(() => undefined);
    await push(0, strip, Math.min(tileSizePx, work.height - y));
    if (ahead) next = ahead;
  }
}

/** A rectangle of a strip at the top left of a tile of 512 px; what is left of the tile is zero. */
export function padTile(
  strip: TileArray,
  channels: number,
  { stride, x, width, rows }: StripCut,
  tile: TileArray,
): TileArray {
  if (width < tileSizePx || rows < tileSizePx) tile.fill(0);
  for (let y = 0; y < rows; y++) {
    const from = (y * stride + x) * channels;
    tile.set(strip.subarray(from, from + width * channels), y * tileSizePx * channels);
  }
  return tile;
}
