import type { WebSocket } from "ws";

/** Opcodes (RFC 6455, 5.2); up to `binary` they carry messages. */
const [binary, close] = [0x2, 0x8];

/**
 * Hand whole binary messages over as they come off the socket. Nearly every chunk is one or a few small masked frames; for
 * these ws's receiver, a stream of its own with a state for each step, costs more than all the rest of reading. Whatever
 * else comes (parts of frames, fragments, pings, closing, nonsense) goes to ws as before, and so does what follows until
 * a chunk ends where a frame does.
 *
 * @param maxBytes a longer message is left to ws, which refuses it
 * @param receive is given messages while the socket is open; ws's own "message" event tells of the others
 */
export function readWholeFrames(
  webSocket: WebSocket,
  maxBytes: number,
  receive: (message: Buffer) => void,
): void {
  const { _receiver: receiver } = webSocket as unknown as { _receiver?: { write(chunk: Buffer): boolean } };
  // Not ws as we know it: it reads everything itself.
  if (!receiver) return;
  const toWs = receiver.write.bind(receiver);
  const boundary = new FrameBoundary();
  receiver.write = (chunk) => {
    let at = 0;
    if (boundary.isReached) {
      while (at < chunk.length && webSocket.readyState === webSocket.OPEN) {
        const end = readFrame(chunk, at, maxBytes, receive);
        if (end < 0) break;
        at = end;
      }
      if (at === chunk.length) return true;
    }
    const rest = at === 0 ? chunk : chunk.subarray(at);
    boundary.pass(rest);
    return toWs(rest);
  };
}

/** @returns where the frame ends, or -1 where it is none of those that are read here; then nothing has been touched */
function readFrame(chunk: Buffer, at: number, maxBytes: number, receive: (message: Buffer) => void): number {
  if (chunk.length - at < 6 || chunk[at] !== (0x80 | binary)) return -1;
  let length = chunk[at + 1]! - 0x80;
  let start = at + 6;
  if (length < 0 || length === 127) return -1;
  if (length === 126) {
    length = (chunk[at + 2]! << 8) | chunk[at + 3]!;
    start = at + 8;
  }
  const end = start + length;
  if (end > chunk.length || length > maxBytes) return -1;
  const [m0, m1, m2, m3] = [chunk[start - 4]!, chunk[start - 3]!, chunk[start - 2]!, chunk[start - 1]!];
  let i = start;
  for (; i + 3 < end; i += 4) {
    chunk[i]! ^= m0;
    chunk[i + 1]! ^= m1;
    chunk[i + 2]! ^= m2;
    chunk[i + 3]! ^= m3;
  }
  if (i < end) chunk[i]! ^= m0;
  if (i + 1 < end) chunk[i + 1]! ^= m1;
  if (i + 2 < end) chunk[i + 2]! ^= m2;
  receive(chunk.subarray(start, end));
  return end;
}

/** Follows the frames that ws reads, by their headers alone: where the last one ends, and no message is left in parts. */
export class FrameBoundary {
  isReached = true;
  readonly #header: number[] = [];
  #payloadLeft = 0;
  #inFragments = false;
  #ended = false;

  pass(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && !this.#ended) {
      if (this.#payloadLeft > 0) {
        const step = Math.min(this.#payloadLeft, bytes.length - at);
        this.#payloadLeft -= step;
        at += step;
      } else {
        this.#header.push(bytes[at++]!);
        if (this.#header.length === headerLength(this.#header)) this.#begin();
      }
    }
    this.isReached =
      !this.#ended && this.#payloadLeft === 0 && this.#header.length === 0 && !this.#inFragments;
  }

  #begin(): void {
    const header = this.#header.splice(0);
    const opcode = header[0]! & 0x0f;
    const isFinal = (header[0]! & 0x80) !== 0;
    if (opcode === close) this.#ended = true;
    if (opcode <= binary) this.#inFragments = !isFinal;
    const short = header[1]! & 0x7f;
    const long = short === 126 ? header.slice(2, 4) : header.slice(2, 10);
    this.#payloadLeft = short < 126 ? short : long.reduce((sum, byte) => sum * 256 + byte, 0);
  }
}

/** How long a header is, as far as its first bytes tell. */
function headerLength([, second]: readonly number[]): number {
  if (second === undefined) return 2;
  const short = second & 0x7f;
  return 2 + (short < 126 ? 0 : short === 126 ? 2 : 8) + (second & 0x80 ? 4 : 0);
}
