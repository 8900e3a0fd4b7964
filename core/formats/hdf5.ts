import type { SampleArray, SampleType } from "#core/micrograph/raster.ts";
import type { ByteSource } from "./byte-source.ts";

/** The first bytes of every HDF5 file that has no user block before it. */
export const hdf5Signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * HDF5, as much of it as readers need. Whoever fills this port follows no link and no storage that leads out of the
 * file: an uploaded file must not name another one.
 */
export interface Hdf5 {
  /**
   * Opens the file, hands it to `look`, closes it again. `look` is synchronous and keeps nothing but values.
   * @throws FormatError whatever the bytes hold
   */
  withFile<T>(source: ByteSource, look: (file: Hdf5File) => T): Promise<T>;
}

export interface Hdf5File {
  /** What lies at a path from the root; undefined for nothing, broken links and whatever leads elsewhere. */
  kind(path: string): "group" | "dataset" | undefined;
  /** Names in a group, sorted. */
  members(group: string): readonly string[];
  attributeNames(path: string): readonly string[];
  /** A text, a number or a list of them; undefined for what is none of these, or is not there. */
  attribute(path: string, name: string): Hdf5Value | undefined;
  dataset(path: string): Hdf5Dataset;
  /**
   * A box of a dataset of numbers, last axis fastest. 64-bit integers come as float64, exact to 2^53; complex numbers as
   * real and imaginary part in turn, twice as many values.
   */
  read(path: string, start: readonly number[], count: readonly number[]): SampleArray;
  /** All texts of a dataset of texts. */
  texts(path: string): readonly string[];
}

export type Hdf5Value = string | number | readonly string[] | readonly number[];

export interface Hdf5Dataset {
  readonly shape: readonly number[];
  readonly type: SampleType | "int64" | "uint64" | "complex64" | "complex128" | "text" | "other";
  /** Whether pieces are unpacked whole: then a part costs as much as its piece. */
  readonly compressed: boolean;
}
