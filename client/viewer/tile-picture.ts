import type { TileSamples, TileScale } from "./shade.ts";

/** What one tile request gave: native values, or an 8-bit picture of them that is unpacked only when a window needs it. */
export interface TilePicture {
  readonly width: number;
  readonly height: number;
  readonly scale: TileScale;
  /** Null for a display tile that has not been unpacked. */
  samples: TileSamples | null;
  readonly bitmap: ImageBitmap | null;
  /** The bitmap is in colour. */
  readonly colour: boolean;
  /** Native values of level 0: what the instrument recorded. */
  readonly exact: boolean;
}

export function nativePicture(
  bytes: ArrayBuffer,
  type: TileSamples["type"],
  width: number,
  height: number,
  scale: TileScale,
  exact: boolean,
): TilePicture {
  const samples = samplesOf(bytes, type);
  const expected = width * height * (type === "rgb8" ? 3 : 1);
  if (samples.data.length !== expected) {
    throw new RangeError(
      `Expected ${expected} samples in a tile of ${width} × ${height} px, got ${samples.data.length}.`,
    );
  }
  return { width, height, scale, samples, bitmap: null, colour: type === "rgb8", exact };
}

function samplesOf(bytes: ArrayBuffer, type: TileSamples["type"]): TileSamples {
  switch (type) {
    case "u16":
      return { type, data: new Uint16Array(bytes) };
    case "f32":
      return { type, data: new Float32Array(bytes) };
    default:
      return { type, data: new Uint8Array(bytes) };
  }
}

let unpacking: CanvasRenderingContext2D | null = null;

/** Samples of a picture; a display tile is unpacked once, grey from its red channel. */
export function unpackSamples(picture: TilePicture): TileSamples {
  if (picture.samples) return picture.samples;
  const { width, height } = picture;
  unpacking ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  unpacking.canvas.width = width;
  unpacking.canvas.height = height;
  unpacking.drawImage(picture.bitmap!, 0, 0);
  const { data } = unpacking.getImageData(0, 0, width, height);
  picture.samples = picture.colour
    ? { type: "rgb8", data: channelsOf(data, 3) }
    : { type: "u8", data: channelsOf(data, 1) };
  return picture.samples;
}

/** The first channels of RGBA pixels. */
function channelsOf(rgba: Uint8ClampedArray, channels: 1 | 3): Uint8Array {
  const picked = new Uint8Array((rgba.length / 4) * channels);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    for (let c = 0; c < channels; c++) picked[to++] = rgba[from + c]!;
  }
  return picked;
}

/** Recorded value at a pixel of the tile; null for colour, which has no single one. */
export function valueAt(picture: TilePicture, x: number, y: number): number | null {
  const samples = picture.samples;
  if (!samples || samples.type === "rgb8") return null;
  return samples.data[y * picture.width + x]! * picture.scale.scale + picture.scale.offset;
}

/** Red, green and blue at a pixel of a colour tile; null of every other tile. */
export function colourAt({ samples, width }: TilePicture, x: number, y: number): readonly number[] | null {
  if (samples?.type !== "rgb8") return null;
  const from = (y * width + x) * 3;
  return [samples.data[from]!, samples.data[from + 1]!, samples.data[from + 2]!];
}
