import sharp from "sharp";
import type { ValueWindow } from "#core/pyramid/display-window.ts";
import { channelsOf, type TileArray } from "#core/pyramid/downsample.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { jpegOptions } from "#server/tiles/display-jpeg.ts";
import { createDisplayShader } from "#server/tiles/display-shader.ts";
import { samplesOf } from "#server/tiles/native-samples.ts";
import type { PictureSignal } from "#server/tiles/tile-access.ts";
import { tileExtent } from "#server/tiles/tile-index.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import type { ImageRequest } from "./image-request.ts";

/** One frame of one signal, and all that its pixels need to be shown. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly frame: number;
  readonly signal: PictureSignal & { readonly derivation: string };
  readonly palette: Uint8Array | undefined;
  /** Asked for instead of the signal's own; in recorded values. */
  readonly window?: ValueWindow;
}

/**
 * The picture an image request describes, encoded; undefined where its tiles are not there (yet).
 *
 * Read from the native tiles of the smallest level that is not smaller than the answer and shown in the signal's
 * window: at full size a PNG holds exactly the windowed values. What is a display tile as it stands is sent as such.
 */
export async function renderImage(
  tiles: TileStore,
  picture: Picture,
  request: ImageRequest,
): Promise<Uint8Array | undefined> {
  const level = levelFor(picture, request);
  const asTile = picture.window ? undefined : displayTileOf(picture, request, level);
  if (asTile) return tiles.display({ ...tileOf(picture), level, ...asTile });

  const cut = cutAt(picture, request, level);
  const canvas = await paint(tiles, picture, level, cut);
  if (!canvas) return undefined;
  const { pixels, channels } = canvas;
  let image = sharp(pixels, { raw: { width: cut.width, height: cut.height, channels } });
  if (cut.width !== request.width || cut.height !== request.height) {
    image = image.resize(request.width, request.height, { fit: "fill" });
  }
  if (request.mirrored) image = image.flop();
  if (request.degrees !== 0) {
    // A second pipeline: within one, sharp turns before it resizes.
    const upright = await image.png({ compressionLevel: 0 }).toBuffer();
    image = sharp(upright).rotate(request.degrees, { background: "white" });
  }
  if (request.quality === "bitonal") image = image.threshold(128);
  const grey = request.quality === "gray" || request.quality === "bitonal" || channels === 1;
  if (grey) image = image.toColourspace("b-w");
  return request.format === "png"
    ? image.png({ compressionLevel: 4 }).toBuffer()
    : image.jpeg(jpegOptions).toBuffer();
}

function tileOf({ width, height, frame, signal }: Picture) {
  return { derivation: signal.derivation, width, height, tileType: signal.tileType, frame };
}

/** The smallest level that is nowhere smaller than what is asked for. */
function levelFor({ width, height }: Picture, { region, ...size }: ImageRequest): number {
  const isEnough = (level: number) =>
    Math.ceil(region.width / 2 ** level) >= size.width &&
    Math.ceil(region.height / 2 ** level) >= size.height;
  return pyramidLevels(width, height).findLast(({ level }) => isEnough(level))?.level ?? 0;
}

interface Cut {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The region in pixels of a level, in whole ones. */
function cutAt(picture: Picture, { region }: ImageRequest, at: number): Cut {
  const level = pyramidLevels(picture.width, picture.height)[at]!;
  const scale = 2 ** at;
  const x = Math.min(Math.floor(region.x / scale), level.width - 1);
  const y = Math.min(Math.floor(region.y / scale), level.height - 1);
  const right = Math.min(level.width, Math.ceil((region.x + region.width) / scale));
  const bottom = Math.min(level.height, Math.ceil((region.y + region.height) / scale));
  return { x, y, width: right - x, height: bottom - y };
}

/** Column and row of the display tile that is the answer as it lies there. */
function displayTileOf(picture: Picture, request: ImageRequest, at: number) {
  const { region, mirrored, degrees, quality, format } = request;
  if (mirrored || degrees !== 0 || format !== "jpg") return undefined;
  const coloured = picture.signal.tileType === "rgb8" || picture.palette !== undefined;
  if (quality === "bitonal" || (quality === "gray" && coloured)) return undefined;
  const step = tileSizePx * 2 ** at;
  if (region.x % step !== 0 || region.y % step !== 0) return undefined;
  const level = pyramidLevels(picture.width, picture.height)[at]!;
  const [column, row] = [region.x / step, region.y / step];
  const extent = tileExtent(level, column, row, tileSizePx);
  const cut = cutAt(picture, request, at);
  const same = (a: { width: number; height: number }) =>
    a.width === extent.width && a.height === extent.height;
  return same(cut) && same(request) ? { column, row } : undefined;
}

async function paint(tiles: TileStore, picture: Picture, level: number, cut: Cut) {
  const { signal, palette } = picture;
  const shader = createDisplayShader(
    { tileType: signal.tileType, tileScale: signal.tileScale },
    picture.window ?? signal.window,
    // A palette has no window: who asks for one looks at the recorded values.
    { invert: signal.invert, ...(palette && !picture.window ? { palette } : {}) },
  );
  const { channels } = shader;
  const pixels = new Uint8Array(cut.width * cut.height * channels);
  let desk: Uint8Array | undefined;
  for (let row = Math.floor(cut.y / tileSizePx); row * tileSizePx < cut.y + cut.height; row++) {
    for (let column = Math.floor(cut.x / tileSizePx); column * tileSizePx < cut.x + cut.width; column++) {
      const tile = await tiles.native({ ...tileOf(picture), level, column, row }, false);
      if (!tile) return undefined;
      const [left, top] = [column * tileSizePx, row * tileSizePx];
      const extent = tileExtent(
        pyramidLevels(picture.width, picture.height)[level]!,
        column,
        row,
        tileSizePx,
      );
      const x = Math.max(0, cut.x - left);
      const y = Math.max(0, cut.y - top);
      const width = Math.min(extent.width, cut.x + cut.width - left) - x;
      const rows = Math.min(extent.height, cut.y + cut.height - top) - y;
      const strip = samplesOf(tile.bytes, signal.tileType).subarray(
        y * extent.width * channelsOf[signal.tileType],
      ) as TileArray;
      const strips = { stride: extent.width, x, width, rows };
      if (width === cut.width) {
        // The tile fills the rows of the cut: nothing to put together.
        shader.shade(strip, strips, pixels.subarray((top + y - cut.y) * width * channels));
        continue;
      }
      desk ??= new Uint8Array(tileSizePx ** 2 * channels);
      const shaded = shader.shade(strip, strips, desk);
      for (let line = 0; line < rows; line++) {
        const to = ((top + y + line - cut.y) * cut.width + left + x - cut.x) * channels;
        const from = line * width * channels;
        pixels.set(shaded.subarray(from, from + width * channels), to);
      }
    }
  }
  return { pixels, channels };
}
