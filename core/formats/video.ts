import type { Raster } from "#core/micrograph/raster.ts";
import type { ByteSource } from "./byte-source.ts";
import { cropRaster, requireGrid, requireRegion } from "./pixel-grid.ts";
import {
  FormatError,
  type FormatReader,
  type OpenedFile,
  type ReaderContext,
  type SourceImage,
} from "./reader.ts";
import type { VideoContainer } from "./video-decoder.ts";

const containerNames: Readonly<Record<VideoContainer, string>> = {
  avi: "AVI",
  mov: "MP4 or MOV",
  matroska: "Matroska or WebM",
  asf: "WMV",
};

/** MP4, MOV, Matroska, WebM, WMV: read where a decoder of video is installed, refused with a command that converts where not. */
export const videoReader: FormatReader = {
  id: "Video",
  extensions: ["mp4", "m4v", "mov", "mkv", "webm", "wmv", "asf"],
  sniff: (head) => containerOf(head) !== undefined,
  async open(source, context) {
    const container = containerOf(await source.read(0, Math.min(16, source.size)))!;
    if (!isVideoDecoded(context)) throw videoRefusal(context.fileName, containerNames[container]);
    return openVideo(container, source, context);
  },
};

function containerOf(head: Uint8Array): VideoContainer | undefined {
  const begins = (at: number, ...bytes: readonly number[]) => bytes.every((byte, i) => head[at + i] === byte);
  const box = String.fromCharCode(...head.subarray(4, 8));
  if (box === "ftyp" && isStillBrand(String.fromCharCode(...head.subarray(8, 12)))) return undefined;
  if (["ftyp", "moov", "mdat", "wide"].includes(box)) return "mov";
  if (begins(0, 0x1a, 0x45, 0xdf, 0xa3)) return "matroska";
  if (begins(0, 0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11)) return "asf";
  return undefined;
}

/** Photographs of telephones and of the web share the container of MP4. */
const isStillBrand = (brand: string) => ["avif", "avis", "heic", "heix", "mif1", "msf1"].includes(brand);

export function isVideoDecoded({ codecs }: ReaderContext): boolean {
  return codecs.video !== undefined;
}

/** What to do without a decoder. */
export function videoRefusal(fileName: string, what: string): FormatError {
  const quoted = fileName.replaceAll(/["$`\\]/g, "_");
  return new FormatError(
    "unsupported",
    `This is ${what}, and no ffmpeg is installed on this server to decode it. Convert it and hand in the frames: ffmpeg -i "${quoted}" -pix_fmt gray frame_%04d.tif`,
    { fileName },
  );
}

/** @throws FormatError as the decoder does */
export async function openVideo(
  container: VideoContainer,
  source: ByteSource,
  context: ReaderContext,
): Promise<OpenedFile> {
  const stream = await context.codecs.video!.open(container, source);
  const { width, height, sampleType, samplesPerPixel, timesS, codec, lossy, notes } = stream;
  requireGrid(width, height, timesS.length, context.limits);
  let kept: { readonly frame: number; readonly raster: Promise<Raster> } | undefined;
  const whole = (frame: number): Promise<Raster> => {
    if (kept?.frame === frame) return kept.raster;
    const raster = stream.readFrame(frame);
    kept = { frame, raster };
    raster.catch(() => {
      kept = undefined;
    });
    return raster;
  };
  const first = timesS[0]!;
  const image: SourceImage = {
    title: context.fileName,
    kind: "image",
    width,
    height,
    frames: timesS.length,
    sampleType,
    samplesPerPixel,
    calibration: { state: "uncalibrated", reason: "Video files carry no length per pixel" },
    acquisition: {},
    flags: { lossy, depthReduced: false, screenshot: false },
    ...(timesS.length > 1 ? { frameTimesS: timesS.map((t) => Math.round((t - first) * 1e6) / 1e6) } : {}),
    warnings: [...notes],
    async readRegion(frame, x, y, w, h) {
      requireRegion(image, frame, x, y, w, h);
      return cropRaster(await whole(frame), x, y, w, h);
    },
  };
  return {
    format: containerNames[container],
    images: [image],
    others: [],
    tags: { codec, frames: timesS.length },
  };
}
