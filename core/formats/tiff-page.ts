import {
  bytesPerSample,
  createSamples,
  type Raster,
  type SampleArray,
  type SampleType,
} from "#core/micrograph/raster.ts";
import { halfToNumber, samplesInOrder } from "./pixel-grid.ts";
import { FormatError, type ReaderContext } from "./reader.ts";
import { decodeChunk } from "./tiff-chunk.ts";
import type { TiffDirectory } from "./tiff-directory.ts";

/** How one page of a TIFF stores its pixels. */
export interface TiffPage {
  readonly directory: TiffDirectory;
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly isHalf: boolean;
  readonly sampleType: SampleType;
  readonly storedSamples: number;
  readonly delivered: 1 | 3 | 4;
  readonly compression: number;
  readonly predictor: number;
  /** Bytes are stored with their bits in reverse (FillOrder 2), those of compressed data too, as libtiff has it. */
  readonly reversedBits: boolean;
  readonly photometric: number;
  /** Each sample in its own plane of chunks. */
  readonly separatePlanes: boolean;
  readonly chunkWidth: number;
  readonly chunkHeight: number;
  readonly tiled: boolean;
  /** 1-8: how the file wants its picture turned; pixels are given as stored. */
  readonly orientation: number;
}

const greyPhotometrics = [0, 1, 3];

/** @throws FormatError for sizes that cannot be and variants that are not read */
export async function readTiffPage(directory: TiffDirectory): Promise<TiffPage> {
  const value = async (tag: number, absent: number) => (await directory.number(tag)) ?? absent;
  const [width, height] = [await value(256, 0), await value(257, 0)];
  const storedSamples = await value(277, 1);
  const compression = await value(259, 1);
  const bitsOfSamples = await directory.numbers(258, 16);
  const formats = await directory.numbers(339, 16);
  const bits = bitsOfSamples[0] ?? 1;
  const format = formats[0] ?? 1;
  const photometric = await value(262, storedSamples >= 3 ? 2 : 1);
  if (bitsOfSamples.some((b) => b !== bits) || formats.some((f) => f !== format))
    throw unsupported("samples of different depth in one pixel");
  const colourJpeg = compression === 7 && photometric === 6;
  const delivered = greyPhotometrics.includes(photometric)
    ? 1
    : photometric === 2 || colourJpeg
      ? storedSamples === 4
        ? 4
        : 3
      : undefined;
  if (delivered === undefined) throw unsupported(`photometric interpretation ${photometric}`);
  if (storedSamples < delivered || storedSamples > delivered + 1)
    throw unsupported(`${storedSamples} samples a pixel`);
  const tiled = directory.has(322);
  const rowsPerStrip = Math.min(await value(278, height), height);
  const page: TiffPage = {
    directory,
    width,
    height,
    bits,
    isHalf: format === 3 && bits === 16,
    sampleType: sampleTypeOf(bits, format),
    storedSamples,
    delivered,
    compression,
    predictor: await value(317, 1),
    // A JPEG stream is never turned round.
    reversedBits: compression !== 7 && (await value(266, 1)) === 2,
    photometric,
    separatePlanes: storedSamples > 1 && (await value(284, 1)) === 2,
    chunkWidth: tiled ? await value(322, 0) : width,
    chunkHeight: tiled ? await value(323, 0) : rowsPerStrip,
    tiled,
    orientation: await value(274, 1),
  };
  if (!(page.chunkWidth > 0 && page.chunkHeight > 0))
    throw new FormatError(
      "malformed",
      "The TIFF's strips or tiles have no size. The file is damaged: save it again.",
    );
  return page;
}

function sampleTypeOf(bits: number, format: number): SampleType {
  if (format === 3) {
    if (bits === 16 || bits === 32) return "float32";
    if (bits === 64) return "float64";
  } else if (format === 2) {
    if (bits === 8) return "int8";
    if (bits === 16) return "int16";
    if (bits === 32) return "int32";
  } else if (format === 1 || format === 4) {
    if (bits === 1 || bits === 2 || bits === 4 || bits === 8) return "uint8";
    if (bits === 12 || bits === 16) return "uint16";
    if (bits === 32) return "uint32";
  }
  throw unsupported(`${bits}-bit samples of format ${format}`);
}

function unsupported(what: string): FormatError {
  return new FormatError(
    "unsupported",
    `TIFF with ${what} is not read. Save it as grey or RGB of 8, 16 or 32 bits.`,
  );
}

/** Rows of one strip or tile, all its columns. */
interface ChunkRows {
  readonly data: SampleArray;
  /** Chunk row that `data` begins with. */
  readonly firstRow: number;
}

/** Every byte with its bits in reverse. */
const reversed = Uint8Array.from({ length: 256 }, (_, byte) => {
  let turned = 0;
  for (let bit = 0; bit < 8; bit++) turned |= ((byte >> bit) & 1) << (7 - bit);
  return turned;
});

const cacheBytes = 1 << 26;

/** Decoded strips and tiles of one file, the latest kept within a budget. */
export class ChunkCache {
  readonly #chunks = new Map<string, SampleArray>();
  #bytes = 0;

  async get(key: string, make: () => Promise<SampleArray>): Promise<SampleArray> {
    const known = this.#chunks.get(key);
    if (known) {
      this.#chunks.delete(key); // re-inserted below: the map's order is the order of use
      this.#chunks.set(key, known);
      return known;
    }
    const made = await make();
    if (!this.#chunks.has(key)) this.#bytes += made.byteLength;
    this.#chunks.set(key, made);
    for (const [oldest, chunk] of this.#chunks) {
      if (this.#bytes <= cacheBytes || oldest === key) break;
      this.#chunks.delete(oldest);
      this.#bytes -= chunk.byteLength;
    }
    return made;
  }
}

/** Reads rectangles of a page, touching only the strips or tiles (uncompressed: only the rows) that they need. */
export class TiffPageReader {
  readonly page: TiffPage;
  readonly #context: ReaderContext;
  readonly #cache: ChunkCache;
  readonly #name: string;
  #places: Promise<{ readonly offsets: readonly number[]; readonly counts: readonly number[] }> | undefined;

  constructor(page: TiffPage, name: string, context: ReaderContext, cache: ChunkCache) {
    this.page = page;
    this.#name = name;
    this.#context = context;
    this.#cache = cache;
    const chunkPixels = page.chunkWidth * page.chunkHeight;
    if (!(chunkPixels <= Math.max(context.limits.maxPixelsPerFrame, 1 << 20)))
      throw new FormatError(
        "too-large",
        `A strip or tile has ${page.chunkWidth} × ${page.chunkHeight} pixels, beyond this installation's limit.`,
      );
  }

  /** Where the first strip or tile begins; ImageJ's stacks run on from there. */
  async firstOffset(): Promise<number> {
    return (await this.#chunkPlaces()).offsets[0]!;
  }

  get #chunksAcross(): number {
    return Math.ceil(this.page.width / this.page.chunkWidth);
  }

  get #chunksDown(): number {
    return Math.ceil(this.page.height / this.page.chunkHeight);
  }

  #chunkPlaces() {
    this.#places ??= this.#readPlaces().catch((error: unknown) => {
      this.#places = undefined;
      throw error;
    });
    return this.#places;
  }

  async #readPlaces() {
    const { directory, tiled, separatePlanes, storedSamples, compression } = this.page;
    const offsets = await directory.numbers(tiled ? 324 : 273);
    let counts = await directory.numbers(tiled ? 325 : 279);
    const needed = this.#chunksAcross * this.#chunksDown * (separatePlanes ? storedSamples : 1);
    if (counts.length === 0 && compression === 1)
      counts = offsets.map(() => this.#rowBytes * this.page.chunkHeight);
    if (offsets.length < needed || counts.length < needed)
      throw new FormatError(
        "malformed",
        `The TIFF needs ${needed} strips or tiles and lists ${Math.min(offsets.length, counts.length)}. The file is damaged: save it again.`,
      );
    return { offsets, counts };
  }

  get #channels(): number {
    return this.page.separatePlanes ? 1 : this.page.storedSamples;
  }

  get #rowBytes(): number {
    return Math.ceil((this.page.chunkWidth * this.#channels * this.page.bits) / 8);
  }

  async readRegion(x: number, y: number, width: number, height: number): Promise<Raster> {
    const { page } = this;
    const samplesPerPixel = page.delivered;
    const data = createSamples(page.sampleType, width * height * samplesPerPixel);
    const planes = page.separatePlanes ? samplesPerPixel : 1;
    const [top, bottom] = [Math.floor(y / page.chunkHeight), Math.floor((y + height - 1) / page.chunkHeight)];
    const [left, right] = [Math.floor(x / page.chunkWidth), Math.floor((x + width - 1) / page.chunkWidth)];
    for (let plane = 0; plane < planes; plane++)
      for (let chunkY = top; chunkY <= bottom; chunkY++)
        for (let chunkX = left; chunkX <= right; chunkX++) {
          const [originX, originY] = [chunkX * page.chunkWidth, chunkY * page.chunkHeight];
          const firstY = Math.max(y, originY);
          const lastY = Math.min(y + height, originY + page.chunkHeight);
          const firstX = Math.max(x, originX);
          const lastX = Math.min(x + width, originX + page.chunkWidth);
          const rows = await this.#chunkRows(plane, chunkX, chunkY, firstY - originY, lastY - originY);
          for (let row = firstY; row < lastY; row++) {
            const from =
              ((row - originY - rows.firstRow) * page.chunkWidth + firstX - originX) * this.#channels;
            const to = ((row - y) * width + firstX - x) * samplesPerPixel + plane;
            this.#copy(rows.data, from, data, to, lastX - firstX);
          }
        }
    return { width, height, samplesPerPixel, sampleType: page.sampleType, data };
  }

  #copy(from: SampleArray, fromAt: number, to: SampleArray, toAt: number, pixels: number): void {
    const channels = this.#channels;
    const { delivered, separatePlanes } = this.page;
    if (channels === delivered) {
      to.set(from.subarray(fromAt, fromAt + pixels * channels), toAt);
      return;
    }
    const copied = separatePlanes ? 1 : delivered; // a further stored sample is transparency, which is not delivered
    for (let i = 0; i < pixels; i++)
      for (let c = 0; c < copied; c++) to[toAt + i * delivered + c] = from[fromAt + i * channels + c]!;
  }

  async #chunkRows(
    plane: number,
    chunkX: number,
    chunkY: number,
    first: number,
    last: number,
  ): Promise<ChunkRows> {
    const { page } = this;
    const { offsets, counts } = await this.#chunkPlaces();
    const index = (plane * this.#chunksDown + chunkY) * this.#chunksAcross + chunkX;
    const rowBytes = this.#rowBytes;
    if (page.compression === 1) {
      const bytes = await this.#stored(offsets[index]! + first * rowBytes, (last - first) * rowBytes);
      return {
        data: this.#samples(bytes.slice(), last - first, page.directory.littleEndian),
        firstRow: first,
      };
    }
    const rows = page.tiled
      ? page.chunkHeight
      : Math.min(page.chunkHeight, page.height - chunkY * page.chunkHeight);
    const data = await this.#cache.get(`${this.#name}/${index}`, async () => {
      const packed = await this.#stored(offsets[index]!, counts[index]!);
      const chunk = {
        packed,
        rows,
        rowBytes,
        fullBytes: rowBytes * page.chunkHeight,
        channels: this.#channels,
      };
      const { bytes, littleEndian } = await decodeChunk(page, chunk, this.#context);
      return this.#samples(bytes, rows, littleEndian);
    });
    return { data, firstRow: 0 };
  }

  async #stored(offset: number, count: number): Promise<Uint8Array> {
    const { directory, reversedBits } = this.page;
    const bytes = await directory.source.read(offset, count);
    return reversedBits ? bytes.map((byte) => reversed[byte]!) : bytes;
  }

  /** Bytes → samples of whole chunk rows; packed bits are spread, half floats widened. */
  #samples(bytes: Uint8Array, rows: number, littleEndian: boolean): SampleArray {
    const { bits, isHalf, sampleType } = this.page;
    if (isHalf) return Float32Array.from(samplesInOrder("uint16", bytes, littleEndian), halfToNumber);
    if (bits === bytesPerSample[sampleType] * 8) return samplesInOrder(sampleType, bytes, littleEndian);
    const perRow = this.page.chunkWidth * this.#channels;
    const data = createSamples(sampleType, perRow * rows);
    for (let row = 0; row < rows; row++)
      for (let i = 0; i < perRow; i++)
        data[row * perRow + i] = bitsAt(bytes, row * this.#rowBytes * 8 + i * bits, bits);
    return data;
  }
}

/** `count` (≤ 12) bits, most significant first. */
function bitsAt(bytes: Uint8Array, bit: number, count: number): number {
  const at = bit >> 3;
  const three = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  return (three >> (24 - (bit & 7) - count)) & ((1 << count) - 1);
}
