import { join } from "node:path";
import sharp from "sharp";
import { FormatError, type SourceImage } from "#core/formats/reader.ts";
import type { SampleArray } from "#core/micrograph/raster.ts";
import type { ValueWindow } from "#core/pyramid/display-window.ts";
import { channelsOf, createTileArray, type TileArray } from "#core/pyramid/downsample.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { addToHistogram, createSurvey, type Survey } from "#core/pyramid/survey.ts";
import { chooseTileEncoding, encodeSamples, type TileEncoding } from "#core/pyramid/tile-type.ts";
import { bigTiffLayout, type TilePacking } from "#server/tiles/big-tiff.ts";
import { createDisplayShader, type DisplayShader } from "#server/tiles/display-shader.ts";
import { displayTilesLayout } from "#server/tiles/display-tiles.ts";
import { createTileWriter } from "#server/tiles/tile-writer.ts";
import { buildPyramid, padTile } from "./build-pyramid.ts";
import { deflateTile, isWorthPacking } from "./deflate-tile.ts";

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

/** What readers may deliver and pyramids cannot show. Colour keeps its own tones; grey is windowed. */
type Channels = 1 | 3;

/**
 * Reads a frame twice, strip by strip: once to learn its range, mean and window, once to write the native pyramid,
 * the display tiles and a thumbnail in one pass. Memory: some strips of 512 rows, whatever the height.
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
  const { survey, counted, packing } = await surveyFrame(image, frame, (f) => onProgress(f * 0.2));
  const encoding = look?.encoding ?? encodingOf(image, survey);
  const window = look?.window ?? (encoding.tileType === "rgb8" ? colourWindow(encoding) : survey.window);
  const shader = createDisplayShader(encoding, window, image.display);
  const levels = pyramidLevels(image.width, image.height);
  const thumbnail = createThumbnail(levels, shader);
  const desks = createDesks(levels[0]!.columns, encoding, shader);

  const histogram = counted ?? new Float64Array(256);
  const { tileType, tileScale } = encoding;
  const description = JSON.stringify({ tileType, tileScale, window, ...(provenance && { provenance }) });
  const native = await createTileWriter(
    join(folder, derivedFileNames.native),
    levels,
    bigTiffLayout(encoding.tileType, levels, packing, description),
  );
  const display = await createTileWriter(join(folder, derivedFileNames.display), levels, displayTilesLayout);
  try {
    await buildPyramid({
      width: image.width,
      height: image.height,
      tileType: encoding.tileType,
      async readStrip(y, rows) {
        const samples = await readOpaque(image, frame, y, rows);
        if (!counted) addToHistogram(histogram, samples.data, survey.range.min, survey.range.max);
        onProgress(0.2 + (0.8 * y) / image.height);
        return encodeSamples(samples.data, image.sampleType, samples.channels, encoding);
      },
      async writeRow(level, row, pixels, width, rows) {
        thumbnail.collect(level, row, pixels, rows);
        const columns = levels[level]!.columns;
        for (let first = 0; first < columns; first += desks.length) {
          const encoded = await Promise.all(
            desks.slice(0, columns - first).map((desk, i) => {
              const x = (first + i) * tileSizePx;
              const cut = { stride: width, x, width: Math.min(tileSizePx, width - x), rows };
              const padded = padTile(pixels, channelsOf[encoding.tileType], cut, desk.native);
              // From the copy, which lies together and is at hand.
              const shaded = shader.shade(padded, { ...cut, stride: tileSizePx, x: 0 }, desk.display);
              return Promise.all([
                packing === "deflate" ? deflateTile(padded) : bytesOf(padded),
                encodeJpeg(shaded, cut.width, rows, shader.channels),
              ]);
            }),
          );
          // In their order, whichever was ready first: the same source gives the same bytes.
          await Promise.all(
            encoded.flatMap(([samples, jpeg], i) => [
              native.writeTile(level, first + i, row, samples),
              display.writeTile(level, first + i, row, jpeg),
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
  };
}

async function surveyFrame(image: SourceImage, frame: number, onProgress: (fraction: number) => void) {
  const channels = channelsToKeep(image);
  const survey = createSurvey(image.sampleType, image.width * image.height * channels);
  let strips = 0;
  let worthPacking = 0;
  for (let y = 0; y < image.height; y += tileSizePx) {
    const { data } = await readOpaque(image, frame, y, Math.min(tileSizePx, image.height - y));
    survey.add(data);
    strips++;
    if (isWorthPacking(data)) worthPacking++;
    onProgress(y / image.height);
  }
  const found = survey.finish();
  // Noise of 8 bits lies as it is: neither disk nor wire gain by packing it.
  const isBytes = image.sampleType === "uint8" || image.sampleType === "int8";
  const packing: TilePacking = isBytes && worthPacking * 4 < strips ? "none" : "deflate";
  return { survey: found, counted: found.histogram && Float64Array.from(found.histogram), packing };
}

function channelsToKeep(image: SourceImage): Channels {
  return image.samplesPerPixel === 1 ? 1 : 3;
}

/** A full-width strip without its alpha channel, which is no intensity and must not enter any statistic. */
async function readOpaque(
  image: SourceImage,
  frame: number,
  y: number,
  rows: number,
): Promise<{ readonly data: SampleArray; readonly channels: Channels }> {
  const raster = await image.readRegion(frame, 0, y, image.width, rows);
  const expected = image.width * rows * image.samplesPerPixel;
  if (raster.data.length !== expected) {
    throw new FormatError(
      "malformed",
      `Expected ${expected} samples in rows ${y} to ${y + rows - 1}, received ${raster.data.length}.`,
      { frame, y, rows },
    );
  }
  if (image.samplesPerPixel !== 4) return { data: raster.data, channels: channelsToKeep(image) };
  const opaque = raster.data.slice(0, image.width * rows * 3);
  for (let from = 0, to = 0; from < raster.data.length; from += 4) {
    opaque[to++] = raster.data[from]!;
    opaque[to++] = raster.data[from + 1]!;
    opaque[to++] = raster.data[from + 2]!;
  }
  return { data: opaque, channels: 3 };
}

function encodingOf(image: SourceImage, survey: Survey): TileEncoding {
  return chooseTileEncoding({
    sampleType: image.sampleType,
    samplesPerPixel: image.samplesPerPixel,
    frames: image.frames,
    min: survey.range.min,
    max: survey.range.max,
    fitsFloat32: survey.fitsFloat32,
  });
}

/** Colour is shown as it was stored: black is 0, white the largest value of the tile. */
function colourWindow({ tileScale }: TileEncoding): ValueWindow {
  return { low: tileScale.offset, high: tileScale.offset + 255 * tileScale.scale };
}

// Tiles are small and many: a thread for each part of one, and a memory of past ones, cost more than they give.
sharp.concurrency(1);
sharp.cache(false);

// Standard Huffman tables: optimising them costs 2.4 times the time for 5 % of the bytes.
const jpegOptions = { quality: 85, optimiseCoding: false, chromaSubsampling: "4:4:4" } as const;

function jpegOf(pixels: Uint8Array, width: number, height: number, channels: Channels) {
  const picture = sharp(pixels, { raw: { width, height, channels } });
  return channels === 1 ? picture.toColourspace("b-w") : picture;
}

function encodeJpeg(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: Channels,
): Promise<Uint8Array> {
  return jpegOf(pixels, width, height, channels).jpeg(jpegOptions).toBuffer();
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
      await jpegOf(pixels, width, height, shader.channels)
        .resize(thumbnailSizePx, thumbnailSizePx, { fit: "inside", withoutEnlargement: true })
        .jpeg({ quality: 80, chromaSubsampling: "4:4:4" })
        .toFile(path);
    },
  };
}
