import type { Display } from "#client/state/display-store.ts";
import { toneCurve, windowTable } from "#core/pyramid/display-window.ts";
import { colourTable } from "./colour-maps.ts";

export interface TileScale {
  readonly scale: number;
  readonly offset: number;
}

/** Samples of a tile; value = sample · scale + offset. */
export type TileSamples =
  | { readonly type: "u8"; readonly data: Uint8Array }
  | { readonly type: "u16"; readonly data: Uint16Array }
  | { readonly type: "f32"; readonly data: Float32Array }
  /** Colour as recorded: no window applies. */
  | { readonly type: "rgb8"; readonly data: Uint8Array };

/** RGBA words of one display, for every sample type, made when first asked for. */
export interface Shader {
  /** Fill `pixels` (RGBA words, little-endian) from samples. */
  shade(samples: TileSamples, scale: TileScale, pixels: Uint32Array): void;
}

/** @param palette RGB triples that 8-bit samples are shown through instead of the window */
export function createShader(display: Display, palette: Uint8Array | null = null): Shader {
  const colours = packedColours(colourTable(display.colourMap));
  const entries = palette && packedColours(palette);
  const tables = new Map<string, Uint32Array>();
  const tableFor = (size: 256 | 65536, scale: TileScale): Uint32Array => {
    const key = `${size} ${scale.scale} ${scale.offset}`;
    const known = tables.get(key);
    if (known) return known;
    const shades = windowTable(size, scale, display);
    // A loop: filling by a callback takes longer than shading a tile.
    const table = new Uint32Array(size);
    for (let i = 0; i < size; i++) table[i] = colours[shades[i]!]!;
    tables.set(key, table);
    return table;
  };
  return {
    shade(samples, scale, pixels) {
      switch (samples.type) {
        case "u8":
          return lookUp(samples.data, entries ?? tableFor(256, scale), pixels);
        case "u16":
          return lookUpPairs(samples.data, tableFor(65536, scale), pixels);
        case "f32": {
          const curve = toneCurve(display);
          const { data } = samples;
          for (let i = 0; i < pixels.length; i++)
            pixels[i] = colours[curve(data[i]! * scale.scale + scale.offset)]!;
          return;
        }
        case "rgb8":
          return packRgb(samples.data, pixels);
      }
    },
  };
}

function lookUp(data: Uint8Array | Uint16Array, table: Uint32Array, pixels: Uint32Array) {
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[data[i]!]!;
}

/** Two samples a read, where they lie on words: 16-bit tiles of even size do. */
function lookUpPairs(data: Uint16Array, table: Uint32Array, pixels: Uint32Array) {
  if ((data.byteOffset & 3) !== 0 || (pixels.length & 1) !== 0 || data.length < pixels.length) {
    lookUp(data, table, pixels);
    return;
  }
  const pairs = new Uint32Array(data.buffer, data.byteOffset, pixels.length >> 1);
  for (let i = 0, to = 0; i < pairs.length; i++, to += 2) {
    const pair = pairs[i]!;
    pixels[to] = table[pair & 0xffff]!;
    pixels[to + 1] = table[pair >>> 16]!;
  }
}

function packRgb(data: Uint8Array, pixels: Uint32Array) {
  for (let i = 0, from = 0; i < pixels.length; i++, from += 3) {
    pixels[i] = (0xff000000 | (data[from + 2]! << 16) | (data[from + 1]! << 8) | data[from]!) >>> 0;
  }
}

/** RGB triples as opaque RGBA words. */
function packedColours(table: Uint8Array): Uint32Array {
  const packed = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    packed[i] = (0xff000000 | (table[i * 3 + 2]! << 16) | (table[i * 3 + 1]! << 8) | table[i * 3]!) >>> 0;
  }
  return packed;
}
