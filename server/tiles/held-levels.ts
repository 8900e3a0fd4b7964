import { FormatError, type SourceImage } from "#core/formats/reader.ts";
import type { Raster, SampleArray } from "#core/micrograph/raster.ts";
import { createSamples } from "#core/micrograph/raster.ts";
import { halve, type TileArray } from "#core/pyramid/downsample.ts";
import { type PyramidLevel, pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { encodeSamples, type TileEncoding } from "#core/pyramid/tile-type.ts";
import { tileExtent } from "./tile-index.ts";

/** A level that the original holds itself: which of its copies (0: the picture), and how often that is halved. */
export interface HeldLevel {
  readonly copy: number;
  readonly halvings: number;
}

/** Smaller pictures are read whole: their range is then that of every pixel, and their levels are means. */
const heldFromPixels = 2 ** 27;
/** A tile from a copy four times as large reads sixteen tiles of it; from a larger one, more than a person waits for. */
const mostHalvings = 2;

/**
 * The levels, full resolution first, that need not be built because the file is a pyramid in tiles: none for smaller
 * pictures, and never the last, from which thumbnails are made.
 */
export function heldLevels(image: SourceImage, fromPixels = heldFromPixels): readonly HeldLevel[] {
  const { width, height, frames, display, reductions = [] } = image;
  if (frames !== 1 || reductions.length === 0 || width * height < fromPixels) return [];
  const held: HeldLevel[] = [];
  for (const level of pyramidLevels(width, height).slice(0, -1)) {
    const copy = copiesOf(image).findIndex((c) => isSizeOf(c, level));
    const above = held.at(-1);
    if (copy >= 0) held.push({ copy, halvings: 0 });
    else if (above && !display?.palette && above.halvings < mostHalvings)
      held.push({ ...above, halvings: above.halvings + 1 });
    else break;
  }
  // What follows the last copy is built from it once, instead of from request to request.
  return held.slice(0, held.findLastIndex(({ halvings }) => halvings === 0) + 1);
}

const copiesOf = (image: SourceImage) => [image, ...(image.reductions ?? [])];

/** Writers that round down leave out the last column or row. */
function isSizeOf(copy: { readonly width: number; readonly height: number }, level: PyramidLevel): boolean {
  const fits = (part: number, whole: number) => part === whole || part === whole - 1;
  return fits(copy.width, level.width) && fits(copy.height, level.height);
}

/** A copy as an image of its own, of exactly the level's size: where its writer rounded down, the edge is repeated. */
export function imageOfCopy(image: SourceImage, index: number, level: PyramidLevel): SourceImage {
  if (index === 0) return image;
  const copy = image.reductions?.[index - 1];
  if (!copy) throw new FormatError("malformed", "The picture no longer holds the smaller copy it held once.");
  const { reductions: _, ...facts } = image;
  return {
    ...facts,
    width: level.width,
    height: level.height,
    async readRegion(_frame, x, y, width, height) {
      const [inX, inY] = [Math.min(x, copy.width - 1), Math.min(y, copy.height - 1)];
      const w = Math.min(x + width, copy.width) - inX;
      const h = Math.min(y + height, copy.height) - inY;
      const raster = await copy.readRegion(inX, inY, Math.max(1, w), Math.max(1, h));
      return raster.width === width && raster.height === height ? raster : extended(raster, width, height);
    },
  };
}

/** The last column and row again, up to the size. */
function extended(raster: Raster, width: number, height: number): Raster {
  const { samplesPerPixel, sampleType } = raster;
  const data = createSamples(sampleType, width * height * samplesPerPixel);
  for (let y = 0; y < height; y++) {
    const row = Math.min(y, raster.height - 1) * raster.width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.min(x, raster.width - 1)) * samplesPerPixel;
      for (let c = 0; c < samplesPerPixel; c++)
        data[(y * width + x) * samplesPerPixel + c] = raster.data[from + c]!;
    }
  }
  return { width, height, samplesPerPixel, sampleType, data };
}

/**
 * A tile of a held level from the original, as native tiles are: clipped at the edges, encoded.
 *
 * @throws FormatError as the reader does
 */
export async function readHeldTile(
  image: SourceImage,
  held: HeldLevel,
  encoding: TileEncoding,
  at: { readonly level: number; readonly column: number; readonly row: number },
): Promise<TileArray> {
  const levels = pyramidLevels(image.width, image.height);
  const scale = 2 ** held.halvings;
  const finer = levels[at.level - held.halvings]!;
  const { width, height } = tileExtent(levels[at.level]!, at.column, at.row, tileSizePx);
  const [x, y] = [at.column * tileSizePx * scale, at.row * tileSizePx * scale];
  let w = Math.min(width * scale, finer.width - x);
  let h = Math.min(height * scale, finer.height - y);
  const copy = imageOfCopy(image, held.copy, finer);
  const { data } = withoutAlpha(await copy.readRegion(0, x, y, w, h));
  let tile = encodeSamples(data, image.sampleType, image.samplesPerPixel === 1 ? 1 : 3, encoding);
  for (let i = 0; i < held.halvings; i++) {
    tile = halve(encoding.tileType, tile, w, h);
    [w, h] = [Math.ceil(w / 2), Math.ceil(h / 2)];
  }
  return tile;
}

/** Alpha is no intensity: it enters neither statistics nor tiles. */
export function withoutAlpha(raster: Raster): { readonly data: SampleArray; readonly channels: 1 | 3 } {
  if (raster.samplesPerPixel !== 4)
    return { data: raster.data, channels: raster.samplesPerPixel === 1 ? 1 : 3 };
  const opaque = raster.data.slice(0, raster.width * raster.height * 3);
  for (let from = 0, to = 0; from < raster.data.length; from += 4) {
    opaque[to++] = raster.data[from]!;
    opaque[to++] = raster.data[from + 1]!;
    opaque[to++] = raster.data[from + 2]!;
  }
  return { data: opaque, channels: 3 };
}
