import sharp from "sharp";
import type { ImageRequest } from "#core/export/exporter.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { shadeFloats, windowTable } from "#core/pyramid/display-window.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import type { Ingest } from "#server/ingest/ingest.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import { ExportError } from "./export-error.ts";

export interface PictureDeps {
  readonly tiles: TileStore;
  readonly ingest: Pick<Ingest, "requestFrame">;
}

/** How often and how long to look for a frame that is being derived for this export. */
const lookEveryMs = 250;
const patienceMs = 60_000;

/** A micrograph's frame at full resolution as 8-bit PNG, in the given window: what a training set ships. */
export async function renderPicture(
  deps: PictureDeps,
  micrograph: Micrograph,
  request: ImageRequest,
): Promise<Uint8Array> {
  const signal = micrograph.signals[0];
  if (!signal?.derivation) throw notReady(micrograph.name);
  const { width, height } = micrograph;
  const channels = signal.tileType === "rgb8" ? 3 : 1;
  const tone = { ...request.window, invert: signal.invert };
  const shade = (bytes: Uint8Array): Uint8Array => {
    switch (signal.tileType) {
      case "rgb8":
        return bytes;
      case "u8":
        return lookUp(bytes, windowTable(256, signal.tileScale, tone));
      case "u16":
        return lookUp(new Uint16Array(aligned(bytes)), windowTable(65536, signal.tileScale, tone));
      case "f32":
        return shadeFloats(new Float32Array(aligned(bytes)), signal.tileScale, tone);
    }
  };

  const picture = new Uint8Array(width * height * channels);
  const level = pyramidLevels(width, height)[0]!;
  for (let row = 0; row < level.rows; row++) {
    for (let column = 0; column < level.columns; column++) {
      const tile = await tileBytes(deps, micrograph, request.frame, column, row);
      const shaded = shade(tile);
      const tileWidth = Math.min(tileSizePx, width - column * tileSizePx);
      const tileHeight = Math.min(tileSizePx, height - row * tileSizePx);
      for (let y = 0; y < tileHeight; y++) {
        const from = y * tileWidth * channels;
        const to = ((row * tileSizePx + y) * width + column * tileSizePx) * channels;
        picture.set(shaded.subarray(from, from + tileWidth * channels), to);
      }
    }
  }
  const image = sharp(picture, { raw: { width, height, channels }, limitInputPixels: false });
  // Grey stays one channel: sharp would otherwise write sRGB.
  return (channels === 1 ? image.toColourspace("b-w") : image).png({ compressionLevel: 6 }).toBuffer();
}

async function tileBytes(
  { tiles, ingest }: PictureDeps,
  micrograph: Micrograph,
  frame: number,
  column: number,
  row: number,
): Promise<Uint8Array> {
  const signal = micrograph.signals[0]!;
  const { width, height } = micrograph;
  const { tileType } = signal;
  const address = { derivation: signal.derivation!, width, height, tileType, frame, level: 0, column, row };
  let tile = await tiles.native(address, false);
  if (!tile && frame > 0) {
    await ingest.requestFrame(micrograph.id, signal.id, frame);
    for (let waited = 0; !tile && waited < patienceMs; waited += lookEveryMs) {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      tile = await tiles.native(address, false);
    }
  }
  if (!tile) throw notReady(micrograph.name);
  return tile.bytes;
}

function notReady(name: string): ExportError {
  return new ExportError(
    "pixels-not-ready",
    `The pixels of "${name}" are still being prepared: export again when its card shows no progress bar.`,
  );
}

function lookUp(samples: Uint8Array | Uint16Array, table: Uint8Array): Uint8Array {
  const out = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) out[i] = table[samples[i]!]!;
  return out;
}

function aligned(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
