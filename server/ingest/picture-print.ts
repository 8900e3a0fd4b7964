import {
  coarseMeans,
  detailRanks,
  type GreyPlane,
  type PicturePrint,
  patchCentres,
  patchSidePx,
  ranksOf,
} from "#core/micrograph/same-picture.ts";
import type { TileType } from "#core/pyramid/downsample.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import type { TileAccess } from "#server/tiles/tile-access.ts";
import { tileExtent } from "#server/tiles/tile-index.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";

/**
 * The print of a micrograph's first frame, from tiles that are there anyway: the coarsest level, and those of the finest
 * that the patches lie in. Undefined where there are no tiles (yet).
 */
export async function takePrint(
  tiles: TileStore,
  { width, height, frames, signals }: TileAccess,
): Promise<PicturePrint | undefined> {
  const { derivation, tileType } = signals[0] ?? { derivation: null };
  if (derivation === null || tileType === undefined) return undefined;
  const levels = pyramidLevels(width, height);
  const planeOf = async (level: number, column: number, row: number): Promise<GreyPlane | undefined> => {
    const tile = { derivation, width, height, tileType, frame: 0, level, column, row };
    const stored = await tiles.native(tile, false);
    const extent = tileExtent(levels[level]!, column, row, tileSizePx);
    return stored && { ...extent, data: greyOf(stored.bytes, tileType) };
  };
  const whole = await planeOf(levels.length - 1, 0, 0);
  if (!whole) return undefined;
  const patches: GreyPlane[] = [];
  for (const [centreX, centreY] of patchCentres) {
    const patch = await readPatch(
      { left: startOf(centreX, width), top: startOf(centreY, height), width, height },
      (column, row) => planeOf(0, column, row),
    );
    if (!patch) return undefined;
    patches.push(patch);
  }
  return { width, height, frames, coarse: ranksOf(coarseMeans(whole)), detail: detailRanks(patches) };
}

/** Where a patch begins; at the edge of a picture that is smaller than one. */
function startOf(centre: number, extentPx: number): number {
  return Math.max(0, Math.min(extentPx - patchSidePx, Math.floor(centre * extentPx) - patchSidePx / 2));
}

async function readPatch(
  { left, top, width, height }: Record<"left" | "top" | "width" | "height", number>,
  tileAt: (column: number, row: number) => Promise<GreyPlane | undefined>,
): Promise<GreyPlane | undefined> {
  const right = Math.min(width, left + patchSidePx);
  const bottom = Math.min(height, top + patchSidePx);
  const held = new Map<string, GreyPlane>();
  for (const row of new Set([top, bottom - 1].map((y) => Math.floor(y / tileSizePx)))) {
    for (const column of new Set([left, right - 1].map((x) => Math.floor(x / tileSizePx)))) {
      const tile = await tileAt(column, row);
      if (!tile) return undefined;
      held.set(`${column} ${row}`, tile);
    }
  }
  const values: number[] = [];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const [column, row] = [Math.floor(x / tileSizePx), Math.floor(y / tileSizePx)];
      const tile = held.get(`${column} ${row}`)!;
      values.push(tile.data[(y - row * tileSizePx) * tile.width + x - column * tileSizePx]!);
    }
  }
  return { width: right - left, height: bottom - top, data: values };
}

/** Samples of a native tile as grey values; colours by the sum of their channels. */
function greyOf(bytes: Uint8Array, tileType: TileType): ArrayLike<number> {
  if (tileType === "u8") return bytes;
  if (tileType === "rgb8") {
    return Float32Array.from(
      { length: bytes.length / 3 },
      (_, i) => bytes[3 * i]! + bytes[3 * i + 1]! + bytes[3 * i + 2]!,
    );
  }
  // Copied: a tile's bytes may begin anywhere in their buffer.
  const { buffer } = bytes.slice();
  return tileType === "u16" ? new Uint16Array(buffer) : new Float32Array(buffer);
}
