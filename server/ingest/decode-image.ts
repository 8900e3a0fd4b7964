import sharp from "sharp";
import { FormatError } from "#core/formats/reader.ts";
import type { Raster } from "#core/micrograph/raster.ts";

/**
 * Exact stored samples. Left to itself sharp turns 16-bit grey into three 8-bit channels and applies embedded colour
 * profiles, so depth and colour space are named and profiles are ignored.
 */
export async function decodeImage(
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
