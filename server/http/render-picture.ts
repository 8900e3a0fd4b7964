import sharp from "sharp";
import { DomainError } from "#core/errors/domain-error.ts";
import type { ImageRequest } from "#core/export/exporter.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { tileSizePx } from "#core/pyramid/levels.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";

/** A whole frame as PNG of 8 bits: grey in the window asked for, colour as it is. From native tiles of level 0. */
export async function renderPicture(
  tiles: TileStore,
  micrograph: Micrograph,
  wanted: ImageRequest,
): Promise<Uint8Array> {
  const { width, height } = micrograph;
  const signal = micrograph.signals[0];
  if (!signal?.derivation)
    throw new DomainError("not-ready", `${micrograph.name} has no tiles yet. Export again when it is ready.`);
  const { tileType, tileScale, derivation, invert } = signal;
  const channels = tileType === "rgb8" ? 3 : 1;
  const picture = new Uint8Array(width * height * channels);
  const { low, high } = wanted.window;
  const gain = high > low ? 255 / (high - low) : 0;

  for (let row = 0; row * tileSizePx < height; row++) {
    for (let column = 0; column * tileSizePx < width; column++) {
      const place = { derivation, width, height, tileType, frame: wanted.frame, level: 0, column, row };
      const tile = await tiles.native(place, false);
      if (!tile)
        throw new DomainError(
          "not-ready",
          `Frame ${wanted.frame + 1} of ${micrograph.name} has not been read yet. Open it once, then export again.`,
        );
      const tileWidth = Math.min(tileSizePx, width - column * tileSizePx);
      const tileHeight = Math.min(tileSizePx, height - row * tileSizePx);
      const samples = samplesOf(tile.bytes, tileType);
      for (let y = 0; y < tileHeight; y++) {
        const from = y * tileWidth * channels;
        const to = ((row * tileSizePx + y) * width + column * tileSizePx) * channels;
        if (channels === 3) {
          picture.set(samples.subarray(from, from + tileWidth * 3) as Uint8Array, to);
          continue;
        }
        for (let x = 0; x < tileWidth; x++) {
          const value = samples[from + x]! * tileScale.scale + tileScale.offset;
          // What is not a number is drawn as black, as on the screen.
          const grey = Number.isNaN(value) ? 0 : Math.min(255, Math.max(0, Math.round((value - low) * gain)));
          picture[to + x] = invert ? 255 - grey : grey;
        }
      }
    }
  }
  return sharp(picture, { raw: { width, height, channels }, limitInputPixels: false })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png({ compressionLevel: 6 })
    .toBuffer();
}

function samplesOf(bytes: Uint8Array, type: "u8" | "u16" | "f32" | "rgb8") {
  if (type === "u8" || type === "rgb8") return bytes;
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const size = type === "u16" ? 2 : 4;
  const view = [aligned.buffer, aligned.byteOffset, aligned.byteLength / size] as const;
  return type === "u16" ? new Uint16Array(...view) : new Float32Array(...view);
}
