import { promisify } from "node:util";
import * as zlib from "node:zlib";
import sharp from "sharp";
import type { Codecs } from "#core/formats/codecs.ts";
import { FormatError } from "#core/formats/reader.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { ffmpegVersion } from "./ffmpeg.ts";
import { nodeHdf5 } from "./hdf5.ts";
import { signOfLife } from "./sign-of-life.ts";
import { streamedFromBytes, unpackStream } from "./unpack-stream.ts";
import { createVideoDecoder } from "./video-decoder.ts";

const inflate = promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.inflate);
const gunzip = promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.gunzip);
const unzstd = promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress);

/** Unpacked bytes that are handed over at a time. */
const chunkSize = 1 << 18;

/** The same with a decoder of video, where the machine has one. */
export async function codecsOfMachine(): Promise<Codecs> {
  if ((await ffmpegVersion()) === null) return nodeCodecs;
  return { ...nodeCodecs, video: createVideoDecoder(signOfLife) };
}

/** The codecs port on Node: zlib and zstd of the runtime, JPEG and PNG by sharp, HDF5 by its own library. */
export const nodeCodecs: Codecs = {
  inflate: (bytes, limit) =>
    unpack("zlib", limit, (maxOutputLength) =>
      limit < streamedFromBytes
        ? inflate(bytes, { maxOutputLength })
        : unpackStream(zlib.createInflate({ chunkSize }), bytes, maxOutputLength),
    ),
  gunzip: (bytes, limit) =>
    unpack("gzip", limit, (maxOutputLength) =>
      limit < streamedFromBytes
        ? gunzip(bytes, { maxOutputLength })
        : unpackStream(zlib.createGunzip({ chunkSize }), bytes, maxOutputLength),
    ),
  gunzipHead: (bytes, count) =>
    unpack("gzip", count, (limit) => unpackStream(zlib.createGunzip(), bytes, limit, count)),
  unzstd: (bytes, limit) =>
    unpack("Zstandard", limit, (maxOutputLength) => unzstd(bytes, { maxOutputLength })),
  decodeImage,
  hdf5: nodeHdf5,
};

async function unpack(
  what: string,
  limit: number,
  work: (maxOutputLength: number) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  try {
    const bytes = await work(Math.max(1, Math.min(limit, 2 ** 32)));
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new FormatError(
        "too-large",
        `A ${what} stream unpacks to more than the ${limit} bytes its picture can hold. The file is damaged or made to harm.`,
        { limit },
      );
    if (code === "Z_BUF_ERROR" || code === "ZSTD_error_srcSize_wrong")
      throw new FormatError("truncated", `A ${what} stream ends before its data do. Copy the file again.`);
    throw new FormatError(
      "malformed",
      `A ${what} stream is damaged (${code ?? "unknown"}). Copy the file again.`,
    );
  }
}

/**
 * Exact stored samples. Left to itself sharp turns 16-bit grey into three 8-bit channels and applies embedded colour
 * profiles, so depth and colour space are named and profiles are ignored.
 */
async function decodeImage(
  bytes: Uint8Array,
  kind: "jpeg" | "png",
  limits: { maxPixels: number },
): Promise<Raster> {
  try {
    const image = sharp(bytes, {
      limitInputPixels: limits.maxPixels,
      failOn: "error",
      unlimited: false,
      autoOrient: false,
      ignoreIcc: true,
    });
    const { format, channels, depth, space, width, height } = await image.metadata();
    if (format !== kind)
      throw new FormatError(
        "malformed",
        `Expected a ${kind} stream and found ${format}. Export the picture again.`,
      );
    if (space === "cmyk")
      throw new FormatError("unsupported", "CMYK pictures are not read. Export the picture in grey or RGB.");
    const deep = depth === "ushort";
    const grey = channels < 3;
    const samples = image.toColourspace(grey ? (deep ? "grey16" : "b-w") : deep ? "rgb16" : "srgb");
    const { data, info } = await samples
      .raw({ depth: deep ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.width !== width || info.height !== height || info.channels !== channels)
      throw new FormatError(
        "unsupported",
        `A ${kind} stream of ${channels} ${depth} channels is not read exactly.`,
      );
    const type = deep ? "uint16" : "uint8";
    const own = new Uint8Array(data); // its own buffer: aligned, and the pool's is not kept alive
    return {
      width,
      height,
      samplesPerPixel: info.channels as 1 | 2 | 3 | 4,
      sampleType: type,
      data: deep ? new Uint16Array(own.buffer) : own,
    };
  } catch (error) {
    if (error instanceof FormatError) throw error;
    const reason = error instanceof Error ? error.message.split("\n")[0] : "unknown reason";
    const code = /pixel limit/i.test(String(reason)) ? "too-large" : "malformed";
    throw new FormatError(
      code,
      `A ${kind} stream cannot be decoded (${reason}). Export or copy the picture again.`,
    );
  }
}
