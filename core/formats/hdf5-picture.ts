import { bytesPerSample, type Raster, type SampleType } from "#core/micrograph/raster.ts";
import type { ByteSource } from "./byte-source.ts";
import type { Hdf5, Hdf5Dataset } from "./hdf5.ts";
import { cropRaster, modulus, requireRegion, wideIntegersWarning } from "./pixel-grid.ts";
import type { SourceImage } from "./reader.ts";

/** A picture as an HDF5 file holds it, and where. */
export interface HeldPicture {
  readonly about: Omit<SourceImage, "readRegion" | "samplesPerPixel">;
  readonly path: string;
  readonly compressed: boolean;
  /** Axis of the dataset that counts frames; rows come before columns in the others. */
  readonly frameAxis: "first" | "last" | "none";
}

/** Types that a picture can have; 64-bit integers are read as float64, exact to 2^53, complex numbers as their modulus. */
export function pictureType(dataset: Hdf5Dataset): SampleType | undefined {
  const { type } = dataset;
  if (isComplex(dataset)) return "float32";
  if (type === "int64" || type === "uint64") return "float64";
  return type in bytesPerSample ? (type as SampleType) : undefined;
}

export function isComplex({ type }: Hdf5Dataset): boolean {
  return type === "complex64" || type === "complex128";
}

/** What is said of a picture whose integers may be too long for any number of the pipeline. */
export function warningsOf({ type }: Hdf5Dataset): readonly string[] {
  return type === "int64" || type === "uint64" ? [wideIntegersWarning] : [];
}

/** Packed frames up to this size are unpacked once and kept while they are read. */
const keptFrameBytes = 1 << 29;

/** The picture with the way to its pixels. The file is opened for every read: nothing stays open behind a picture. */
export function heldImage(hdf5: Hdf5, source: ByteSource, picture: HeldPicture): SourceImage {
  const { about, path, frameAxis } = picture;
  const { width, height, sampleType } = about;
  const box = (frame: number, x: number, y: number, w: number, h: number) => {
    const [start, count] = [
      [y, x],
      [h, w],
    ];
    if (frameAxis === "first") return { start: [frame, ...start!], count: [1, ...count!] };
    if (frameAxis === "last") return { start: [...start!, frame], count: [...count!, 1] };
    return { start: start!, count: count! };
  };
  const read = async (frame: number, x: number, y: number, w: number, h: number): Promise<Raster> => {
    const { start, count } = box(frame, x, y, w, h);
    const data = await hdf5.withFile(source, (file) => file.read(path, start, count));
    const raster: Raster = { width: w, height: h, samplesPerPixel: 1, sampleType, data };
    return about.complex ? modulus({ ...raster, samplesPerPixel: 2 }) : raster;
  };
  const keeps = picture.compressed && width * height * bytesPerSample[sampleType] <= keptFrameBytes;
  let kept: { readonly frame: number; readonly pixels: Promise<Raster> } | undefined;
  const image: SourceImage = {
    ...about,
    samplesPerPixel: 1,
    async readRegion(frame, x, y, w, h) {
      requireRegion(image, frame, x, y, w, h);
      if (!keeps) return read(frame, x, y, w, h);
      if (kept?.frame !== frame) {
        const pixels = read(frame, 0, 0, width, height);
        kept = { frame, pixels };
        pixels.catch(() => {
          kept = undefined;
        });
      }
      return cropRaster(await kept.pixels, x, y, w, h);
    },
  };
  return image;
}
