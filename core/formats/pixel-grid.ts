import {
  bytesPerSample,
  createSamples,
  type Raster,
  type SampleArray,
  type SampleType,
  samplesFromBytes,
} from "#core/micrograph/raster.ts";
import type { ByteSource } from "./byte-source.ts";
import { FormatError, type ReaderContext } from "./reader.ts";

/** Refuses a rectangle that is not whole pixels within frame and image. @throws FormatError "malformed" */
export function requireRegion(
  image: { readonly width: number; readonly height: number; readonly frames: number },
  frame: number,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  const whole = [frame, x, y, width, height].every(Number.isInteger);
  const inside =
    frame >= 0 &&
    frame < image.frames &&
    x >= 0 &&
    y >= 0 &&
    width > 0 &&
    height > 0 &&
    x + width <= image.width &&
    y + height <= image.height;
  if (!whole || !inside)
    throw new FormatError(
      "malformed",
      `Region ${width} × ${height} at (${x}, ${y}) of frame ${frame} lies outside ${image.width} × ${image.height} × ${image.frames} frames. Ask for a rectangle within the picture.`,
    );
}

/** Refuses empty, absurd and too large grids before anything is allocated. */
export function requireGrid(
  width: number,
  height: number,
  frames: number,
  limits: ReaderContext["limits"],
): void {
  for (const n of [width, height, frames])
    if (!(Number.isSafeInteger(n) && n > 0))
      throw new FormatError(
        "malformed",
        `The header announces ${width} × ${height} pixels in ${frames} frames, which cannot be. The file is damaged: copy it again.`,
      );
  if (width * height > limits.maxPixelsPerFrame)
    throw new FormatError(
      "too-large",
      `The picture has ${width} × ${height} pixels; this installation reads up to ${limits.maxPixelsPerFrame} a frame. Crop it, or raise the limit.`,
    );
}

/** A reader has 1 GiB, and needs some of it for itself. */
const mostHeldBytes = 900 * 2 ** 20;

/** Refuses a picture that its format cannot give piece by piece and that memory cannot hold. `bytes`: with all copies. */
export function requireHeldWhole(format: string, width: number, height: number, bytes: number): void {
  if (bytes <= mostHeldBytes) return;
  const mebibytes = (count: number) => Math.round(count / 2 ** 20);
  throw new FormatError(
    "too-large",
    `A ${format} is unpacked whole: ${width} × ${height} pixels need ${mebibytes(bytes)} MiB of memory, and ${mebibytes(mostHeldBytes)} MiB are there. Save it as TIFF with tiles or strips, which are read one by one.`,
    { bytes },
  );
}

/** Refuses a file shorter than the pixels it announces. */
export function requireBytes(source: ByteSource, end: number, what: string): void {
  if (!(end <= source.size))
    throw new FormatError(
      "truncated",
      `${what} end at byte ${end}, but the file has ${source.size}. Copy it again from the microscope's computer.`,
      { end, size: source.size },
    );
}

/** How samples lie in a file; 64-bit integers are delivered as float64, exact to 2^53. */
export type StoredType = SampleType | "int64" | "uint64";

export const wideIntegersWarning =
  "The file holds 64-bit integers: values beyond ±2⁵³ are rounded to 64-bit floats.";

export function isWide(type: StoredType): type is "int64" | "uint64" {
  return type === "int64" || type === "uint64";
}

export function deliveredType(type: StoredType): SampleType {
  return isWide(type) ? "float64" : type;
}

/** Rows of equal length, samples interleaved, uncompressed. */
export interface StoredGrid {
  readonly source: ByteSource;
  readonly width: number;
  /** Byte where a frame's first row begins. */
  readonly frameOffset: (frame: number) => number;
  /** Bytes a row. */
  readonly rowBytes: number;
  readonly sampleType: StoredType;
  readonly samplesPerPixel: 1 | 2 | 3 | 4;
  readonly littleEndian: boolean;
}

/** Reads a rectangle of whole-byte samples: full-width strips in one read, others row by row. */
export async function readStoredRegion(
  grid: StoredGrid,
  frame: number,
  x: number,
  y: number,
  width: number,
  height: number,
): Promise<Raster> {
  const { source, samplesPerPixel, rowBytes } = grid;
  const sampleType = deliveredType(grid.sampleType);
  const pixelBytes = bytesPerSample[sampleType] * samplesPerPixel;
  const start = grid.frameOffset(frame) + y * rowBytes + x * pixelBytes;
  const regionRowBytes = width * pixelBytes;
  let bytes: Uint8Array;
  if (regionRowBytes === rowBytes) bytes = (await source.read(start, rowBytes * height)).slice();
  else {
    bytes = new Uint8Array(regionRowBytes * height);
    for (let row = 0; row < height; row++)
      bytes.set(await source.read(start + row * rowBytes, regionRowBytes), row * regionRowBytes);
  }
  const data = samplesInOrder(grid.sampleType, bytes, grid.littleEndian);
  return { width, height, samplesPerPixel, sampleType, data };
}

// Every machine that runs Node or a browser today is little-endian, but a typed array's order is the machine's.
const machineIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Bytes of a file → samples; swaps `bytes` in place where the orders differ. */
export function samplesInOrder(type: StoredType, bytes: Uint8Array, littleEndian: boolean): SampleArray {
  const delivered = deliveredType(type);
  if (littleEndian !== machineIsLittleEndian) swapBytes(bytes, bytesPerSample[delivered]);
  return isWide(type) ? wideIntegers(bytes, type === "int64") : samplesFromBytes(delivered, bytes);
}

/** 64-bit integers in this machine's order as float64. */
export function wideIntegers(bytes: Uint8Array, signed: boolean): Float64Array {
  const { buffer } = bytes.slice();
  const values = signed ? new BigInt64Array(buffer) : new BigUint64Array(buffer);
  return Float64Array.from(values as Iterable<bigint>, Number);
}

function swapBytes(bytes: Uint8Array, size: number): void {
  if (size === 1) return;
  for (let at = 0; at + size <= bytes.length; at += size)
    for (let a = at, b = at + size - 1; a < b; a++, b--) {
      const kept = bytes[a]!;
      bytes[a] = bytes[b]!;
      bytes[b] = kept;
    }
}

/** |re + i·im| of interleaved pairs, as float32. */
export function modulus(pairs: Raster): Raster {
  const data = new Float32Array(pairs.width * pairs.height);
  for (let i = 0; i < data.length; i++) data[i] = Math.hypot(pairs.data[2 * i]!, pairs.data[2 * i + 1]!);
  return { width: pairs.width, height: pairs.height, samplesPerPixel: 1, sampleType: "float32", data };
}

/** IEEE 754 half precision → number. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export function halvesToFloats(halves: Raster): Raster {
  const data = Float32Array.from(halves.data, halfToNumber);
  return { ...halves, sampleType: "float32", data };
}

/** The rectangle of a raster that is wholly in memory. */
export function cropRaster(raster: Raster, x: number, y: number, width: number, height: number): Raster {
  const { samplesPerPixel, sampleType } = raster;
  const rowSamples = width * samplesPerPixel;
  const data = createSamples(sampleType, rowSamples * height);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * raster.width + x) * samplesPerPixel;
    data.set(raster.data.subarray(start, start + rowSamples), row * rowSamples);
  }
  return { width, height, samplesPerPixel, sampleType, data };
}
