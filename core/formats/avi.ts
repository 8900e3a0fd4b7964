import { plainPixels } from "#core/micrograph/content.ts";
import type { Raster, SampleType } from "#core/micrograph/raster.ts";
import { type AviStream, readAviIndex } from "./avi-index.ts";
import type { ByteSource } from "./byte-source.ts";
import { cropRaster, requireGrid, requireRegion } from "./pixel-grid.ts";
import {
  FormatError,
  type FormatReader,
  type OpenedFile,
  type ReaderContext,
  type SourceImage,
} from "./reader.ts";
import { isVideoDecoded, openVideo, videoRefusal } from "./video.ts";

/** How the frames of a stream are stored, where they are read without a decoder of video. */
interface FrameForm {
  readonly samples: 1 | 3;
  readonly sampleType: SampleType;
  readonly lossy: boolean;
  readonly palette?: Uint8Array;
  decode(bytes: Uint8Array): Promise<Raster>;
}

/**
 * AVI with frames that stand for themselves: uncompressed grey, palette and RGB, Y800, Y16, Motion JPEG, PNG. Other
 * codecs go to the decoder of video where there is one. A frame without bytes repeats the one before it, as players do.
 * Source: Microsoft's description of AVI RIFF files, OpenDML's extension for files past 1 GB.
 */
export const aviReader: FormatReader = {
  id: "AVI",
  extensions: ["avi"],
  sniff: (head) => fourLetters(head, 0) === "RIFF" && fourLetters(head, 8) === "AVI ",
  open: openAvi,
};

async function openAvi(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const stream = await readAviIndex(source);
  const { width, height, codec, frames } = stream;
  requireGrid(width, height, Math.max(1, frames.length), context.limits);
  const form = await frameForm(source, stream, context);
  if (!form) {
    if (isVideoDecoded(context)) return openVideo("avi", source, context);
    throw videoRefusal(context.fileName, `AVI in the codec "${codec}"`);
  }
  if (frames.length === 0)
    throw new FormatError("malformed", "The AVI holds no frame. It was broken off: record or copy it again.");

  let kept: { readonly frame: number; readonly raster: Promise<Raster> } | undefined;
  const whole = (frame: number): Promise<Raster> => {
    if (kept?.frame === frame) return kept.raster;
    const { offset, length } = frames[frame]!;
    const raster = source.read(offset, length).then((bytes) => form.decode(bytes));
    kept = { frame, raster };
    raster.catch(() => {
      kept = undefined;
    });
    return raster;
  };
  const stepS = stream.secondsPerFrame;
  const image: SourceImage = {
    title: context.fileName,
    kind: "image",
    width,
    height,
    frames: frames.length,
    sampleType: form.sampleType,
    samplesPerPixel: form.samples,
    calibration: { state: "uncalibrated", reason: "AVI files carry no length per pixel" },
    acquisition: {},
    flags: { ...plainPixels, lossy: form.lossy },
    ...(form.palette ? { display: { palette: form.palette } } : {}),
    ...(stepS === null || frames.length < 2
      ? {}
      : { frameTimesS: frames.map((_, i) => Math.round(i * stepS * 1e9) / 1e9) }),
    warnings: [],
    async readRegion(frame, x, y, w, h) {
      requireRegion(image, frame, x, y, w, h);
      return cropRaster(await whole(frame), x, y, w, h);
    },
  };
  const tags = { codec, bits: stream.bits, secondsPerFrame: stepS, frames: frames.length };
  return { format: "AVI", images: [image], others: [], tags };
}

async function frameForm(
  source: ByteSource,
  stream: AviStream,
  context: ReaderContext,
): Promise<FrameForm | undefined> {
  const { width, height, codec, bits } = stream;
  const grey = (
    sampleType: SampleType,
    bytesPerPixel: number,
    turned: boolean,
    stride: number,
  ): FrameForm => ({
    ...{ samples: 1, sampleType, lossy: false },
    decode: async (bytes) => unpadded(bytes, width, height, 1, sampleType, bytesPerPixel, stride, turned),
  });
  const plain = codec === "" || codec === "RGB " || codec === "DIB ";
  // Rows of uncompressed pictures fill whole words of 32 bits, the lowest first unless the height is negative.
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (plain && bits === 8) {
    const form = grey("uint8", 1, stream.bottomUp, stride);
    return stream.palette ? { ...form, palette: stream.palette } : form;
  }
  if (plain && (bits === 24 || bits === 32))
    return {
      ...{ samples: 3, sampleType: "uint8", lossy: false },
      decode: async (bytes) => colours(bytes, width, height, bits / 8, stride, stream.bottomUp),
    };
  if (["Y800", "GREY", "Y8  "].includes(codec)) return grey("uint8", 1, false, width);
  if (codec === "Y16 ") return grey("uint16", 2, false, width * 2);
  const kind = ["MJPG", "JPEG", "AVRN"].includes(codec) ? "jpeg" : /^png |^MPNG/i.test(codec) ? "png" : null;
  const first = stream.frames[0];
  if (!kind || !first) return undefined;
  const decode = (bytes: Uint8Array) =>
    context.codecs.decodeImage(bytes, kind, { maxPixels: context.limits.maxPixelsPerFrame });
  const shown = await decode(await source.read(first.offset, first.length));
  // Grey film coded as colour: its three channels are one.
  const samples = shown.samplesPerPixel >= 3 && !isGrey(shown) ? 3 : 1;
  return {
    ...{ samples, sampleType: shown.sampleType, lossy: kind === "jpeg" },
    async decode(bytes) {
      const raster = await decode(bytes);
      if (raster.width !== width || raster.height !== height || raster.sampleType !== shown.sampleType)
        throw new FormatError("malformed", "A frame of the AVI decodes to another size than announced.");
      return withChannels(raster, samples);
    },
  };
}

/** Chroma of a grey picture decodes to differences of one or two. */
function isGrey({ data, samplesPerPixel }: Raster): boolean {
  for (let i = 0; i + 2 < data.length; i += samplesPerPixel) {
    const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!];
    if (Math.abs(r - g) > 2 || Math.abs(b - g) > 2) return false;
  }
  return true;
}

/** The green channel of what is grey, which carries brightness; the first three of what is not. */
function withChannels(raster: Raster, samples: 1 | 3): Raster {
  const from = raster.samplesPerPixel;
  if (from === samples) return raster;
  const data = raster.data.slice(0, raster.width * raster.height * samples);
  for (let i = 0; i < raster.width * raster.height; i++)
    for (let c = 0; c < samples; c++)
      data[i * samples + c] =
        raster.data[i * from + (samples === 1 ? Math.min(1, from - 1) : Math.min(c, from - 1))]!;
  return { ...raster, samplesPerPixel: samples, data };
}

function requireFrameBytes(bytes: Uint8Array, needed: number): void {
  if (bytes.length < needed)
    throw new FormatError(
      "truncated",
      `A frame of the AVI has ${bytes.length} bytes where ${needed} are needed. Copy the file again.`,
    );
}

function unpadded(
  bytes: Uint8Array,
  width: number,
  height: number,
  samplesPerPixel: 1 | 3,
  sampleType: SampleType,
  bytesPerPixel: number,
  stride: number,
  bottomUp: boolean,
): Raster {
  requireFrameBytes(bytes, stride * (height - 1) + width * bytesPerPixel);
  const rowBytes = width * bytesPerPixel;
  const rows = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const from = (bottomUp ? height - 1 - y : y) * stride;
    rows.set(bytes.subarray(from, from + rowBytes), y * rowBytes);
  }
  if (sampleType === "uint8") return { width, height, samplesPerPixel, sampleType, data: rows };
  const data = new Uint16Array(width * height);
  for (let i = 0; i < data.length; i++) data[i] = rows[2 * i]! | (rows[2 * i + 1]! << 8);
  return { width, height, samplesPerPixel, sampleType: "uint16", data };
}

/** Blue, green, red, and in 32 bits a byte that means nothing. */
function colours(
  bytes: Uint8Array,
  width: number,
  height: number,
  bytesPerPixel: number,
  stride: number,
  bottomUp: boolean,
): Raster {
  requireFrameBytes(bytes, stride * (height - 1) + width * bytesPerPixel);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = (bottomUp ? height - 1 - y : y) * stride;
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = bytes[row + x * bytesPerPixel + 2 - c]!;
  }
  return { width, height, samplesPerPixel: 3, sampleType: "uint8", data };
}

function fourLetters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
