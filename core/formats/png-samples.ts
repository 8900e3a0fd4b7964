import { createSamples, type Raster } from "#core/micrograph/raster.ts";
import { FormatError } from "./reader.ts";

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample: 1, 2, 4, 8, 16. */
  readonly depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: number;
  readonly interlaced: boolean;
}

/** A reduced picture of Adam7: where it begins and its steps. A picture that is not interlaced is one pass. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
}

const wholePicture: readonly Pass[] = [{ x: 0, y: 0, stepX: 1, stepY: 1 }];
const adam7: readonly Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
];

export function pngChannels(header: PngHeader): 1 | 2 | 3 | 4 {
  return ({ 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const)[header.colourType as 0 | 2 | 3 | 4 | 6];
}

function passSizes(header: PngHeader) {
  const bitsPerPixel = pngChannels(header) * header.depth;
  return (header.interlaced ? adam7 : wholePicture)
    .map((pass) => {
      const columns = Math.max(0, Math.ceil((header.width - pass.x) / pass.stepX));
      const rows = Math.max(0, Math.ceil((header.height - pass.y) / pass.stepY));
      return { ...pass, columns, rows, rowBytes: Math.ceil((columns * bitsPerPixel) / 8) };
    })
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** Bytes of the unpacked data stream: each row with its filter byte. */
export function pngDataBytes(header: PngHeader): number {
  return passSizes(header).reduce((sum, { rows, rowBytes }) => sum + rows * (rowBytes + 1), 0);
}

/** Takes filters and interlacing off the unpacked stream. Samples as stored; 1, 2 and 4 bits one a byte. */
export function decodePngSamples(header: PngHeader, bytes: Uint8Array): Raster {
  const channels = pngChannels(header);
  const { width, height, depth } = header;
  const sampleType = depth === 16 ? "uint16" : "uint8";
  const data = createSamples(sampleType, width * height * channels);
  const distance = Math.max(1, (channels * depth) >> 3);
  let at = 0;
  for (const pass of passSizes(header)) {
    let above: Uint8Array = new Uint8Array(pass.rowBytes);
    for (let row = 0; row < pass.rows; row++) {
      const filter = bytes[at]!;
      const line = bytes.slice(at + 1, at + 1 + pass.rowBytes);
      unfilter(filter, line, above, distance);
      at += 1 + pass.rowBytes;
      above = line;
      for (let column = 0; column < pass.columns; column++) {
        const target = ((pass.y + row * pass.stepY) * width + pass.x + column * pass.stepX) * channels;
        for (let c = 0; c < channels; c++) data[target + c] = sampleAt(line, column * channels + c, depth);
      }
    }
  }
  return { width, height, samplesPerPixel: channels, sampleType, data };
}

function sampleAt(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index]!;
  if (depth === 16) return (line[2 * index]! << 8) | line[2 * index + 1]!;
  const bit = index * depth;
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

function unfilter(filter: number, line: Uint8Array, above: Uint8Array, distance: number): void {
  if (filter === 0) return;
  if (filter > 4)
    throw new FormatError(
      "malformed",
      `A row of the PNG names filter ${filter} of 0-4. The file is damaged: export it again.`,
    );
  for (let i = 0; i < line.length; i++) {
    const left = i >= distance ? line[i - distance]! : 0;
    const up = above[i]!;
    const corner = i >= distance ? above[i - distance]! : 0;
    const predicted =
      filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
    line[i] = line[i]! + predicted;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
