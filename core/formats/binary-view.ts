import { FormatError } from "./reader.ts";

/**
 * Numbers out of bytes with a cursor. Every read is checked against the end: bytes that promise more than they hold
 * become FormatError "truncated", never a RangeError.
 */
export class BinaryView {
  readonly bytes: Uint8Array;
  littleEndian: boolean;
  position = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  seek(position: number): this {
    this.position = position;
    return this;
  }

  skip(count: number): this {
    this.position += count;
    return this;
  }

  #advance(count: number): number {
    const at = this.position;
    if (!(at >= 0 && count >= 0 && at + count <= this.bytes.length))
      throw new FormatError(
        "truncated",
        `Expected ${count} bytes at ${at} of a block of ${this.bytes.length}. The file is cut off or damaged: copy it again.`,
        { at, count, length: this.bytes.length },
      );
    this.position = at + count;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }
  i8(): number {
    return this.#view.getInt8(this.#advance(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#advance(2), this.littleEndian);
  }
  i16(): number {
    return this.#view.getInt16(this.#advance(2), this.littleEndian);
  }
  u32(): number {
    return this.#view.getUint32(this.#advance(4), this.littleEndian);
  }
  i32(): number {
    return this.#view.getInt32(this.#advance(4), this.littleEndian);
  }
  f32(): number {
    return this.#view.getFloat32(this.#advance(4), this.littleEndian);
  }
  f64(): number {
    return this.#view.getFloat64(this.#advance(8), this.littleEndian);
  }
  /** 64-bit integers as numbers: exact to 2^53, far beyond any file. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), this.littleEndian));
  }
  i64(): number {
    return Number(this.#view.getBigInt64(this.#advance(8), this.littleEndian));
  }

  take(count: number): Uint8Array {
    const at = this.#advance(count);
    return this.bytes.subarray(at, at + count);
  }

  /** Text up to its first NUL, one byte a character (Latin-1, which ASCII is part of). */
  text(count: number): string {
    return latin1(this.take(count));
  }

  /** UTF-16 of `count` code units in the view's byte order, up to its first NUL. */
  text16(count: number): string {
    let text = "";
    const end = this.#advance(count * 2);
    for (let i = 0; i < count; i++) {
      const unit = this.#view.getUint16(end + 2 * i, this.littleEndian);
      if (unit === 0) break;
      text += String.fromCharCode(unit);
    }
    return text;
  }
}

/** One byte a character, up to the first NUL. TextDecoder's "latin1" is windows-1252 and would change 0x80-0x9f. */
export function latin1(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  let text = "";
  for (let i = 0; i < used.length; i += 8192)
    text += String.fromCharCode(...used.subarray(i, Math.min(i + 8192, used.length)));
  return text;
}

/** UTF-8 where it is valid, Latin-1 otherwise: vendors write both and say neither. */
export function vendorText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(used);
  } catch {
    return latin1(used);
  }
}
