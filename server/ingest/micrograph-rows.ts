import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Content } from "#core/micrograph/content.ts";
import type { Micrograph, Signal, Source } from "#core/protocol/api/shapes.ts";
import { shownPlace } from "./originals-in-place.ts";

export type Status = Source["status"];
export type SeriesState = NonNullable<Micrograph["state"]>;

/** The facts of a micrograph that never change once its file was read. */
export type MicrographRecord = Pick<
  Micrograph,
  "width" | "height" | "frames" | "frameTimesS" | "dtype" | "acquisition" | "flags" | "warnings"
>;

/**
 * A signal and the image of the source it is read from. One without `followsOrientation` is read as its file holds it:
 * marks lie on the grid that was there when it came.
 */
export type SignalRecord = Signal & { readonly imageIndex: number; readonly followsOrientation?: true };

export interface SourceRow {
  readonly id: string;
  readonly project_id: string;
  readonly file_name: string;
  readonly bytes: number;
  readonly sha256: string | null;
  readonly format: string | null;
  readonly status: Status;
  readonly code: string | null;
  readonly reason: string | null;
  readonly others: string;
  readonly options: string;
  readonly in_place: string | null;
  readonly created_at: string;
  readonly created_by: string;
}

export interface MicrographRow {
  readonly id: string;
  readonly project_id: string;
  readonly source_id: string;
  readonly ordinal: number;
  readonly name: string;
  readonly content: Content;
  readonly calibration: string;
  readonly record: string;
  readonly signals: string;
  readonly status: Status;
  readonly reason: string | null;
  readonly thumbnail: string | null;
  readonly specimen_id: string | null;
  readonly session_id: string | null;
  readonly series_id: string | null;
  readonly state: string | null;
  readonly created_at: string;
  readonly created_by: string;
}

/** What of a source is read for a list: everything but its tags, which may be large. */
export const sourceColumns =
  "id, project_id, file_name, bytes, sha256, format, status, code, reason, others, options, in_place, created_at, created_by";

/** Progress of work under way, 0-1: known to the queue, never written to the store. */
export type ProgressOf = (kind: "source" | "micrograph", id: string) => number | undefined;

const toSignal = ({ imageIndex: _, followsOrientation: __, ...signal }: SignalRecord): Signal => signal;

/** Rows of the store as the records that travel. */
export function createRowReader(progressOf: ProgressOf) {
  const progress = (kind: "source" | "micrograph", id: string, status: Status) =>
    status === "ready" ? 1 : status === "running" ? (progressOf(kind, id) ?? 0) : 0;

  const toSource = (row: SourceRow, micrographs: readonly string[]): Source => ({
    id: row.id,
    projectId: row.project_id,
    fileName: row.file_name,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    format: row.format,
    status: row.status,
    progress: progress("source", row.id, row.status),
    reason: row.reason,
    code: row.code,
    micrographs: [...micrographs],
    others: JSON.parse(row.others) as Source["others"],
    place: shownPlace(row.in_place),
    createdAt: row.created_at,
  });

  const toMicrograph = (row: MicrographRow): Micrograph => ({
    id: row.id,
    projectId: row.project_id,
    sourceId: row.source_id,
    name: row.name,
    ...(JSON.parse(row.record) as MicrographRecord),
    signals: (JSON.parse(row.signals) as SignalRecord[]).map(toSignal),
    content: row.content,
    calibration: JSON.parse(row.calibration) as Calibration as Micrograph["calibration"],
    status: row.status,
    progress: progress("micrograph", row.id, row.status),
    reason: row.reason,
    thumbnail: row.thumbnail,
    specimenId: row.specimen_id,
    sessionId: row.session_id,
    seriesId: row.series_id,
    state: row.state === null ? null : (JSON.parse(row.state) as SeriesState),
    createdAt: row.created_at,
    createdBy: row.created_by,
  });

  return { toSource, toMicrograph };
}
