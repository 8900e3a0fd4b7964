import type { MeasurementRow } from "#core/analysis/measure-annotations.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { PixelFlags } from "#core/micrograph/content.ts";
import type { StackFrames } from "#core/protocol/api/stack-log.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";

/** One micrograph as it leaves: what it is, its marks, its numbers. Deleted marks are not among `annotations`. */
export interface DatasetMicrograph {
  readonly id: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly sha256: string | null;
  readonly calibration: Calibration;
  readonly flags: PixelFlags;
  readonly state: string | null;
  readonly seriesId: string | null;
  /** Window in which the shipped 8-bit picture is shown, recorded values. */
  readonly window: { readonly low: number; readonly high: number };
  readonly annotations: readonly Annotation[];
  /** Person (as shown) behind each mark, by annotation id. */
  readonly authors: Readonly<Record<string, string>>;
  readonly measurements: readonly MeasurementRow[];
  /** When each frame of a stack was taken, and under which conditions; absent for a single picture. */
  readonly stack?: StackFrames | null;
  /** Records that could not be read: counted as dropped, with their reasons. */
  readonly invalid: readonly { readonly id: string; readonly reason: string }[];
}

export interface InterfaceRecord {
  readonly id: string;
  readonly name: string;
  readonly objectId: string | null;
  readonly substrate: string;
  readonly film: string;
}

/** Everything an exporter may use, frozen at one moment. */
export interface Dataset {
  readonly projectName: string;
  readonly classes: readonly AnnotationClass[];
  readonly objects: readonly { readonly id: string; readonly name: string }[];
  readonly interfaces: readonly InterfaceRecord[];
  readonly micrographs: readonly DatasetMicrograph[];
  readonly exportedAt: string;
  readonly version: string;
}

/** Name of the table of a stack's frames within a dataset. */
export function framesFileName(micrograph: Pick<DatasetMicrograph, "id" | "name">): string {
  return imageFileName(micrograph)
    .replace(/^images\//, "frames/")
    .replace(/\.png$/, ".csv");
}

/** Name of a micrograph's picture within a dataset: stable, unique, safe on every file system. */
export function imageFileName(micrograph: Pick<DatasetMicrograph, "id" | "name">, frame = 0): string {
  const stem = micrograph.name
    .replace(/\.[A-Za-z0-9]{1,5}$/, "")
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9._-]+/g, "_")
    .replace(/^[._]+|[._]+$/g, "")
    .slice(0, 60);
  return `images/${stem || "micrograph"}-${micrograph.id}${frame > 0 ? `-f${frame}` : ""}.png`;
}
