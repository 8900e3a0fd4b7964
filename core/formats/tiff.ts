import type { Acquisition } from "#core/micrograph/acquisition.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { ByteSource } from "./byte-source.ts";
import { imageJRois, imageJTags } from "./imagej-rois.ts";
import { orientationWarnings } from "./orientation.ts";
import { readStoredRegion, requireGrid, requireRegion, type StoredGrid } from "./pixel-grid.ts";
import {
  FormatError,
  type FormatReader,
  type OpenedFile,
  type ReaderContext,
  type ReducedCopy,
  type SourceImage,
  type Tag,
} from "./reader.ts";
import { isOnPicture, mostRecordedMarks, type RecordedMark } from "./recorded-mark.ts";
import { tiffCalibration } from "./tiff-calibration.ts";
import { looksLikeTiff, readTiffDirectories, type TiffDirectory } from "./tiff-directory.ts";
import { omeOrderWords, tiffFrameTimes } from "./tiff-frame-times.ts";
import { ChunkCache, readTiffPage, type TiffPage, TiffPageReader } from "./tiff-page.ts";
import { groupTiffPictures } from "./tiff-reductions.ts";
import { readVendorTags, type VendorTags } from "./tiff-vendor-tags.ts";

/**
 * TIFF and BigTIFF, strips and tiles, both byte orders. Consecutive pages of one grid are the frames of one image;
 * reduced copies are offered beside it, masks are passed over. Values are those stored: inversion and palette are told, not applied.
 * Source: TIFF 6.0 with its technical notes; OME-TIFF; ImageJ's conventions for stacks.
 */
export const tiffReader: FormatReader = {
  id: "TIFF",
  extensions: ["tif", "tiff", "btf", "tf8"],
  sniff: looksLikeTiff,
  open: openTiff,
};

async function openTiff(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const pictures = await groupTiffPictures(await readTiffDirectories(source));
  const cache = new ChunkCache();
  const runs: TiffPageReader[][] = [];
  const copies = new Map<TiffPageReader, readonly ReducedCopy[]>();
  for (const [i, { directory, reductions }] of pictures.entries()) {
    const page = await readTiffPage(directory);
    const smaller = await reducedCopies(reductions, String(i), context, cache);
    requireGrid(page.width, page.height, 1, limitsOf(context, smaller));
    const reader = new TiffPageReader(page, String(i), context, cache);
    if (smaller.length > 0) copies.set(reader, smaller);
    const run = runs.at(-1);
    if (run && sameGrid(run[0]!.page, page)) run.push(reader);
    else runs.push([reader]);
    if (runs.length > context.limits.maxImages)
      throw new FormatError(
        "too-large",
        `The TIFF holds more than ${context.limits.maxImages} pictures. Split it.`,
      );
  }
  const images: SourceImage[] = [];
  const tags: VendorTags[] = [];
  for (const run of runs) {
    const vendor = await readVendorTags(run[0]!.page.directory);
    tags.push(vendor);
    const title = runs.length > 1 ? `${context.fileName} page ${images.length + 1}` : context.fileName;
    const reductions = run.length === 1 ? copies.get(run[0]!) : undefined;
    const image = await tiffImage(source, run, vendor, title);
    const recordedMarks = await recordedMarksOf(run[0]!.page.directory, image);
    images.push({
      ...image,
      ...(reductions ? { reductions } : {}),
      ...(recordedMarks.length > 0 ? { recordedMarks } : {}),
    });
  }
  return {
    format: "TIFF",
    images,
    others: [],
    tags: tags.map(vendorTagsAsTags),
  };
}

/** ImageJ's selection and overlay, where they lie on the picture; damaged ones are no reason to refuse it. */
async function recordedMarksOf(
  directory: TiffDirectory,
  { width, height }: SourceImage,
): Promise<readonly RecordedMark[]> {
  if (!directory.has(imageJTags.byteCounts) || !directory.has(imageJTags.metadata)) return [];
  try {
    const byteCounts = await directory.numbers(imageJTags.byteCounts, mostRecordedMarks);
    // Bounded, whatever length the tag claims: pictures of many GB pass here, too.
    const metadata = Uint8Array.from(await directory.numbers(imageJTags.metadata));
    const marks = imageJRois(byteCounts, metadata, directory.littleEndian);
    return marks.filter((mark) => isOnPicture(mark, width, height));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return [];
  }
}

/** Copies that can be read; one that cannot is no reason to refuse the picture. */
async function reducedCopies(
  directories: readonly TiffDirectory[],
  name: string,
  context: ReaderContext,
  cache: ChunkCache,
): Promise<readonly ReducedCopy[]> {
  const copies: ReducedCopy[] = [];
  for (const [i, directory] of directories.entries()) {
    try {
      const page = await readTiffPage(directory);
      const reader = new TiffPageReader(page, `${name}.${i}`, context, cache);
      const { width, height } = page;
      copies.push({ width, height, readRegion: (x, y, w, h) => reader.readRegion(x, y, w, h) });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return copies.sort((a, b) => b.width - a.width);
}

/** A pyramid is not read whole: what must be within the limit is the largest copy that may be. */
function limitsOf({ limits }: ReaderContext, copies: readonly ReducedCopy[]): ReaderContext["limits"] {
  const isReadable = copies.some(({ width, height }) => width * height <= limits.maxPixelsPerFrame);
  return isReadable ? { ...limits, maxPixelsPerFrame: mostPixelsOfPyramid } : limits;
}

/** 262,144 px square: half a million tiles to keep account of. */
const mostPixelsOfPyramid = 2 ** 36;

/** Vendor tags are plain data already; what is left out is the typed acquisition, which every image carries. */
function vendorTagsAsTags({ acquisition: _, ...vendor }: VendorTags): Tag {
  return vendor as { readonly [name: string]: Tag };
}

const sameGrid = (a: TiffPage, b: TiffPage) =>
  a.width === b.width &&
  a.height === b.height &&
  a.sampleType === b.sampleType &&
  a.bits === b.bits &&
  a.delivered === b.delivered &&
  a.photometric === b.photometric;

async function tiffImage(
  source: ByteSource,
  pages: readonly TiffPageReader[],
  vendor: VendorTags,
  title: string,
): Promise<SourceImage> {
  const { page } = pages[0]!;
  const calibration: Calibration = tiffCalibration(vendor, page.width, page.height);
  const stack = await imageJStack(source, pages, vendor);
  const frames = stack?.frames ?? pages.length;
  const planes = omeOrderWords(vendor.description, frames);
  const times = tiffFrameTimes(vendor, frames);
  const palette =
    page.photometric === 3 ? paletteBytes(await page.directory.numbers(320, 3 << 16)) : undefined;
  const image: SourceImage = {
    title,
    kind: calibration.state === "calibrated" && calibration.unit === "1/nm" ? "diffraction" : "image",
    width: page.width,
    height: page.height,
    frames,
    ...(times ? { frameTimesS: times } : {}),
    sampleType: page.sampleType,
    samplesPerPixel: page.delivered,
    ...([1, 2, 4, 12].includes(page.bits) ? { bitsPerSample: page.bits } : {}),
    calibration,
    acquisition: vendor.acquisition satisfies Acquisition,
    flags: { lossy: page.compression === 7, depthReduced: false, screenshot: false },
    ...(page.photometric === 0 ? { display: { invert: true } } : palette ? { display: { palette } } : {}),
    warnings: [
      ...(page.storedSamples > page.delivered
        ? ["The picture has a transparency channel beside its values; it is not shown."]
        : []),
      ...(planes ? [planes] : []),
      ...(stack && stack.frames < stack.announced
        ? [`The description speaks of ${stack.announced} frames, this file holds one of them.`]
        : []),
      ...orientationWarnings(page.orientation),
    ],
    async readRegion(frame, x, y, width, height) {
      requireRegion(image, frame, x, y, width, height);
      if (stack?.grid) return readStoredRegion(stack.grid, frame, x, y, width, height);
      return pages[frame]!.readRegion(x, y, width, height);
    },
  };
  return image;
}

/** ImageJ writes stacks past 4 GB, and others, as one page whose data run on: "images=N" frames from its first strip. */
async function imageJStack(
  source: ByteSource,
  pages: readonly TiffPageReader[],
  vendor: VendorTags,
): Promise<
  { readonly frames: number; readonly announced: number; readonly grid: StoredGrid | null } | undefined
> {
  const [first] = pages;
  const announced = Number(vendor.imageJ?.images ?? 1);
  const page = first!.page;
  const whole = page.bits >= 8 && page.bits !== 12 && !page.isHalf;
  if (
    !(
      Number.isSafeInteger(announced) &&
      announced > 1 &&
      pages.length === 1 &&
      page.compression === 1 &&
      whole
    )
  )
    return undefined;
  if (page.separatePlanes || page.tiled || page.reversedBits || page.storedSamples !== page.delivered)
    return undefined;
  const offset = await first!.firstOffset();
  const rowBytes = (page.width * page.storedSamples * page.bits) / 8;
  const frameBytes = rowBytes * page.height;
  // A slice that was taken out of a stack keeps its description; behind its pixels lies no other frame, but tags.
  if (offset + announced * frameBytes > source.size) return { frames: 1, announced, grid: null };
  const grid: StoredGrid = {
    source,
    width: page.width,
    frameOffset: (frame) => offset + frame * frameBytes,
    rowBytes,
    sampleType: page.sampleType,
    samplesPerPixel: page.delivered,
    littleEndian: page.directory.littleEndian,
  };
  return { frames: announced, announced, grid };
}

/** TIFF keeps all reds, all greens, all blues in 16 bits; shown are the high bytes, a colour after another. */
function paletteBytes(map: readonly number[]): Uint8Array {
  const colours = Math.floor(map.length / 3);
  const palette = new Uint8Array(colours * 3);
  for (let i = 0; i < colours; i++)
    for (let c = 0; c < 3; c++) palette[3 * i + c] = (map[c * colours + i] ?? 0) >> 8;
  return palette;
}
