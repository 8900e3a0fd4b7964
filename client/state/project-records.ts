import type { StoreApi } from "zustand/vanilla";
import type { CommentThread } from "#core/document/record-document.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import type { CalibrationRecord } from "#core/schema/records/calibration-record.ts";
import type { InterfaceRecord } from "#core/schema/records/interface.ts";
import type { MeasuredObject } from "#core/schema/records/object.ts";
import type { StackLog } from "#core/schema/records/stack-log.ts";

/** What the server writes and everybody reads: the project's words, and the conversation about this micrograph. */
export interface RecordsState {
  readonly classes: readonly AnnotationClass[];
  readonly interfaces: readonly InterfaceRecord[];
  readonly objects: readonly MeasuredObject[];
  readonly threads: readonly CommentThread[];
  /** The version that counts now, where somebody calibrated; null: the file's own. */
  readonly calibration: Calibration | null;
  /** Every version somebody made, oldest first. */
  readonly calibrations: readonly CalibrationRecord[];
  /** The log beside the stack, as it counts now; null: none, or taken away. */
  readonly log: StackLog | null;
  /** All versions of it, rising. */
  readonly logs: readonly StackLog[];
  /** The server's words have arrived: what is not among them is not known to it either. */
  readonly synced: boolean;
}

export type ProjectRecords = StoreApi<RecordsState>;
