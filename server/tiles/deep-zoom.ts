import sharp from "sharp";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import type { TileRequest, TileStore } from "./tile-store.ts";

type DeepZoomTile = Pick<TileRequest, "derivation" | "width" | "height" | "tileType" | "frame"> & {
  /** As Deep Zoom counts: 0 is one pixel, the last is full resolution. */
  readonly deepZoomLevel: number;
  readonly column: number;
  readonly row: number;
};

/** Number of the full-resolution level, as Deep Zoom counts. */
export function deepZoomMaxLevel(width: number, height: number): number {
  return Math.ceil(Math.log2(Math.max(width, height)));
}

/** The descriptor of a Deep Zoom image: any viewer that knows the format shows the display tiles. */
export function deepZoomDescriptor(width: number, height: number): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpg" Overlap="0" TileSize="${tileSizePx}"><Size Width="${width}" Height="${height}"/></Image>
`;
}

/** A Deep Zoom tile: the display tile of the same level, or, below the last level of the pyramid, one made from it. */
export async function deepZoomTile(store: TileStore, tile: DeepZoomTile): Promise<Uint8Array | undefined> {
  const level = deepZoomMaxLevel(tile.width, tile.height) - tile.deepZoomLevel;
  const levels = pyramidLevels(tile.width, tile.height);
  if (level < 0) return undefined;
  if (level < levels.length) return store.display({ ...tile, level });
  if (tile.column !== 0 || tile.row !== 0) return undefined;
  const last = await store.display({ ...tile, level: levels.length - 1 });
  if (!last) return undefined;
  return sharp(last)
    .resize(Math.ceil(tile.width / 2 ** level), Math.ceil(tile.height / 2 ** level), { fit: "fill" })
    .jpeg({ quality: 85 })
    .toBuffer();
}
