import { join } from "node:path";
import type { SourceImage } from "#core/formats/reader.ts";
import type { ValueWindow } from "#core/pyramid/display-window.ts";
import { channelsOf, createTileArray, type TileArray } from "#core/pyramid/downsample.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { addToHistogram, type Survey } from "#core/pyramid/survey.ts";
import { chooseTileEncoding, encodeSamples, type TileEncoding } from "#core/pyramid/tile-type.ts";
import { bigTiffLayout } from "#server/tiles/big-tiff.ts";
import { deflateTile } from "#server/tiles/deflate-tile.ts";
import { encodeDisplayTile, pictureOf } from "#server/tiles/display-jpeg.ts";
import { createDisplayShader, type DisplayShader } from "#server/tiles/display-shader.ts";
import { displayTilesLayout } from "#server/tiles/display-tiles.ts";
import { type HeldLevel, heldLevels, imageOfCopy } from "#server/tiles/held-levels.ts";
import { createTileWriter } from "#server/tiles/tile-writer.ts";
import { buildPyramid, padTile } from "./build-pyramid.ts";
import { readOpaque, surveyFrame } from "./survey-frame.ts";

/** Where derived pixels come from: a file of any age says of which bytes it was made, and how. */
export interface Provenance {
  readonly sourceSha256: string;
  /** Index of the image within the source. */
  readonly image: number;
  readonly frame: number;
  readonly recipe: string;
}

/** What became of one frame of one signal; kept beside its files. */
export interface FrameSummary {
  readonly encoding: TileEncoding;
  readonly window: ValueWindow;
  readonly range: Survey["range"];
  readonly histogram: readonly number[];
  readonly nonFiniteCount: number;
  /** RGB triples through which the file wants its values shown. */
  readonly palette?: readonly number[];
  /** Shown with its least value white. */
  readonly invert?: boolean;
  /** Levels, full resolution first, that are read from the original; range and histogram are then of the last of them. */
  readonly held?: readonly HeldLevel[];
  readonly provenance?: Provenance;
}

/** One encoding and one window hold for all frames of a signal: those of the frame derived first. */
export type SignalLook = Pick<FrameSummary, "encoding" | "window">;

export const derivedFileNames = {
  native: "native.tif",
  display: "display.tiles",
  thumbnail: "thumbnail.jpg",
} as const;

export const thumbnailSizePx = 480;

/**
 * Reads a frame twice, strip by strip: once to learn its range, mean and window, once to write the native pyramid,
 * the display tiles and a thumbnail in one pass. Memory: some strips of 512 rows, whatever the height.
 *
 * Of a large picture that is a pyramid in tiles already, only the levels it lacks are made, from the smallest copy
 * it has; the others are read from the original when they are asked for.
 *
 * @param folder an empty folder of this derivation alone; its files appear under `derivedFileNames`, synced to disk
 * @param onProgress 0-1
 * @param provenance written into the native pyramid and the summary
 * @throws FormatError as the reader does
 */
export async function deriveFrame(
  image: SourceImage,
  frame: number,
  look: SignalLook | undefined,
  folder: string,
  onProgress: (fraction: number) => void,
  provenance?: Provenance,
): Promise<FrameSummary> {
  const levels = pyramidLevels(image.width, image.height);
  // Without provenance nobody could find the original again.
  const held = provenance ? heldLevels(image) : [];
  const first = Math.max(0, held.length - 1);
  const input = held.length > 0 ? imageOfCopy(image, held[first]!.copy, levels[first]!) : image;

  const { survey, counted, packing } = await surveyFrame(input, frame, (f) => onProgress(f * 0.2));
  const encoding = look?.encoding ?? encodingOf(image, survey, held.length > 0);
  const window = look?.window ?? (encoding.tileType === "rgb8" ? colourWindow(encoding) : survey.window);
  const shader = createDisplayShader(encoding, window, image.display);
  const thumbnail = createThumbnail(levels.slice(first), shader);
  const desks = createDesks(levels[first]!.columns, encoding, shader);

  const histogram = counted ?? new Float64Array(256);
  const { tileType, tileScale } = encoding;
  const description = JSON.stringify({ tileType, tileScale, window, ...(provenance && { provenance }) });
  const native = await createTileWriter(
    join(folder, derivedFileNames.native),
    levels,
    bigTiffLayout(tileType, levels, packing, description),
  );
  const display = await createTileWriter(join(folder, derivedFileNames.display), levels, displayTilesLayout);
  try {
    await buildPyramid({
      width: input.width,
      height: input.height,
      tileType,
      picked: image.display?.palette !== undefined,
      async readStrip(y, rows) {
        const samples = await readOpaque(input, frame, y, rows);
        if (!counted) addToHistogram(histogram, samples.data, survey.range.min, survey.range.max);
        onProgress(0.2 + (0.8 * y) / input.height);
        return encodeSamples(samples.data, image.sampleType, samples.channels, encoding);
      },
      async writeRow(at, row, pixels, width, rows) {
        const level = first + at;
        thumbnail.collect(level, row, pixels, rows);
        const { columns } = levels[level]!;
        for (let column = 0; column < columns; column += desks.length) {
          const encoded = await Promise.all(
            desks.slice(0, columns - column).map((desk, i) => {
              const x = (column + i) * tileSizePx;
              const cut = { stride: width, x, width: Math.min(tileSizePx, width - x), rows };
              const padded = padTile(pixels, channelsOf[tileType], cut, desk.native);
              // From the copy, which lies together and is at hand.
              const shaded = shader.shade(padded, { ...cut, stride: tileSizePx, x: 0 }, desk.display);
              const jpeg = encodeDisplayTile(shaded, cut.width, rows, shader.channels);
              if (level < held.length) return Promise.all([undefined, jpeg]);
              return Promise.all([packing === "deflate" ? deflateTile(padded) : bytesOf(padded), jpeg]);
            }),
          );
          // In their order, whichever was ready first: the same source gives the same bytes.
          await Promise.all(
            encoded.flatMap(([samples, jpeg], i) => [
              samples && native.writeTile(level, column + i, row, samples),
              display.writeTile(level, column + i, row, jpeg),
            ]),
          );
        }
      },
    });
    await native.finish();
    await display.finish();
    await thumbnail.write(join(folder, derivedFileNames.thumbnail));
  } catch (error) {
    await Promise.allSettled([native.abandon(), display.abandon()]);
    throw error;
  }
  onProgress(1);
  return {
    encoding,
    window,
    range: survey.range,
    histogram: Array.from(histogram),
    nonFiniteCount: survey.nonFiniteCount,
    ...(provenance && { provenance }),
    ...(image.display?.palette ? { palette: Array.from(image.display.palette) } : {}),
    ...(image.display?.invert ? { invert: true } : {}),
    ...(held.length > 0 ? { held } : {}),
  };
}

/** Of a picture that was not read whole, the range of every value is unknown: as of a stack, nothing rests on it. */
function encodingOf(image: SourceImage, survey: Survey, isPartly: boolean): TileEncoding {
  return chooseTileEncoding({
    sampleType: image.sampleType,
    samplesPerPixel: image.samplesPerPixel,
    frames: isPartly ? Math.max(2, image.frames) : image.frames,
    min: survey.range.min,
    max: survey.range.max,
    fitsFloat32: survey.fitsFloat32 && (!isPartly || image.sampleType === "float32"),
  });
}

/** Colour is shown as it was stored: black is 0, white the largest value of the tile. */
function colourWindow({ tileScale }: TileEncoding): ValueWindow {
  return { low: tileScale.offset, high: tileScale.offset + 255 * tileScale.scale };
}

/** Tiles encoded at a time. Their buffers are used again and again: fresh ones cost as much as shading them. */
const tilesAtATime = 16;

const bytesOf = (tile: TileArray) => new Uint8Array(tile.buffer, tile.byteOffset, tile.byteLength);

function createDesks(columns: number, { tileType }: TileEncoding, { channels }: DisplayShader) {
  return Array.from({ length: Math.min(columns, tilesAtATime) }, () => ({
    native: createTileArray(tileType, tileSizePx ** 2),
    display: new Uint8Array(tileSizePx ** 2 * channels),
  }));
}

/** Collects the smallest level that is not smaller than a thumbnail (or the largest there is) while it goes by. */
function createThumbnail(levels: ReturnType<typeof pyramidLevels>, shader: DisplayShader) {
  const { level, width, height } =
    levels.findLast((l) => Math.max(l.width, l.height) >= thumbnailSizePx) ?? levels[0]!;
  const pixels = new Uint8Array(width * height * shader.channels);
  return {
    collect(ofLevel: number, row: number, strip: TileArray, rows: number) {
      if (ofLevel !== level) return;
      const target = pixels.subarray(row * tileSizePx * width * shader.channels);
      shader.shade(strip, { stride: width, x: 0, width, rows }, target);
    },
    async write(path: string) {
      await pictureOf(pixels, width, height, shader.channels)
        .resize(thumbnailSizePx, thumbnailSizePx, { fit: "inside", withoutEnlargement: true })
        .jpeg({ quality: 80, chromaSubsampling: "4:4:4" })
        .toFile(path);
    },
  };
}
