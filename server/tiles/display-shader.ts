import type { SourceImage } from "#core/formats/reader.ts";
import { shadeFloats, type ValueWindow, windowTable } from "#core/pyramid/display-window.ts";
import { channelsOf, type TileArray } from "#core/pyramid/downsample.ts";
import { wholePalette } from "#core/pyramid/palette.ts";
import type { TileEncoding } from "#core/pyramid/tile-type.ts";

/** How a file wants to be shown: min-is-white, or through a palette. Facts for display, never applied to values. */
export type DisplayFacts = NonNullable<SourceImage["display"]>;

/** A rectangle of full-width rows: columns [x, x + width) of `rows` rows of `stride` pixels. */
export interface StripCut {
  readonly stride: number;
  readonly x: number;
  readonly width: number;
  readonly rows: number;
}

/** Native samples → the 8 bits that are shown before the native tiles arrive. */
export interface DisplayShader {
  readonly channels: 1 | 3;
  /** Cuts and shades in one pass into the first `width × rows × channels` bytes of `target`; returns them. */
  shade(strip: TileArray, cut: StripCut, target: Uint8Array): Uint8Array;
}

/** Colour keeps its own tones; a palette is looked up; grey is windowed, inverted where the file says so. */
export function createDisplayShader(
  { tileType, tileScale }: TileEncoding,
  window: ValueWindow,
  display: DisplayFacts | undefined,
): DisplayShader {
  if (tileType === "u8" && display?.palette) {
    const palette = wholePalette(display.palette);
    return byRows(3, tileType, (row, target) => throughPalette(row as Uint8Array, palette, target));
  }
  if (tileType === "rgb8") return byRows(3, tileType, (row, target) => target.set(row));
  const tone = { ...window, invert: display?.invert ?? false };
  if (tileType === "f32") {
    return byRows(1, tileType, (row, target) =>
      target.set(shadeFloats(row as Float32Array, tileScale, tone)),
    );
  }
  if (tileType === "u8") return shadeBytes(windowTable(256, tileScale, tone));
  const table = windowTable(65536, tileScale, tone);
  return byRows(1, tileType, (row, target) => throughTable(row as Uint16Array, table, target));
}

function byRows(
  channels: 1 | 3,
  tileType: TileEncoding["tileType"],
  shadeRow: (row: TileArray, target: Uint8Array) => void,
): DisplayShader {
  const samples = channelsOf[tileType];
  return {
    channels,
    shade(strip, { stride, x, width, rows }, target) {
      const whole = target.subarray(0, width * rows * channels);
      if (width === stride) {
        shadeRow(strip.subarray(0, width * rows * samples), whole);
        return whole;
      }
      for (let y = 0; y < rows; y++) {
        const from = (y * stride + x) * samples;
        const to = y * width * channels;
        shadeRow(strip.subarray(from, from + width * samples), target.subarray(to, to + width * channels));
      }
      return whole;
    },
  };
}

/** Two samples a step, where they lie on words. */
function throughTable(row: Uint16Array, table: Uint8Array, target: Uint8Array): void {
  const paired = ((row.byteOffset & 3) | (target.byteOffset & 1)) === 0 ? row.length >> 1 : 0;
  if (paired > 0) {
    const from = new Uint32Array(row.buffer, row.byteOffset, paired);
    const to = new Uint16Array(target.buffer, target.byteOffset, paired);
    for (let i = 0; i < paired; i++) {
      const pair = from[i]!;
      to[i] = table[pair & 0xffff]! | (table[pair >>> 16]! << 8);
    }
  }
  for (let i = paired * 2; i < row.length; i++) target[i] = table[row[i]!]!;
}

/** Four pixels a step, two a look-up, where rows lie on words: half the time of one by one. */
function shadeBytes(table: Uint8Array): DisplayShader {
  const pairs = new Uint16Array(65536);
  for (let pair = 0; pair < pairs.length; pair++) pairs[pair] = table[pair & 255]! | (table[pair >> 8]! << 8);
  const single = byRows(1, "u8", (row, target) => {
    for (let i = 0; i < row.length; i++) target[i] = table[row[i]!]!;
  });
  return {
    channels: 1,
    shade(strip, cut, target) {
      const { stride, x, width, rows } = cut;
      if ((stride | x | width | strip.byteOffset | target.byteOffset) & 3)
        return single.shade(strip, cut, target);
      const from = new Uint32Array(strip.buffer, strip.byteOffset, strip.length >> 2);
      const to = new Uint32Array(target.buffer, target.byteOffset, target.length >> 2);
      for (let y = 0, t = 0; y < rows; y++) {
        let f = (y * stride + x) >> 2;
        for (const end = t + (width >> 2); t < end; t++, f++) {
          const four = from[f]!;
          to[t] = pairs[four & 0xffff]! | (pairs[four >>> 16]! << 16);
        }
      }
      return target.subarray(0, width * rows);
    },
  };
}

function throughPalette(row: Uint8Array, palette: Uint8Array, target: Uint8Array): void {
  for (let i = 0, to = 0; i < row.length; i++) {
    const entry = row[i]! * 3;
    target[to++] = palette[entry]!;
    target[to++] = palette[entry + 1]!;
    target[to++] = palette[entry + 2]!;
  }
}
