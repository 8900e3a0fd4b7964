import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompressSync } from "node:zlib";

const compress = promisify(zstdCompress);

export interface SegmentUpdate {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** So much goes into one segment: a moment is made again by unpacking the one or two it lies in. */
export const segmentUpdates = 2_000;
export const segmentBytes = 8 * 1024 * 1024;

const entryHeaderBytes = 12;

/**
 * Updates of a room's history in one blob: nothing is lost of any, and together they take a third of the space, because
 * they resemble each other. For each its sequence number (f64), its length (u32), its bytes; little-endian; all of it in
 * one zstd frame with a checksum of its own.
 */
export async function packSegment(updates: readonly SegmentUpdate[]): Promise<Uint8Array> {
  const plain = Buffer.allocUnsafe(
    updates.reduce((sum, { bytes }) => sum + entryHeaderBytes + bytes.length, 0),
  );
  let at = 0;
  for (const { seq, bytes } of updates) {
    plain.writeDoubleLE(seq, at);
    plain.writeUInt32LE(bytes.length, at + 8);
    plain.set(bytes, at + entryHeaderBytes);
    at += entryHeaderBytes + bytes.length;
  }
  return compress(plain, {
    params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: 6 },
  });
}

/** The updates of a segment by sequence number. @throws where it is none, or a bit of it has turned */
export function unpackSegment(segment: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const plain = zstdDecompressSync(segment);
  const updates = new Map<number, Uint8Array>();
  for (let at = 0; at < plain.length; ) {
    const length = plain.readUInt32LE(at + 8);
    const start = at + entryHeaderBytes;
    updates.set(plain.readDoubleLE(at), plain.subarray(start, start + length));
    at = start + length;
  }
  return updates;
}
