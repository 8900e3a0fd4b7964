import { DomainError } from "#core/errors/domain-error.ts";
import type { Acquisition } from "#core/micrograph/acquisition.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { PixelFlags } from "#core/micrograph/content.ts";
import type { Raster, SampleType } from "#core/micrograph/raster.ts";
import type { ByteSource } from "./byte-source.ts";
import type { Codecs } from "./codecs.ts";
import type { RecordedMark } from "./recorded-mark.ts";

export type FormatErrorCode =
  | "unknown-format" // no reader knows these bytes
  | "not-a-picture" // readable, but spectra, tables, text …
  | "truncated" // the file ends before what it announces
  | "malformed" // the bytes contradict the format
  | "unsupported" // a legal variant that is not read here
  | "too-large"; // beyond the limits of this installation

export class FormatError extends DomainError<FormatErrorCode> {}

/** Vendor tags as they came: nested names to text, numbers, lists. Kept whole, searchable, never interpreted here. */
export type Tag = string | number | boolean | null | readonly Tag[] | { readonly [name: string]: Tag };

/** One signal: a grid of pixels, possibly with frames. Values are exactly those stored. */
export interface SourceImage {
  readonly title: string;
  readonly kind: "image" | "diffraction";
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly sampleType: SampleType;
  /** 1 grey, 3 RGB, 4 RGBA. Complex pixels are delivered as modulus (float32) with `complex: true`. */
  readonly samplesPerPixel: 1 | 3 | 4;
  readonly complex?: boolean;
  /** Stored depth where it is below the sample type's, e.g. 1-bit or 12-bit. */
  readonly bitsPerSample?: number;
  readonly calibration: Calibration;
  readonly acquisition: Acquisition;
  readonly flags: PixelFlags;
  /** Seconds from the first frame, one a frame, where the file knows them; may be irregular. */
  readonly frameTimesS?: readonly number[];
  /** Shown inverted (TIFF min-is-white) or through a palette: facts for display, never applied to values. */
  readonly display?: { readonly invert?: boolean; readonly palette?: Uint8Array };
  /** Copies at 1/2, 1/4 … of the size, largest first; only of images in tiles, where any rectangle is cheap to read. */
  readonly reductions?: readonly ReducedCopy[];
  /** Marks that another program left in the file; offered to people, never drawn by themselves. */
  readonly recordedMarks?: readonly RecordedMark[];
  /** Rows and columns may be other than the file's, whose orientation tag was followed (that of each frame, in a stack). */
  readonly followsOrientation?: true;
  /** What a person should know: "header says 200 frames, 5 are valid". */
  readonly warnings: readonly string[];
  /**
   * Exact values of a rectangle, clipped to nothing: the rectangle must lie within the image.
   * Cheap for full-width strips in reading order; streaming ingestion relies on that.
   */
  readRegion(frame: number, x: number, y: number, width: number, height: number): Promise<Raster>;
}

/** A smaller copy of an image that its file holds in tiles, for whoever looks from afar. Its samples are as its writer made them. */
export interface ReducedCopy {
  readonly width: number;
  readonly height: number;
  readRegion(x: number, y: number, width: number, height: number): Promise<Raster>;
}

export interface OpenedFile {
  readonly format: string;
  readonly images: readonly SourceImage[];
  /** What the file also holds and cannot be shown as a picture: spectrum streams, 4-D data, tables. */
  readonly others: readonly {
    readonly title: string;
    readonly kind: string;
    readonly shape: readonly number[];
  }[];
  readonly tags: Tag;
}

/** A file that travels beside another (`.emi` with `_1.ser`), found by its name. */
export interface Sidecar {
  readonly name: string;
  readonly source: ByteSource;
}

export interface FormatReader {
  /** Stable name, as `info` prints it: "DM4", "MRC", "TIFF" … */
  readonly id: string;
  readonly extensions: readonly string[];
  /** Decides by bytes; the name only settles what bytes cannot (an MRC has hardly a signature). */
  sniff(head: Uint8Array, fileName: string): boolean;
  /** @throws FormatError whatever the bytes hold, within bounded time and memory */
  open(source: ByteSource, context: ReaderContext): Promise<OpenedFile>;
}

export interface ReaderContext {
  readonly fileName: string;
  readonly codecs: Codecs;
  readonly sidecars: readonly Sidecar[];
  /** Pictures as their files hold them, whatever orientation they ask for: for marks that were drawn on them so. */
  readonly asRecorded?: boolean;
  readonly limits: { readonly maxPixelsPerFrame: number; readonly maxImages: number };
}
