import { plainPixels } from "#core/micrograph/content.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { BinaryView, latin1 } from "./binary-view.ts";
import type { ByteSource } from "./byte-source.ts";
import { decodeOnce } from "./decode-once.ts";
import { cropRaster, requireBytes, requireGrid, requireHeldWhole, requireRegion } from "./pixel-grid.ts";
import { decodePngSamples, type PngHeader, pngChannels, pngDataBytes } from "./png-samples.ts";
import {
  FormatError,
  type FormatReader,
  type OpenedFile,
  type ReaderContext,
  type SourceImage,
} from "./reader.ts";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const maxChunks = 1_000_000;

/**
 * PNG of every depth and colour type, as stored: 16-bit grey stays 16 bit, palette pictures are their indices with the
 * palette beside them, no gamma or profile is applied. Its resolution (pHYs) is a printer's and never a calibration.
 * Source: W3C PNG specification, second edition.
 */
export const pngReader: FormatReader = {
  id: "PNG",
  extensions: ["png"],
  sniff: (head) => signature.every((byte, i) => head[i] === byte),
  open: openPng,
};

interface PngParts {
  readonly header: PngHeader;
  readonly data: readonly { readonly offset: number; readonly length: number }[];
  readonly palette?: Uint8Array;
  readonly texts: Readonly<Record<string, string>>;
}

async function openPng(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const { header, data, palette, texts } = await readChunks(source);
  requireGrid(header.width, header.height, 1, context.limits);
  const channels = pngChannels(header);
  const delivered = channels === 2 ? 1 : channels;
  const dataBytes = pngDataBytes(header);
  requireHeldWhole("PNG", header.width, header.height, 2 * dataBytes);

  const whole = decodeOnce(async () => {
    const packed = new Uint8Array(data.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of data) {
      packed.set(await source.read(part.offset, part.length), at);
      at += part.length;
    }
    const bytes = await context.codecs.inflate(packed, dataBytes + 1024);
    if (bytes.length < dataBytes)
      throw new FormatError(
        "truncated",
        `The picture unpacks to ${bytes.length} of ${dataBytes} bytes. Export it again.`,
      );
    const raster = decodePngSamples(header, bytes);
    return channels === 2 ? firstChannel(raster) : raster;
  });

  const image: SourceImage = {
    title: context.fileName,
    kind: "image",
    width: header.width,
    height: header.height,
    frames: 1,
    sampleType: header.depth === 16 ? "uint16" : "uint8",
    samplesPerPixel: delivered,
    ...(header.depth < 8 ? { bitsPerSample: header.depth } : {}),
    calibration: { state: "uncalibrated", reason: "PNG files carry no length per pixel" },
    acquisition: {},
    flags: plainPixels,
    ...(palette && header.colourType === 3 ? { display: { palette } } : {}),
    warnings:
      channels === 2 ? ["The picture has a transparency channel beside its grey; it is not shown."] : [],
    async readRegion(frame, x, y, w, h) {
      requireRegion(image, frame, x, y, w, h);
      return cropRaster(await whole(), x, y, w, h);
    },
  };
  return { format: "PNG", images: [image], others: [], tags: { ...header, texts } };
}

async function readChunks(source: ByteSource): Promise<PngParts> {
  let header: PngHeader | undefined;
  let palette: Uint8Array | undefined;
  const data: { offset: number; length: number }[] = [];
  const texts: Record<string, string> = {};
  let at = signature.length;
  for (let n = 0; n < maxChunks; n++) {
    const view = new BinaryView(await source.read(at, 8), false);
    const [length, type] = [view.u32(), view.text(4)];
    const offset = at + 8;
    requireBytes(source, offset + length + 4, `The ${type} chunk's bytes`);
    if (n === 0 && type !== "IHDR") throw malformed(`begins with a ${type} chunk`);
    if (type === "IHDR") header = parseHeader(await source.read(offset, length));
    else if (type === "PLTE" && length <= 768) palette = (await source.read(offset, length)).slice();
    else if (type === "IDAT") data.push({ offset, length });
    else if (type === "tEXt" && length <= 65536) {
      const bytes = await source.read(offset, length);
      const key = latin1(bytes);
      texts[key] = latin1(bytes.subarray(key.length + 1));
    } else if (type === "IEND") {
      if (!header || data.length === 0) throw malformed("has no picture data");
      return { header, data, texts, ...(palette ? { palette } : {}) };
    }
    at = offset + length + 4;
  }
  throw malformed("has too many chunks");
}

function parseHeader(bytes: Uint8Array): PngHeader {
  const view = new BinaryView(bytes, false);
  const [width, height, depth, colourType] = [view.u32(), view.u32(), view.u8(), view.u8()];
  const [compression, filter, interlace] = [view.u8(), view.u8(), view.u8()];
  const depths: Readonly<Record<number, readonly number[]>> = {
    0: [1, 2, 4, 8, 16],
    2: [8, 16],
    3: [1, 2, 4, 8],
    4: [8, 16],
    6: [8, 16],
  };
  if (!depths[colourType]?.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1)
    throw malformed(
      `has colour type ${colourType} with ${depth} bits, compression ${compression}, interlace ${interlace}`,
    );
  return { width, height, depth, colourType, interlaced: interlace === 1 };
}

function firstChannel(raster: Raster): Raster {
  const data = raster.data.filter((_, i) => i % 2 === 0);
  return { ...raster, samplesPerPixel: 1, data };
}

function malformed(what: string): FormatError {
  return new FormatError(
    "malformed",
    `The PNG ${what}, which the format does not allow. Export the picture again.`,
  );
}
