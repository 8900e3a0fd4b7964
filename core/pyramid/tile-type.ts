import type { SampleArray, SampleType } from "#core/micrograph/raster.ts";
import { createTileArray, type TileArray, type TileType } from "./downsample.ts";

/** How recorded values become the samples of native tiles: value = tile · scale + offset. */
export interface TileEncoding {
  readonly tileType: TileType;
  readonly tileScale: { readonly scale: number; readonly offset: number };
  /** Why the tiles do not hold every recorded value exactly; absent where they do. */
  readonly inexact?: string;
}

/** What a survey of the raster found, as far as the choice of a tile type depends on it. */
export interface ValueFacts {
  readonly sampleType: SampleType;
  readonly samplesPerPixel: 1 | 3 | 4;
  readonly frames: number;
  /** Of finite values; 0 and 0 where there are none. */
  readonly min: number;
  readonly max: number;
  /** Every value is unchanged by rounding to float32. */
  readonly fitsFloat32: boolean;
}

/** Integers of larger magnitude are not all float32 values. */
const float32Integers = 2 ** 24;
const largestFloat32 = (2 - 2 ** -23) * 2 ** 127;

/**
 * The smallest tile type that holds every recorded value exactly; where none does, float32 with the reason.
 *
 * 8 and 16-bit integers keep their bits (signed ones shifted by an offset). 32-bit integers of a single image become
 * u16 when their range fits 65 536 steps, else float32 (shifted by their minimum where that makes them exact); those
 * of a stack are float32 without offset, because one encoding must hold for frames that nobody has read yet.
 * Colour is 8-bit RGB: 16-bit colour loses its low byte, alpha is not shown.
 */
export function chooseTileEncoding(facts: ValueFacts): TileEncoding {
  const { sampleType, min, max } = facts;
  if (facts.samplesPerPixel !== 1) return colourEncoding(facts);
  switch (sampleType) {
    case "uint8":
      return { tileType: "u8", tileScale: { scale: 1, offset: 0 } };
    case "int8":
      return { tileType: "u8", tileScale: { scale: 1, offset: -128 } };
    case "uint16":
      return { tileType: "u16", tileScale: { scale: 1, offset: 0 } };
    case "int16":
      return { tileType: "u16", tileScale: { scale: 1, offset: -32768 } };
    case "uint32":
    case "int32": {
      const alone = facts.frames === 1;
      if (alone && max - min <= 65535) return { tileType: "u16", tileScale: { scale: 1, offset: min } };
      if (Math.max(Math.abs(min), Math.abs(max)) <= float32Integers) return floats();
      if (alone && max - min <= float32Integers)
        return { tileType: "f32", tileScale: { scale: 1, offset: min } };
      return floats(`32-bit integers beyond ±${float32Integers} are rounded to float32 in tiles`);
    }
    case "float32":
      return floats();
    case "float64":
      if (facts.fitsFloat32) return floats();
      return Math.max(Math.abs(min), Math.abs(max)) > largestFloat32
        ? floats(
            "64-bit floats beyond ±3.4·10³⁸ are infinite in tiles, so that their greys are not told apart",
          )
        : floats("64-bit floats are rounded to float32 in tiles");
  }
}

function floats(inexact?: string): TileEncoding {
  return { tileType: "f32", tileScale: { scale: 1, offset: 0 }, ...(inexact ? { inexact } : {}) };
}

function colourEncoding({ sampleType, samplesPerPixel }: ValueFacts): TileEncoding {
  const alpha = samplesPerPixel === 4 ? "transparency is not shown" : undefined;
  if (sampleType === "uint8") {
    return { tileType: "rgb8", tileScale: { scale: 1, offset: 0 }, ...(alpha ? { inexact: alpha } : {}) };
  }
  const depth = `${sampleType} colour is shown with 8 bits a channel`;
  return {
    tileType: "rgb8",
    tileScale: { scale: sampleType === "uint16" ? 257 : 1, offset: 0 },
    inexact: alpha ? `${depth}; ${alpha}` : depth,
  };
}

/**
 * Recorded samples → samples of native tiles.
 *
 * @param data row-major, `samplesPerPixel` interleaved; colour other than 8 and 16 bits is clamped to 0-255
 */
export function encodeSamples(
  data: SampleArray,
  sampleType: SampleType,
  samplesPerPixel: 1 | 3 | 4,
  encoding: TileEncoding,
): TileArray {
  const { tileType, tileScale } = encoding;
  if (tileType === "rgb8") return encodeColour(data, sampleType, samplesPerPixel);
  // The bits are already those of the tile.
  if (sampleType === "uint8" || sampleType === "uint16" || sampleType === "float32") return data as TileArray;
  const out = createTileArray(tileType, data.length);
  const { offset } = tileScale;
  for (let i = 0; i < data.length; i++) out[i] = data[i]! - offset;
  return out;
}

function encodeColour(data: SampleArray, sampleType: SampleType, samplesPerPixel: 1 | 3 | 4): TileArray {
  if (sampleType === "uint8" && samplesPerPixel === 3) return data as Uint8Array;
  const pixels = data.length / samplesPerPixel;
  const out = new Uint8ClampedArray(pixels * 3);
  const divisor = sampleType === "uint16" ? 257 : 1;
  for (let i = 0, from = 0, to = 0; i < pixels; i++, from += samplesPerPixel) {
    out[to++] = data[from]! / divisor;
    out[to++] = data[from + 1]! / divisor;
    out[to++] = data[from + 2]! / divisor;
  }
  return new Uint8Array(out.buffer);
}
