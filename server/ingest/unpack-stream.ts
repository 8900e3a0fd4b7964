import { once } from "node:events";
import type { Transform } from "node:stream";
import { signOfLife } from "./sign-of-life.ts";

/** Below this the runtime's own one-shot functions are quicker; above, the parts and their joined copy are two pictures. */
export const streamedFromBytes = 1 << 24;
const bytesPerSign = 1 << 24;

/**
 * Unpacks into one block of `limit` bytes. The machine gives such a block page by page as it is written, so that what
 * unpacks to little costs little, and a bomb never more than the limit.
 *
 * @param enough stops at so many bytes, whatever follows
 * @throws Error of the stream; RangeError with code ERR_BUFFER_TOO_LARGE past the limit, as the one-shot functions
 */
export async function unpackStream(
  stream: Transform,
  packed: Uint8Array,
  limit: number,
  enough = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const target = new Uint8Array(limit);
  let length = 0;
  let nextSign = bytesPerSign;
  stream.end(packed);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const kept = Math.min(chunk.length, enough - length);
      if (length + kept > limit)
        throw Object.assign(new RangeError("unpacks to more than the limit"), {
          code: "ERR_BUFFER_TOO_LARGE",
        });
      target.set(chunk.subarray(0, kept), length);
      length += kept;
      if (length >= enough) break;
      if (length < nextSign) continue;
      nextSign += bytesPerSign;
      signOfLife();
    }
  } finally {
    if (!stream.destroyed) stream.destroy();
    if (!stream.closed) await once(stream, "close").catch(() => undefined);
  }
  // A small result must not keep the whole block's address space.
  return length < limit / 2 ? target.slice(0, length) : target.subarray(0, length);
}
