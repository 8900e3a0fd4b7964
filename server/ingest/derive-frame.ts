import { join } from "node:path";
import sharp from "sharp";
import { FormatError, type SourceImage } from "#core/formats/reader.ts";
import type { SampleArray } from "#core/micrograph/raster.ts";
import { shadeFloats, type ValueWindow, windowTable } from "#core/pyramid/display-window.ts";
import { channelsOf, type TileArray } from "#core/pyramid/downsample.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { addToHistogram, createSurvey, type Survey } from "#core/pyramid/survey.ts";
import { chooseTileEncoding, encodeSamples, type TileEncoding } from "#core/pyramid/tile-type.ts";
import { bigTiffLayout } from "#server/tiles/big-tiff.ts";
import { displayTilesLayout } from "#server/tiles/display-tiles.ts";
import { createTileWriter } from "#server/tiles/tile-writer.ts";
import { buildPyramid, cutTile } from "./build-pyramid.ts";
import { deflateTile } from "./deflate-tile.ts";

/** What became of one frame of one signal; kept beside its files. */
export interface FrameSummary {
  readonly encoding: TileEncoding;
  readonly window: ValueWindow;
  readonly range: Survey["range"];
  readonly histogram: readonly number[];
  readonly nonFiniteCount: number;
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
 * @throws FormatError as the reader does
 */
export async function deriveFrame(
  image: SourceImage,
  frame: number,
  look: SignalLook | undefined,
  folder: string,
  onProgress: (fraction: number) => void,
): Promise<FrameSummary> {
  const { survey, counted } = await surveyFrame(image, frame, (f) => onProgress(f * 0.2));
  const encoding = look?.encoding ?? encodingOf(image, survey);
  const window = look?.window ?? (encoding.tileType === "rgb8" ? colourWindow(encoding) : survey.window);
  const shade = createShader(encoding, window, image.display);
  const levels = pyramidLevels(image.width, image.height);
  const thumbnail = createThumbnail(levels, shade.channels);

  const histogram = counted ?? new Float64Array(256);
  const description = JSON.stringify({ tileType: encoding.tileType, tileScale: encoding.tileScale });
  const native = await createTileWriter(
    join(folder, derivedFileNames.native),
    levels,
    bigTiffLayout(encoding.tileType, levels, description),
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
        const shaded = shade.apply(pixels);
        thumbnail.collect(level, row, shaded);
        const columns = levels[level]!.columns;
        await Promise.all(
          Array.from({ length: columns }, async (_, column) => {
            const [x, w] = [column * tileSizePx, Math.min(tileSizePx, width - column * tileSizePx)];
            const padded = cutTile(
              pixels,
              channelsOf[encoding.tileType],
              width,
              x,
              w,
              rows,
              tileSizePx,
              tileSizePx,
            );
            await native.writeTile(level, column, row, await deflateTile(padded));
            const clipped = cutTile(shaded, shade.channels, width, x, w, rows, w, rows) as Uint8Array;
            await display.writeTile(level, column, row, await encodeJpeg(clipped, w, rows, shade.channels));
          }),
        );
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
  };
}

async function surveyFrame(image: SourceImage, frame: number, onProgress: (fraction: number) => void) {
  const channels = channelsToKeep(image);
  const survey = createSurvey(image.sampleType, image.width * image.height * channels);
  for (let y = 0; y < image.height; y += tileSizePx) {
    survey.add((await readOpaque(image, frame, y, Math.min(tileSizePx, image.height - y))).data);
    onProgress(y / image.height);
  }
  const found = survey.finish();
  return { survey: found, counted: found.histogram && Float64Array.from(found.histogram) };
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

interface Shader {
  readonly channels: Channels;
  apply(pixels: TileArray): Uint8Array;
}

/** Native samples → the 8 bits that are shown before the native tiles arrive. */
function createShader(encoding: TileEncoding, window: ValueWindow, display: SourceImage["display"]): Shader {
  const { tileType, tileScale } = encoding;
  const palette = display?.palette;
  if (tileType === "u8" && palette?.length === 256 * 3) {
    return { channels: 3, apply: (pixels) => throughPalette(pixels, palette) };
  }
  const tone = { ...window, invert: display?.invert ?? false };
  if (tileType === "rgb8") return { channels: 3, apply: (pixels) => pixels as Uint8Array };
  if (tileType === "f32") {
    return { channels: 1, apply: (pixels) => shadeFloats(pixels as Float32Array, tileScale, tone) };
  }
  const table = windowTable(tileType === "u8" ? 256 : 65536, tileScale, tone);
  return {
    channels: 1,
    apply(pixels) {
      const out = new Uint8Array(pixels.length);
      for (let i = 0; i < pixels.length; i++) out[i] = table[pixels[i]!]!;
      return out;
    },
  };
}

function throughPalette(pixels: TileArray, palette: Uint8Array): Uint8Array {
  const out = new Uint8Array(pixels.length * 3);
  for (let i = 0, to = 0; i < pixels.length; i++) {
    const entry = pixels[i]! * 3;
    out[to++] = palette[entry]!;
    out[to++] = palette[entry + 1]!;
    out[to++] = palette[entry + 2]!;
  }
  return out;
}

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

/** Collects the smallest level that is not smaller than a thumbnail (or the largest there is) while it goes by. */
function createThumbnail(levels: ReturnType<typeof pyramidLevels>, channels: Channels) {
  const source = levels.findLast((l) => Math.max(l.width, l.height) >= thumbnailSizePx) ?? levels[0]!;
  const pixels = new Uint8Array(source.width * source.height * channels);
  return {
    collect(level: number, row: number, shaded: Uint8Array) {
      if (level === source.level) pixels.set(shaded, row * tileSizePx * source.width * channels);
    },
    async write(path: string) {
      await jpegOf(pixels, source.width, source.height, channels)
        .resize(thumbnailSizePx, thumbnailSizePx, { fit: "inside", withoutEnlargement: true })
        .jpeg({ quality: 80, chromaSubsampling: "4:4:4" })
        .toFile(path);
    },
  };
}
