import type { FoundScaleBar } from "#core/burnt-in/scale-bar.ts";
import { bytesPerPixelOf } from "#core/pyramid/downsample.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { createWorkerPool } from "#server/jobs/worker-pool.ts";
import type { PictureAccess } from "#server/tiles/tile-access.ts";
import { pasteTile, tilePlaces } from "#server/tiles/tile-places.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import type { PictureRows } from "./scale-bar-worker.ts";

export interface ScaleBars {
  /** The burnt-in bar of a picture's first frame; null where there is none, undefined while its tiles are not there. */
  find(picture: PictureAccess, signalId: string): Promise<FoundScaleBar | null | undefined>;
  close(): Promise<void>;
}

/** Of larger pictures the lowest rows are searched: that is where bars stand. */
const mostPixels = 64 * 2 ** 20;
const silenceMs = 20_000;
const mostKnown = 1024;

/** Finds scale bars in a thread of its own; an answer is kept while the server runs. */
export function createScaleBars({
  tiles,
  paletteOf,
}: {
  readonly tiles: Pick<TileStore, "native">;
  readonly paletteOf: (derivation: string) => Promise<Uint8Array | undefined>;
}): ScaleBars {
  const workers = createWorkerPool({
    module: new URL("./scale-bar-worker.ts", import.meta.url),
    apart: "threads",
    most: 1,
  });
  const known = new Map<string, Promise<FoundScaleBar | null | undefined>>();

  const look = async (picture: PictureAccess, derivation: string, tileType: PictureRows["tileType"]) => {
    const rows = await gatherRows(tiles, picture, derivation, tileType);
    if (!rows) return undefined;
    const palette = tileType === "u8" ? await paletteOf(derivation) : undefined;
    const payload = palette ? throughPalette(rows, palette) : rows;
    return workers.run<FoundScaleBar | null>("lookForScaleBar", payload, { silenceMs });
  };

  return {
    async find(picture, signalId) {
      const signal = picture.signals.find(({ id }) => id === signalId);
      if (!signal?.derivation) return undefined;
      const { derivation, tileType } = signal;
      const answer = known.get(derivation) ?? look(picture, derivation, tileType);
      if (known.size >= mostKnown) known.clear();
      known.set(derivation, answer);
      try {
        const found = await answer;
        if (found === undefined) known.delete(derivation); // it may be there the next time
        return found;
      } catch (error) {
        known.delete(derivation);
        throw error;
      }
    },
    close: () => workers.close(),
  };
}

async function gatherRows(
  tiles: Pick<TileStore, "native">,
  { width, height }: PictureAccess,
  derivation: string,
  tileType: PictureRows["tileType"],
): Promise<PictureRows | undefined> {
  const level = pyramidLevels(width, height)[0]!;
  const wanted = Math.max(tileSizePx, Math.floor(mostPixels / width));
  const firstRow = Math.max(0, Math.ceil((height - wanted) / tileSizePx));
  const fromRow = firstRow * tileSizePx;
  const pixelBytes = bytesPerPixelOf[tileType];
  const bytes = new Uint8Array(width * (height - fromRow) * pixelBytes);
  for (const place of tilePlaces(level, firstRow)) {
    const { column, row } = place;
    const address = { derivation, width, height, tileType, frame: 0, level: 0, column, row };
    const tile = await tiles.native(address, false);
    if (!tile) return undefined;
    pasteTile({ bytes, stridePx: width, pixelBytes }, { ...place, y: place.y - fromRow }, tile.bytes);
  }
  return { width, height: height - fromRow, fromRow, tileType, bytes: bytes.buffer };
}

function throughPalette(rows: PictureRows, palette: Uint8Array): PictureRows {
  const indices = new Uint8Array(rows.bytes);
  const rgb = new Uint8Array(indices.length * 3);
  for (let i = 0; i < indices.length; i++)
    rgb.set(palette.subarray(3 * indices[i]!, 3 * indices[i]! + 3), 3 * i);
  return { ...rows, tileType: "rgb8", bytes: rgb.buffer };
}
