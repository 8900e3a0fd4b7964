import type { OpenedFile } from "#core/formats/reader.ts";
import type { ValueWindow } from "#core/pyramid/display-window.ts";
import type { TileArray } from "#core/pyramid/downsample.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import type { TileEncoding } from "#core/pyramid/tile-type.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import { createByteCache } from "./byte-cache.ts";
import { derivedKeys } from "./derived-keys.ts";
import { encodeDisplayTile } from "./display-jpeg.ts";
import { createDisplayShader } from "./display-shader.ts";
import { type HeldLevel, readHeldTile } from "./held-levels.ts";
import { tileExtent } from "./tile-index.ts";
import type { TileRequest } from "./tile-store.ts";
import { createTurns } from "./turns.ts";

/** Opens an original by its SHA-256 for reading pieces of it; undefined where it is not here. */
export type OpenOriginal = (sha256: string) => Promise<OpenedFile | undefined>;

/** What the summary of a frame says of tiles that were not made. */
interface FrameFacts {
  readonly encoding: TileEncoding;
  readonly window: ValueWindow;
  readonly palette?: readonly number[];
  readonly invert?: boolean;
  readonly held?: readonly HeldLevel[];
  readonly provenance?: { readonly sourceSha256: string; readonly image: number };
}

/** Tiles of levels that the original holds itself, made when somebody asks. Undefined: it is none of those. */
export interface HeldTiles {
  native(tile: TileRequest): Promise<TileArray | undefined>;
  /** JPEG in the frame's window. */
  display(tile: TileRequest): Promise<Uint8Array | undefined>;
}

const readsAtATime = 4;
const openOriginals = 16;

export function createHeldTiles(blobs: BlobStore, openOriginal: OpenOriginal): HeldTiles {
  const facts = createByteCache<Promise<FrameFacts | undefined>>(4 * 2 ** 20);
  const originals = createByteCache<Promise<OpenedFile | undefined>>(openOriginals);
  const turns = createTurns(readsAtATime);

  const factsOf = ({ derivation, frame }: TileRequest): Promise<FrameFacts | undefined> => {
    const key = derivedKeys.summary(derivation, frame);
    const known = facts.get(key);
    if (known) return known;
    const read = readFacts(blobs, key);
    facts.set(key, read, 4096);
    // It may be there the next time.
    const forget = () => facts.delete(key);
    read.then((found) => found ?? forget(), forget);
    return read;
  };

  const originalOf = (sha256: string): Promise<OpenedFile | undefined> => {
    const known = originals.get(sha256);
    if (known) return known;
    const opened = openOriginal(sha256);
    originals.set(sha256, opened, 1);
    const forget = () => originals.delete(sha256);
    opened.then((file) => file ?? forget(), forget);
    return opened;
  };

  const read = async (tile: TileRequest, known: FrameFacts): Promise<TileArray | undefined> => {
    const level = pyramidLevels(tile.width, tile.height)[tile.level];
    const held = known.held?.[tile.level];
    if (!held || !known.provenance || !level) return undefined;
    if (tile.column >= level.columns || tile.row >= level.rows) return undefined;
    const image = (await originalOf(known.provenance.sourceSha256))?.images[known.provenance.image];
    return image && turns.take(() => readHeldTile(image, held, known.encoding, tile));
  };

  return {
    async native(tile) {
      const known = await factsOf(tile);
      return known?.held && read(tile, known);
    },

    async display(tile) {
      const known = await factsOf(tile);
      const samples = known?.held && (await read(tile, known));
      if (!samples) return undefined;
      const level = pyramidLevels(tile.width, tile.height)[tile.level]!;
      const { width, height } = tileExtent(level, tile.column, tile.row, tileSizePx);
      const { encoding, window, invert = false, palette } = known;
      const look = { invert, ...(palette ? { palette: Uint8Array.from(palette) } : {}) };
      const shader = createDisplayShader(encoding, window, look);
      const target = new Uint8Array(width * height * shader.channels);
      const shaded = shader.shade(samples, { stride: width, x: 0, width, rows: height }, target);
      return encodeDisplayTile(shaded, width, height, shader.channels);
    },
  };
}

async function readFacts(blobs: BlobStore, key: string): Promise<FrameFacts | undefined> {
  const bytes = await blobs.size(key);
  if (bytes === undefined) return undefined;
  return JSON.parse(new TextDecoder().decode(await blobs.read(key, 0, bytes))) as FrameFacts;
}
