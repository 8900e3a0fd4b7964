import sharp from "sharp";
import type { ImageRequest } from "#core/export/exporter.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { paletteOfText } from "#core/pyramid/palette.ts";
import type { Ingest } from "#server/ingest/ingest.ts";
import { createDisplayShader } from "#server/tiles/display-shader.ts";
import { samplesOf } from "#server/tiles/native-samples.ts";
import { pasteTile, tilePlaces } from "#server/tiles/tile-places.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import { ExportError } from "./export-error.ts";

export interface PictureDeps {
  readonly tiles: TileStore;
  readonly ingest: Pick<Ingest, "requestFrame">;
}

/** How often and how long to look for a frame that is being derived for this export. */
const lookEveryMs = 250;
const patienceMs = 60_000;
/** A picture is put together in memory; a larger one comes in parts. */
const mostPixels = 2 ** 30;

/** A micrograph's frame at full resolution as 8-bit PNG, in the given window: what a training set ships. */
export async function renderPicture(
  deps: PictureDeps,
  micrograph: Micrograph,
  request: ImageRequest,
): Promise<Uint8Array> {
  const signal = micrograph.signals[0];
  if (!signal?.derivation) throw notReady(micrograph.name);
  const { width, height } = micrograph;
  if (width * height > mostPixels) throw tooLarge(micrograph);
  const { low, high } = request.window;
  const isOwnWindow = low === signal.window.low && high === signal.window.high;
  // Colours of a palette have no window: in another one than the file's, the values themselves are shown.
  const palette = isOwnWindow && signal.palette ? paletteOfText(signal.palette) : undefined;
  const look = { invert: signal.invert, ...(palette ? { palette } : {}) };
  const shader = createDisplayShader(signal, request.window, look);
  const { channels } = shader;

  const picture = new Uint8Array(width * height * channels);
  const desk = new Uint8Array(tileSizePx ** 2 * channels);
  const level = pyramidLevels(width, height)[0]!;
  for (const place of tilePlaces(level)) {
    const tile = await tileBytes(deps, micrograph, request.frame, place.column, place.row);
    const cut = { stride: place.width, x: 0, width: place.width, rows: place.height };
    const shaded = shader.shade(samplesOf(tile, signal.tileType), cut, desk);
    pasteTile({ bytes: picture, stridePx: width, pixelBytes: channels }, place, shaded);
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

function tooLarge({ name, width, height }: Micrograph): ExportError {
  return new ExportError(
    "picture-too-large",
    `"${name}" has ${width} × ${height} px: export it without its pictures, or take parts of it from /iiif/3/.`,
    { width, height, mostPixels },
  );
}
