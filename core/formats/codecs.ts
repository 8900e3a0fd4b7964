import type { Raster } from "#core/micrograph/raster.ts";
import type { Hdf5 } from "./hdf5.ts";
import type { VideoDecoder } from "./video-decoder.ts";

/**
 * What pure TypeScript should not decode itself. The server fills this port with sharp and Node's zlib, the browser
 * with its own decoders; a missing codec is a typed refusal, never a wrong picture.
 */
export interface Codecs {
  /** zlib stream (RFC 1950) → at most `limit` bytes; more is refused as a bomb. */
  inflate(bytes: Uint8Array, limit: number): Promise<Uint8Array>;
  /** gzip member (RFC 1952). */
  gunzip(bytes: Uint8Array, limit: number): Promise<Uint8Array>;
  /** The first bytes of a gzip member, up to `count`, whatever comes behind them. */
  gunzipHead(bytes: Uint8Array, count: number): Promise<Uint8Array>;
  /** Zstandard frame. */
  unzstd(bytes: Uint8Array, limit: number): Promise<Uint8Array>;
  /** JPEG or PNG → exact stored samples (8 or 16 bit), no orientation applied, no colour management. */
  decodeImage(bytes: Uint8Array, kind: "jpeg" | "png", limits: { maxPixels: number }): Promise<Raster>;
  /** Absent where HDF5 cannot be read; its files are then refused. */
  readonly hdf5?: Hdf5;
  /** Absent where no program decodes video; it is then refused with the command that converts it. */
  readonly video?: VideoDecoder;
}
