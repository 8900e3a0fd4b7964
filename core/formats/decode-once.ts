import type { Raster } from "#core/micrograph/raster.ts";

/**
 * A picture that can only be decoded whole: decoded at the first read and kept while reads follow each other.
 * A failed decoding is tried again by the next read.
 */
export function decodeOnce(decode: () => Promise<Raster>): () => Promise<Raster> {
  let decoded: Promise<Raster> | undefined;
  return () => {
    decoded ??= decode().catch((error: unknown) => {
      decoded = undefined;
      throw error;
    });
    return decoded;
  };
}
