import { BinaryView } from "./binary-view.ts";
import type { ByteSource } from "./byte-source.ts";
import { decodeOnce } from "./decode-once.ts";
import { memoryByteSource } from "./memory-byte-source.ts";
import { orientationWarnings, uprightImage } from "./orientation.ts";
import { cropRaster, requireGrid, requireHeldWhole, requireRegion } from "./pixel-grid.ts";
import {
  FormatError,
  type FormatReader,
  type OpenedFile,
  type ReaderContext,
  type SourceImage,
} from "./reader.ts";
import { readTiffDirectories } from "./tiff-directory.ts";

const maxSegments = 10_000;

/**
 * JPEG, 8 bit, grey or colour: the decoded samples, turned as its orientation tag asks, not colour-managed, and flagged
 * lossy: intensities are what the encoder left of them. Its dots per inch are never a calibration.
 * Source: ITU-T T.81.
 */
export const jpegReader: FormatReader = {
  id: "JPEG",
  extensions: ["jpg", "jpeg"],
  sniff: (head) => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff,
  open: openJpeg,
};

interface JpegHeader {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly components: number;
  /** Exif's 1-8: how a viewer would turn and mirror the picture. */
  readonly orientation?: number;
}

async function openJpeg(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const header = await readHeader(source);
  const { width, height, components } = header;
  requireGrid(width, height, 1, context.limits);
  requireHeldWhole("JPEG", width, height, 2 * width * height * components);
  if (header.bits !== 8 || (components !== 1 && components !== 3))
    throw new FormatError(
      "unsupported",
      `A JPEG of ${components} components with ${header.bits} bits is not read. Export it as 8-bit grey or RGB, better as TIFF.`,
    );
  await requireEnd(source);
  const whole = decodeOnce(async () => {
    const bytes = await source.read(0, source.size);
    const raster = await context.codecs.decodeImage(bytes, "jpeg", {
      maxPixels: context.limits.maxPixelsPerFrame,
    });
    if (raster.width !== width || raster.height !== height || raster.samplesPerPixel !== components)
      throw new FormatError(
        "malformed",
        `The JPEG announces ${width} × ${height} and decodes otherwise. Export it again.`,
      );
    return raster;
  });
  const stored: SourceImage = {
    title: context.fileName,
    kind: "image",
    width,
    height,
    frames: 1,
    sampleType: "uint8",
    samplesPerPixel: components,
    calibration: { state: "uncalibrated", reason: "JPEG files carry no length per pixel" },
    acquisition: {},
    flags: { lossy: true, depthReduced: false, screenshot: false },
    warnings: context.asRecorded ? orientationWarnings(header.orientation) : [],
    async readRegion(frame, x, y, w, h) {
      requireRegion(stored, frame, x, y, w, h);
      return cropRaster(await whole(), x, y, w, h);
    },
  };
  const image = context.asRecorded ? stored : uprightImage(stored, header.orientation);
  return { format: "JPEG", images: [image], others: [], tags: { ...header } };
}

/** The frame header (SOF), found by walking the segments before the first scan. */
async function readHeader(source: ByteSource): Promise<JpegHeader> {
  let at = 2;
  let orientation: number | undefined;
  for (let n = 0; n < maxSegments; n++) {
    const view = new BinaryView(await source.read(at, 4), false);
    const [fill, marker, length] = [view.u8(), view.u8(), view.u16()];
    if (fill !== 0xff) break;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9 || marker === 0xda || length < 2) break;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const frame = new BinaryView(await source.read(at + 4, 6), false);
      const [bits, height, width, components] = [frame.u8(), frame.u16(), frame.u16(), frame.u8()];
      return { width, height, bits, components, ...(orientation === undefined ? {} : { orientation }) };
    }
    if (marker === 0xe1) orientation ??= await exifOrientation(await source.read(at + 4, length - 2));
    at += 2 + length;
  }
  throw new FormatError(
    "malformed",
    "The JPEG has no frame header before its data. The file is damaged: export it again.",
  );
}

/** Exif is a TIFF within a segment; a damaged one costs the orientation, not the picture. */
async function exifOrientation(segment: Uint8Array): Promise<number | undefined> {
  if (String.fromCharCode(...segment.subarray(0, 6)) !== "Exif\0\0") return undefined;
  try {
    const [first] = await readTiffDirectories(memoryByteSource(segment.slice(6)));
    const orientation = await first?.number(274);
    return orientation !== undefined && orientation >= 1 && orientation <= 8 ? orientation : undefined;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** A decoder fills what is missing with grey and says nothing, so the end mark is looked for among the last bytes. */
async function requireEnd(source: ByteSource): Promise<void> {
  const length = Math.min(65536, source.size);
  const tail = await source.read(source.size - length, length);
  for (let i = tail.length - 2; i >= 0; i--) if (tail[i] === 0xff && tail[i + 1] === 0xd9) return;
  throw new FormatError("truncated", "The JPEG has no end mark: it was cut off. Copy it again.");
}
