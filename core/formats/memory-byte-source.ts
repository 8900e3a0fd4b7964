import type { ByteSource } from "./byte-source.ts";
import { FormatError } from "./reader.ts";

/** Bytes already in memory as a byte source; reads are views, not copies. */
export function memoryByteSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length))
        throw new FormatError(
          "truncated",
          `The file ends at byte ${bytes.length}, but ${length} bytes at ${offset} were announced. Copy it again.`,
          { offset, length, size: bytes.length },
        );
      return bytes.subarray(offset, offset + length);
    },
  };
}
