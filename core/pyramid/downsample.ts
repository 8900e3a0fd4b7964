/** Samples of native tiles: grey in 8 or 16 bits, exact floats, or interleaved 8-bit RGB. */
export type TileType = "u8" | "u16" | "f32" | "rgb8";
export type TileArray = Uint8Array | Uint16Array | Float32Array;

export const channelsOf: Readonly<Record<TileType, 1 | 3>> = { u8: 1, u16: 1, f32: 1, rgb8: 3 };
export const bytesPerPixelOf: Readonly<Record<TileType, 1 | 2 | 3 | 4>> = { u8: 1, u16: 2, f32: 4, rgb8: 3 };

/** A zeroed array for `pixels` pixels. */
export function createTileArray(type: TileType, pixels: number): TileArray {
  if (type === "u16") return new Uint16Array(pixels);
  if (type === "f32") return new Float32Array(pixels);
  return new Uint8Array(pixels * channelsOf[type]);
}

/**
 * Halve a grid of pixels by 2 × 2 means: the rule by which every level of a pyramid follows from the one above.
 *
 * Width and height round up; a block at an odd edge is the mean of the 2 pixels (or the 1) that exist, so no pixel is
 * dropped or counted twice within its block. Integers: the exact mean, halves rounded up. Floats: the mean of the
 * finite samples in double precision, rounded once to float32; NaN and infinities are left out, and a block that has
 * nothing else is NaN.
 *
 * @param data   row-major, channels interleaved, `width * height` pixels
 * @param width  px ≥ 1
 * @param height px ≥ 1
 * @param out    where the result goes, of exactly its size; a new array where none is given
 * @returns ceil(width / 2) × ceil(height / 2) pixels of the same type
 */
export function halve(
  type: TileType,
  data: TileArray,
  width: number,
  height: number,
  out: TileArray = createTileArray(type, Math.ceil(width / 2) * Math.ceil(height / 2)),
): TileArray {
  if (type === "f32") halveFloats(data, out, width, height);
  else if (type === "u8" && isAligned(data, width, 4) && out.byteOffset % 2 === 0)
    halveBytes(data, out, width, height);
  else if (type === "u16" && isAligned(data, width, 2)) halveWords(data, out, width, height);
  else halveIntegers(data, out, width, height, channelsOf[type]);
  return out;
}

/**
 * Every second sample of every second row: what halves a grid of labels, whose means would be labels of something else.
 *
 * @param data one channel, row-major
 * @param out  ceil(width / 2) × ceil(height / 2) samples
 */
export function pickHalf(data: TileArray, width: number, height: number, out: TileArray): void {
  for (let y = 0, t = 0; y < height; y += 2)
    for (let x = y * width; x < (y + 1) * width; x += 2) out[t++] = data[x]!;
}

function halveIntegers(
  data: TileArray,
  out: TileArray,
  width: number,
  height: number,
  channels: number,
): void {
  const pairs = width >> 1;
  const outWidth = (width + 1) >> 1;
  const stride = width * channels;
  for (let y = 0, target = 0; y < height; y += 2, target += outWidth * channels) {
    let a = y * stride;
    // At an odd bottom edge the row stands for itself twice: (2a + 2b + 2) >> 2 is the rounded mean of two.
    let b = y + 1 < height ? a + stride : a;
    let t = target;
    if (channels === 1) {
      for (let x = 0; x < pairs; x++, a += 2, b += 2) {
        out[t++] = (data[a]! + data[a + 1]! + data[b]! + data[b + 1]! + 2) >> 2;
      }
    } else {
      for (let x = 0; x < pairs; x++, a += channels * 2, b += channels * 2) {
        for (let c = 0; c < channels; c++) {
          out[t++] =
            (data[a + c]! + data[a + channels + c]! + data[b + c]! + data[b + channels + c]! + 2) >> 2;
        }
      }
    }
    if (width & 1) for (let c = 0; c < channels; c++) out[t++] = (data[a + c]! + data[b + c]! + 1) >> 1;
  }
}

/** True where every row starts on a 32-bit boundary and ends on one: `perWord` samples can be taken at a time. */
function isAligned(data: TileArray, width: number, perWord: number): boolean {
  return data.byteOffset % 4 === 0 && width % perWord === 0;
}

const wordsOf = (data: TileArray) => new Uint32Array(data.buffer, data.byteOffset, data.byteLength >> 2);

/** Four bytes a word: sums of neighbours side by side in one number, 1020 + 2 at most, so that none spills over. */
function halveBytes(data: TileArray, out: TileArray, width: number, height: number): void {
  const words = wordsOf(data);
  const pairs = new Uint16Array(out.buffer, out.byteOffset, out.length >> 1);
  const stride = width >> 2;
  let t = 0;
  for (let y = 0; y < height; y += 2) {
    let a = y * stride;
    let b = y + 1 < height ? a + stride : a;
    for (const end = a + stride; a < end; a++, b++) {
      const p = words[a]!;
      const q = words[b]!;
      const sums =
        (p & 0xff00ff) + ((p >>> 8) & 0xff00ff) + (q & 0xff00ff) + ((q >>> 8) & 0xff00ff) + 0x20002;
      pairs[t++] = ((sums >>> 2) & 0xff) | ((sums >>> 10) & 0xff00);
    }
  }
}

function halveWords(data: TileArray, out: TileArray, width: number, height: number): void {
  const words = wordsOf(data);
  const stride = width >> 1;
  let t = 0;
  for (let y = 0; y < height; y += 2) {
    let a = y * stride;
    let b = y + 1 < height ? a + stride : a;
    for (const end = a + stride; a < end; a++, b++) {
      const p = words[a]!;
      const q = words[b]!;
      out[t++] = ((p & 0xffff) + (p >>> 16) + (q & 0xffff) + (q >>> 16) + 2) >> 2;
    }
  }
}

function halveFloats(data: TileArray, out: TileArray, width: number, height: number): void {
  let t = 0;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const a = y * width + x;
      const right = x + 1 < width;
      const below = y + 1 < height;
      const v0 = data[a]!;
      const v1 = right ? data[a + 1]! : Number.NaN;
      const v2 = below ? data[a + width]! : Number.NaN;
      const v3 = right && below ? data[a + width + 1]! : Number.NaN;
      const sum = v0 + v1 + v2 + v3;
      // x - x is 0 for finite x only.
      if (sum - sum === 0) {
        out[t++] = sum / 4;
        continue;
      }
      let total = 0;
      let count = 0;
      for (const v of [v0, v1, v2, v3]) {
        if (v - v !== 0) continue;
        total += v;
        count++;
      }
      out[t++] = count === 0 ? Number.NaN : total / count;
    }
  }
}
