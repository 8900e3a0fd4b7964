import { FormatError } from "./reader.ts";

const longestCode = 20;
const groupSymbols = 50;

/**
 * Unpacks bzip2, streams joined end to end included.
 *
 * @param limit most bytes to unpack
 * @param enough stops behind the block that this many bytes are complete with; for a look at the beginning
 * @throws FormatError "malformed" (also where a checksum disagrees), "truncated", "too-large"
 * Source: the format as its reference implementation 1.0.8 writes it (Seward).
 */
export function bunzip2(bytes: Uint8Array, limit: number, enough = Number.POSITIVE_INFINITY): Uint8Array {
  const bits = new BitReader(bytes);
  const out = new Output(limit);
  while (!bits.atEnd) {
    if (bits.read(24) !== 0x425a68) damaged("it does not begin with BZh");
    const level = bits.read(8) - 0x30;
    if (level < 1 || level > 9) damaged("its block size is not 1 to 9");
    let streamCrc = 0;
    for (;;) {
      const magic = bits.read(24) * 0x1000000 + bits.read(24);
      if (magic === 0x177245385090) {
        const expected = bits.read(32);
        if (expected !== streamCrc) damaged("its checksum disagrees");
        bits.toByte();
        break;
      }
      if (magic !== 0x314159265359) damaged("a block does not begin where one should");
      const blockCrc = bits.read(32);
      out.beginBlock();
      readBlock(bits, level * 100_000, out);
      if (out.blockCrc !== blockCrc) damaged("the checksum of a block disagrees");
      streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ blockCrc) >>> 0;
      if (out.length >= enough) return out.bytes();
    }
  }
  return out.bytes();
}

function damaged(what: string): never {
  throw new FormatError("malformed", `A bzip2 stream is damaged: ${what}. Copy the file again.`);
}

function readBlock(bits: BitReader, blockSize: number, out: Output): void {
  if (bits.read(1)) damaged("it uses the randomisation that was given up in 1999");
  const start = bits.read(24);
  const symbols = usedSymbols(bits);
  const block = huffmanAndMoveToFront(bits, symbols, blockSize);
  if (start >= block.length) damaged("a block begins outside itself");
  emit(inverseTransform(block, start), out);
}

/** The bytes that occur: a map of sixteen sixteens. */
function usedSymbols(bits: BitReader): Uint8Array {
  const sixteens = bits.read(16);
  const used: number[] = [];
  for (let i = 0; i < 16; i++) {
    if (!(sixteens & (0x8000 >> i))) continue;
    const map = bits.read(16);
    for (let j = 0; j < 16; j++) if (map & (0x8000 >> j)) used.push(16 * i + j);
  }
  if (used.length === 0) damaged("a block uses no byte");
  return Uint8Array.from(used);
}

function huffmanAndMoveToFront(bits: BitReader, symbols: Uint8Array, blockSize: number): Uint8Array {
  const { selectors, tables } = readTables(bits, symbols.length + 2);
  const endOfBlock = symbols.length + 1;
  const front = symbols.slice();
  const block = new Uint8Array(blockSize);
  let length = 0;
  let run = 0;
  let weight = 1;
  const flushRun = () => {
    if (run === 0) return;
    if (length + run > blockSize) damaged("a block is longer than its size");
    block.fill(front[0]!, length, length + run);
    length += run;
    run = 0;
    weight = 1;
  };
  for (let group = 0; ; group++) {
    const table = tables[selectors[group] ?? -1];
    if (!table) damaged("a block goes on behind its last table");
    for (let i = 0; i < groupSymbols; i++) {
      const symbol = table.decode(bits);
      if (symbol <= 1) {
        // Runs of the front byte are written in a number system of the digits 1 and 2.
        run += weight << symbol;
        weight <<= 1;
        if (run > blockSize) damaged("a run is longer than its block");
        continue;
      }
      flushRun();
      if (symbol === endOfBlock) return block.subarray(0, length);
      if (length >= blockSize) damaged("a block is longer than its size");
      const at = symbol - 1;
      const byte = front[at]!;
      for (let i = at; i > 0; i--) front[i] = front[i - 1]!;
      front[0] = byte;
      block[length++] = byte;
    }
  }
}

function readTables(bits: BitReader, alphabet: number) {
  const count = bits.read(3);
  if (count < 2 || count > 6) damaged(`it has ${count} code tables`);
  const selectorCount = bits.read(15);
  if (selectorCount === 0) damaged("it selects no code table");
  const order = Array.from({ length: count }, (_, i) => i);
  const selectors = new Uint8Array(selectorCount);
  for (let i = 0; i < selectorCount; i++) {
    let at = 0;
    while (bits.read(1)) if (++at >= count) damaged("it selects a code table that is not there");
    const [chosen] = order.splice(at, 1);
    order.unshift(chosen!);
    selectors[i] = chosen!;
  }
  const tables = Array.from({ length: count }, () => {
    const lengths = new Uint8Array(alphabet);
    let length = bits.read(5);
    for (let i = 0; i < alphabet; i++) {
      while (bits.read(1)) length += bits.read(1) ? -1 : 1;
      if (length < 1 || length > longestCode) damaged("a code has an impossible length");
      lengths[i] = length;
    }
    return new CodeTable(lengths);
  });
  return { selectors, tables };
}

/** Codes up to so many bits are looked up at once. */
const shortCode = 10;

/** A canonical Huffman code: short codes by a table, longer ones length by length. */
class CodeTable {
  /** Length and symbol of the code that the next ten bits begin with: length << 16 | symbol; 0 where it is longer. */
  readonly #short = new Int32Array(1 << shortCode);
  readonly #first = new Int32Array(longestCode + 2);
  readonly #count = new Int32Array(longestCode + 2);
  readonly #offset = new Int32Array(longestCode + 2);
  readonly #symbols: Uint16Array;

  constructor(lengths: Uint8Array) {
    for (const length of lengths) this.#count[length]!++;
    let [code, offset] = [0, 0];
    for (let length = 1; length <= longestCode; length++) {
      this.#first[length] = code;
      this.#offset[length] = offset;
      code = (code + this.#count[length]!) << 1;
      offset += this.#count[length]!;
    }
    const next = this.#offset.slice();
    this.#symbols = new Uint16Array(lengths.length);
    lengths.forEach((length, symbol) => {
      const index = next[length]!++;
      this.#symbols[index] = symbol;
      if (length > shortCode) return;
      const code = this.#first[length]! + index - this.#offset[length]!;
      const from = code << (shortCode - length);
      this.#short.fill((length << 16) | symbol, from, from + (1 << (shortCode - length)));
    });
  }

  decode(bits: BitReader): number {
    const found = this.#short[bits.peek(shortCode)]!;
    if (found > 0) {
      bits.skip(found >> 16);
      return found & 0xffff;
    }
    let code = 0;
    for (let length = 1; length <= longestCode; length++) {
      code = (code << 1) | bits.read(1);
      const index = code - this.#first[length]!;
      if (index < this.#count[length]!) return this.#symbols[this.#offset[length]! + index]!;
    }
    return damaged("a code stands for nothing");
  }
}

/** Undoes the Burrows-Wheeler transform: bytes in the order they were written. */
function inverseTransform(block: Uint8Array, start: number): Uint8Array {
  const totals = new Uint32Array(257);
  for (const byte of block) totals[byte + 1]!++;
  for (let i = 0; i < 256; i++) totals[i + 1]! += totals[i]!;
  const successor = new Uint32Array(block.length);
  block.forEach((byte, i) => {
    successor[totals[byte]!++] = i;
  });
  const out = new Uint8Array(block.length);
  let at = successor[start]!;
  for (let i = 0; i < out.length; i++) {
    out[i] = block[at]!;
    at = successor[at]!;
  }
  return out;
}

/** Four equal bytes are followed by how many more there are. */
function emit(bytes: Uint8Array, out: Output): void {
  let same = 0;
  let last = -1;
  for (const byte of bytes) {
    if (same === 4) {
      out.repeat(last, byte);
      same = 0;
      last = -1;
      continue;
    }
    same = byte === last ? same + 1 : 1;
    last = byte;
    out.repeat(byte, 1);
  }
}

class Output {
  readonly #limit: number;
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  #crc = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  beginBlock(): void {
    this.#crc = 0xffffffff;
  }

  get length(): number {
    return this.#length;
  }

  get blockCrc(): number {
    return ~this.#crc >>> 0;
  }

  repeat(byte: number, times: number): void {
    const length = this.#length + times;
    if (length > this.#limit)
      throw new FormatError(
        "too-large",
        `A bzip2 stream unpacks to more than the ${this.#limit} bytes its picture can hold. The file is damaged or made to harm.`,
        { limit: this.#limit },
      );
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(this.#limit, Math.max(length, 2 * this.#bytes.length)));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    // Not `fill`: nearly always it is one byte.
    let crc = this.#crc;
    for (let at = this.#length; at < length; at++) {
      this.#bytes[at] = byte;
      crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ byte]!;
    }
    this.#crc = crc;
    this.#length = length;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** CRC-32, most significant bit first. */
const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let i = 0; i < 8; i++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #bits = 0;
  #held = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Up to 32 bits, the most significant first. */
  read(count: number): number {
    if (count > 16) return this.read(count - 16) * 0x10000 + this.read(16);
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  /** The next bits, up to 16, as they would be read; zeros stand for what is behind the end. */
  peek(count: number): number {
    while (this.#held < count) {
      this.#bits = (this.#bits << 8) | (this.#bytes[this.#at++] ?? 0);
      this.#held += 8;
    }
    return (this.#bits >>> (this.#held - count)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.#held -= count;
    if (this.#at - (this.#held >> 3) > this.#bytes.length)
      throw new FormatError("truncated", "A bzip2 stream ends before its data do. Copy the file again.");
  }

  /** To the next whole byte, which may have been looked at already. */
  toByte(): void {
    this.#at -= this.#held >> 3;
    this.#held = 0;
    this.#bits = 0;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }
}
