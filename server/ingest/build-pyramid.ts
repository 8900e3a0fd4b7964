import {
  channelsOf,
  createTileArray,
  halve,
  pickHalf,
  type TileArray,
  type TileType,
} from "#core/pyramid/downsample.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import type { StripCut } from "#server/tiles/display-shader.ts";

export interface PyramidWork {
  readonly width: number;
  readonly height: number;
  readonly tileType: TileType;
  /** Levels keep every second sample instead of means: entries of a palette have no mean. */
  readonly picked: boolean;
  /** Rows [y, y + rows) of level 0, full width; asked for once each, top to bottom, in rows of tiles. */
  readStrip(y: number, rows: number): Promise<TileArray>;
  /** One row of tiles of a level; `rows` is 512, or what is left at the bottom. */
  writeRow(level: number, row: number, pixels: TileArray, width: number, rows: number): Promise<void>;
}

/** A level on the way: rows of the one above, halved, gather until they are a row of tiles. */
interface Level {
  readonly width: number;
  readonly height: number;
  readonly buffer: TileArray;
  filled: number;
  row: number;
}

/**
 * Every level of a pyramid from one reading of level 0: each full row of tiles is written and halved into the level
 * below. Holds one row of tiles a level (two thirds of a row of level 0 in all) and the one being written.
 */
export async function buildPyramid(work: PyramidWork): Promise<void> {
  const { tileType, picked } = work;
  const channels = channelsOf[tileType];
  const levels = pyramidLevels(work.width, work.height).map(({ level, width, height }): Level => {
    // Level 0 is written from the strips as they are read.
    const gathered = level === 0 ? 0 : width * Math.min(tileSizePx, height);
    return { width, height, buffer: createTileArray(tileType, gathered), filled: 0, row: 0 };
  });
  const cutOf = ({ buffer, width }: Level, from: number, rows: number) =>
    buffer.subarray(from * width * channels, (from + rows) * width * channels) as TileArray;

  const finishRow = async (at: number, pixels: TileArray, rows: number): Promise<void> => {
    const level = levels[at]!;
    await work.writeRow(at, level.row++, pixels, level.width, rows);
    const below = levels[at + 1];
    if (!below) return;
    const halved = Math.ceil(rows / 2);
    const target = cutOf(below, below.filled, halved);
    if (picked) pickHalf(pixels, level.width, rows, target);
    else halve(tileType, pixels, level.width, rows, target);
    below.filled += halved;
    const complete = Math.min(tileSizePx, below.height - below.row * tileSizePx);
    if (below.filled < complete) return;
    below.filled = 0;
    await finishRow(at + 1, cutOf(below, 0, complete), complete);
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
    await finishRow(0, strip, Math.min(tileSizePx, work.height - y));
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
