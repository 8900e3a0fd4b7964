/** How one sample of a pixel is stored. Complex and colour pixels are several samples of one of these. */
export type SampleType = "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32" | "float32" | "float64";

export type SampleArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/**
 * A rectangle of exact pixel values, as recorded: no window, no palette, no inversion, no clipping.
 *
 * `data` is row-major, samples interleaved: sample s of pixel (x, y) is `data[(y * width + x) * samplesPerPixel + s]`.
 */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly samplesPerPixel: 1 | 2 | 3 | 4;
  readonly sampleType: SampleType;
  readonly data: SampleArray;
}

export const bytesPerSample: Readonly<Record<SampleType, 1 | 2 | 4 | 8>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  float64: 8,
};

const constructors = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** A zeroed array of `length` samples of the given type. */
export function createSamples(type: SampleType, length: number): SampleArray {
  return new constructors[type](length);
}

/** View `bytes` (copied only where alignment demands it) as samples in this machine's byte order. */
export function samplesFromBytes(type: SampleType, bytes: Uint8Array): SampleArray {
  const size = bytesPerSample[type];
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new constructors[type](
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    Math.floor(aligned.byteLength / size),
  );
}
