import { FormatError } from "./reader.ts";

/**
 * PackBits (Apple's run-length code).
 * @param length bytes to produce; more are not written, fewer are an error
 */
export function unpackBits(packed: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let [from, to] = [0, 0];
  while (from < packed.length && to < length) {
    const control = packed[from++]!;
    if (control < 128) {
      const run = packed.subarray(from, Math.min(from + control + 1, from + length - to));
      bytes.set(run, to);
      from += control + 1;
      to += run.length;
    } else if (control > 128) {
      const end = Math.min(to + 257 - control, length);
      bytes.fill(packed[from++] ?? 0, to, end);
      to = end;
    }
  }
  return bytes.subarray(0, to);
}

const clearCode = 256;
const endCode = 257;

/**
 * TIFF's LZW: codes of 9-12 bits, most significant bit first, widened one code early.
 * @param length bytes to produce at most
 * @throws FormatError "malformed" for a code that cannot stand where it does
 */
export function unpackLzw(packed: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const prefix = new Uint16Array(4096);
  const suffix = new Uint8Array(4096);
  const lengths = new Uint16Array(4096);
  for (let i = 0; i < 256; i++) {
    suffix[i] = i;
    lengths[i] = 1;
  }
  let [width, next, previous, to] = [9, 258, -1, 0];
  let [buffer, bits, from] = [0, 0, 0];

  /** Writes a code's string at `to`, from its end; returns its first byte. */
  const write = (code: number): number => {
    const count = lengths[code]!;
    let at = to + count - 1;
    let here = code;
    for (let i = 0; i < count; i++) {
      if (at < length) bytes[at] = suffix[here]!;
      at--;
      if (i < count - 1) here = prefix[here]!;
    }
    to += count;
    return suffix[here]!;
  };

  while (to < length) {
    while (bits < width && from < packed.length) {
      buffer = ((buffer << 8) | packed[from++]!) & 0xffffff;
      bits += 8;
    }
    if (bits < width) break;
    const code = (buffer >> (bits - width)) & ((1 << width) - 1);
    bits -= width;
    if (code === endCode) break;
    if (code === clearCode) {
      [width, next, previous] = [9, 258, -1];
      continue;
    }
    if (previous < 0) {
      if (code > 255) throw damaged();
      write(code);
    } else {
      if (code > next || (code >= 256 && code < 258)) throw damaged();
      if (next > 4095) throw damaged();
      // The string to come is the previous one and one byte more: its own first byte when it is not yet in the table.
      const first = code < next ? write(code) : firstByte(previous, prefix, lengths);
      prefix[next] = previous;
      suffix[next] = first;
      lengths[next] = lengths[previous]! + 1;
      if (code === next) write(code);
      next++;
    }
    previous = code;
    if (next >= (1 << width) - 1 && width < 12) width++;
  }
  return bytes.subarray(0, Math.min(to, length));
}

function firstByte(code: number, prefix: Uint16Array, lengths: Uint16Array): number {
  let here = code;
  for (let i = lengths[code]! - 1; i > 0; i--) here = prefix[here]!;
  return here;
}

function damaged(): FormatError {
  return new FormatError(
    "malformed",
    "An LZW stream holds an impossible code. The file is damaged: save it again.",
  );
}

/**
 * Undoes horizontal differencing (predictor 2) on whole samples in the file's byte order, in place.
 * @param sampleBytes 1, 2, 4 or 8
 */
export function undoDifferencing(
  bytes: Uint8Array,
  rowBytes: number,
  samplesPerPixel: number,
  sampleBytes: number,
  littleEndian: boolean,
): void {
  const step = samplesPerPixel * sampleBytes;
  for (let row = 0; row + rowBytes <= bytes.length; row += rowBytes)
    for (let at = row + step; at + sampleBytes <= row + rowBytes; at += sampleBytes) {
      let carry = 0;
      for (let b = 0; b < sampleBytes; b++) {
        const i = at + (littleEndian ? b : sampleBytes - 1 - b);
        const sum = bytes[i]! + bytes[i - step]! + carry;
        bytes[i] = sum;
        carry = sum >> 8;
      }
    }
}

/**
 * Undoes the floating-point predictor (3): byte-wise differences, then planes of bytes, most significant first. The
 * result is big-endian whatever the file's order.
 */
export function undoFloatPredictor(
  bytes: Uint8Array,
  rowBytes: number,
  samplesPerPixel: number,
  sampleBytes: number,
): void {
  const count = rowBytes / sampleBytes;
  for (let row = 0; row + rowBytes <= bytes.length; row += rowBytes) {
    for (let i = row + samplesPerPixel; i < row + rowBytes; i++)
      bytes[i] = bytes[i]! + bytes[i - samplesPerPixel]!;
    const planes = bytes.slice(row, row + rowBytes);
    for (let i = 0; i < count; i++)
      for (let b = 0; b < sampleBytes; b++) bytes[row + i * sampleBytes + b] = planes[b * count + i]!;
  }
}
