import { promisify } from "node:util";
import { inflate, type ZlibOptions } from "node:zlib";
import { bytesPerPixelOf, type TileArray, type TileType } from "#core/pyramid/downsample.ts";
import { type PyramidLevel, pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import { readBigTiffIndex, type TilePacking } from "./big-tiff.ts";
import { createByteCache } from "./byte-cache.ts";
import { deflateTile, isWorthPacking } from "./deflate-tile.ts";
import { derivedKeys } from "./derived-keys.ts";
import { readDisplayTilesIndex } from "./display-tiles.ts";
import { createHeldTiles, type OpenOriginal } from "./held-tiles.ts";
import { samplesOf } from "./native-samples.ts";
import { locateTile, type TileIndex, tileExtent } from "./tile-index.ts";

const inflateAsync = promisify<Uint8Array, ZlibOptions, Buffer>(inflate);

export interface TileRequest {
  readonly derivation: string;
  readonly width: number;
  readonly height: number;
  readonly tileType: TileType;
  readonly frame: number;
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/** A tile's bytes; "deflate" is a zlib stream as HTTP's Content-Encoding means it. */
export interface StoredTile {
  readonly bytes: Uint8Array;
  readonly encoding: "identity" | "deflate";
}

/** Bytes of tiles from derived files, through a memory bounded by bytes. Undefined where a tile is not there (yet). */
export interface TileStore {
  /** JPEG, clipped at the edges. */
  display(tile: TileRequest): Promise<Uint8Array | undefined>;
  /**
   * Samples as `tileType`, little-endian, row-major, clipped at the edges. Compressed where it lies so on disk and
   * `acceptDeflate` allows: whole tiles then go out without being touched.
   */
  native(tile: TileRequest, acceptDeflate: boolean): Promise<StoredTile | undefined>;
  /** How the memory for tiles does. */
  readonly cache: { readonly bytes: number; readonly hits: number; readonly misses: number };
}

interface DerivedFile {
  readonly levels: readonly PyramidLevel[];
  readonly index: TileIndex;
  readonly packing: TilePacking;
}

/**
 * @param cacheBytes memory for tiles; their indices take some kB a file more
 * @param openOriginal for levels that were not derived because the original holds them; without it they are not there
 */
export function createTileStore(
  blobs: BlobStore,
  cacheBytes = 256 * 2 ** 20,
  openOriginal: OpenOriginal = async () => undefined,
): TileStore {
  const held = createHeldTiles(blobs, openOriginal);
  const making = new Map<string, Promise<Uint8Array | undefined>>();
  const files = createByteCache<Promise<DerivedFile | undefined>>(32 * 2 ** 20);
  const tiles = createByteCache<Uint8Array>(cacheBytes);

  const openFile = (
    key: string,
    tile: TileRequest,
    form: "native" | "display",
  ): Promise<DerivedFile | undefined> => {
    const known = files.get(key);
    if (known) return known;
    const levels = pyramidLevels(tile.width, tile.height);
    const opened = (async (): Promise<DerivedFile | undefined> => {
      const size = await blobs.size(key);
      if (size === undefined) {
        files.delete(key); // it may be there the next time
        return undefined;
      }
      const read = (offset: number, length: number) => blobs.read(key, offset, length);
      if (form === "native") return { levels, ...(await readBigTiffIndex(read, size, levels)) };
      return { levels, index: await readDisplayTilesIndex(read, size, levels), packing: "none" };
    })();
    files.set(key, opened, 16 * levels.reduce((n, l) => n + l.columns * l.rows, 64));
    opened.catch(() => files.delete(key));
    return opened;
  };

  const stored = async (key: string, tile: TileRequest, form: "native" | "display") => {
    const cacheKey = keyOf(key, tile);
    const cached = tiles.get(cacheKey);
    if (cached) return cached;
    const file = await openFile(key, tile, form);
    const place = file && locateTile(file.index, file.levels, tile);
    if (!place) return undefined;
    const bytes = await blobs.read(key, place.offset, place.length);
    tiles.set(cacheKey, bytes, bytes.length);
    return bytes;
  };
  /** Made once, however many ask at the same time, and remembered. */
  const kept = async (key: string, make: () => Promise<Uint8Array | undefined>) => {
    const known = tiles.get(key);
    if (known) return known;
    const running =
      making.get(key) ??
      make()
        .then((bytes) => {
          if (bytes) tiles.set(key, bytes, bytes.length);
          return bytes;
        })
        .finally(() => making.delete(key));
    making.set(key, running);
    return running;
  };
  const packingOf = async (key: string, tile: TileRequest) =>
    (await openFile(key, tile, "native"))?.packing ?? "none";

  /** Of no pixel where the pyramid has no such level. */
  const extentOf = (tile: TileRequest) => {
    const level = pyramidLevels(tile.width, tile.height)[tile.level];
    return level ? tileExtent(level, tile.column, tile.row, tileSizePx) : { width: 0, height: 0 };
  };

  return {
    cache: tiles,
    async display(tile) {
      const key = derivedKeys.display(tile.derivation, tile.frame);
      return (await stored(key, tile, "display")) ?? kept(keyOf(key, tile), () => held.display(tile));
    },

    async native(tile, acceptDeflate) {
      const key = derivedKeys.native(tile.derivation, tile.frame);
      const plainKey = `${keyOf(key, tile)}/plain`;
      const { width, height } = extentOf(tile);
      const whole = width === tileSizePx && height === tileSizePx;
      const plain = whole && acceptDeflate ? undefined : tiles.get(plainKey);
      if (plain) return { bytes: plain, encoding: "identity" };
      const packed = await stored(key, tile, "native");
      if (!packed) {
        const made = await kept(plainKey, async () => bytesOf(await held.native(tile)));
        const pack = async () => {
          const samples = samplesOf(made!, tile.tileType);
          return isWorthPacking(samples) ? deflateTile(samples) : undefined;
        };
        const short = made && whole && acceptDeflate && (await kept(`${plainKey}/packed`, pack));
        if (short) return { bytes: short, encoding: "deflate" };
        return made && { bytes: made, encoding: "identity" };
      }
      const isPacked = (await packingOf(key, tile)) === "deflate";
      if (whole && acceptDeflate && isPacked) return { bytes: packed, encoding: "deflate" };
      const padded = isPacked ? await unpackTile(packed, bytesPerPixelOf[tile.tileType]) : packed;
      const bytes = whole ? padded : clip(padded, width, height, bytesPerPixelOf[tile.tileType]);
      // Whoever takes no packed tile (a window applied here, an export) mostly asks for the same one again.
      if (isPacked || !whole) tiles.set(plainKey, bytes, bytes.length);
      return { bytes, encoding: "identity" };
    },
  };
}

/** In one piece: the default of 16 kB a turn costs more than the unpacking. */
function unpackTile(packed: Uint8Array, bytesPerPixel: number): Promise<Uint8Array> {
  const tileBytes = tileSizePx ** 2 * bytesPerPixel;
  return inflateAsync(packed, { chunkSize: tileBytes, maxOutputLength: tileBytes });
}

const keyOf = (key: string, { level, column, row }: TileRequest) => `${key}/${level}/${column}_${row}`;

const bytesOf = (tile: TileArray | undefined) =>
  tile && new Uint8Array(tile.buffer, tile.byteOffset, tile.byteLength);

function clip(padded: Uint8Array, width: number, height: number, bytesPerPixel: number): Uint8Array {
  const row = width * bytesPerPixel;
  const stride = tileSizePx * bytesPerPixel;
  const out = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) out.set(padded.subarray(y * stride, y * stride + row), y * row);
  return out;
}
