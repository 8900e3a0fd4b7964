import { promisify } from "node:util";
import * as zlib from "node:zlib";
import type { Codecs } from "#core/formats/codecs.ts";
import { FormatError } from "#core/formats/reader.ts";
import { decodeImage } from "./decode-image.ts";
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
