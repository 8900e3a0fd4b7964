import { formatRoomName } from "#core/protocol/rooms.ts";
import type { JobQueue } from "#server/jobs/job-queue.ts";
import type { Sql } from "#server/jobs/sql.ts";
import type { DocumentLog } from "#server/storage/document-log.ts";
import type { StackPlace } from "./stack-parts.ts";

/** Stacks that were made for a watched folder, by how their ids begin: no upload's does. */
export const watchedStackPrefix = "watched-";

/** What became of a file that was taken from a watched folder. */
export type Standing =
  /** It is a picture of its own that nobody has worked on. */
  | { readonly is: "picture"; readonly sourceId: string; readonly projectId: string }
  /** It is a frame of stacks that nobody has worked on; of none yet, where its stack was never finished. */
  | {
      readonly is: "frame";
      readonly sourceId: string;
      readonly projectId: string;
      readonly lists: readonly string[];
      readonly stackId: string;
    }
  /** People have worked on it, deleted it or have it open: it stays what it is. */
  | { readonly is: "kept"; readonly asFrame: boolean }
  /** It is being read: to be told later. */
  | { readonly is: "pending" };

export interface WatchedStacks {
  /**
   * By path; paths that were never taken from this folder are not among them.
   * @param isOpen whether somebody has a micrograph open at this moment: it is not taken from under their eyes
   */
  standings(
    folder: string,
    paths: readonly string[],
    isOpen: (micrographId: string) => boolean,
  ): Promise<ReadonlyMap<string, Standing>>;
  /** Has files that are here already read again, as frames of another stack. */
  place(places: ReadonlyMap<string, StackPlace>): Promise<void>;
}

interface TakenRow {
  readonly path: string;
  readonly sourceId: string;
  readonly projectId: string | null;
  readonly status: string;
  readonly sha256: string;
  readonly place: string | null;
  readonly note: string | null;
}

export function createWatchedStacks(ports: {
  readonly sql: Sql;
  readonly jobs: JobQueue;
  /** Asked whether anybody has worked in a room. */
  readonly log: Pick<DocumentLog, "history">;
  readonly readSourceJob: string;
}): WatchedStacks {
  const { sql, jobs, log, readSourceJob } = ports;

  /** Marked, discussed, described, calibrated, or given a file or a log; what it says of a log is in its record's room. */
  const isWorkedOn = async (
    sourceId: string,
    isOpen: (micrographId: string) => boolean,
  ): Promise<boolean> => {
    const rows = await sql.read<{ id: string; described: number }>(
      `SELECT m.id, m.described_by IS NOT NULL OR json_extract(m.calibration, '$.source.kind') = 'person'
         OR EXISTS (SELECT 1 FROM attachment a
                    WHERE a.on_type = 'micrograph' AND a.on_id = m.id AND a.removed_at IS NULL) AS described
       FROM micrograph m WHERE m.source_id = ?`,
      [sourceId],
    );
    for (const { id: micrographId, described } of rows) {
      if (described || isOpen(micrographId)) return true;
      for (const kind of ["annotations", "record"] as const) {
        const room = formatRoomName({ kind, micrographId });
        if ((await log.history(room, 0, 1)).length > 0) return true;
      }
    }
    return false;
  };

  /** Sources of the stacks of watched folders that hold a file, in its own project. */
  const listsWith = async ({ sha256, projectId }: TakenRow): Promise<readonly string[]> => {
    const rows = await sql.read<{ id: string }>(
      `SELECT s.id FROM stack_file f JOIN source s ON s.sha256 = f.stack_sha256
       WHERE f.sha256 = ? AND s.project_id = ? AND json_extract(s.options, '$.stackId') LIKE '${watchedStackPrefix}%'`,
      [sha256, projectId],
    );
    return rows.map(({ id }) => id);
  };

  const isComplete = async ({ id, count }: StackPlace, projectId: string): Promise<boolean> => {
    const [row] = await sql.read<{ found: number }>(
      `SELECT COUNT(DISTINCT json_extract(options, '$.stack.index')) AS found FROM source
       WHERE project_id = ? AND json_extract(options, '$.stack.id') = ?`,
      [projectId, id],
    );
    return Number(row?.found ?? 0) >= count;
  };

  const standingOf = async (
    row: TakenRow,
    workedOn: (sourceId: string) => Promise<boolean>,
    complete: (place: StackPlace, projectId: string) => Promise<boolean>,
  ): Promise<Standing> => {
    const { sourceId, projectId, status } = row;
    const place = row.place === null ? null : (JSON.parse(row.place) as StackPlace);
    const asFrame = place !== null;
    // Erased, or in the bin.
    if (projectId === null || projectId.startsWith("bin:")) return { is: "kept", asFrame };
    if (!place) {
      // One that says why it is single was tried as a frame before.
      if (status === "failed" || row.note !== null) return { is: "kept", asFrame };
      if (status !== "ready") return { is: "pending" };
      return (await workedOn(sourceId)) ? { is: "kept", asFrame } : { is: "picture", sourceId, projectId };
    }
    const lists = await listsWith(row);
    for (const list of lists) if (await workedOn(list)) return { is: "kept", asFrame };
    const frame = { is: "frame", sourceId, projectId, lists, stackId: place.id } as const;
    if (lists.length > 0 || !(await complete(place, projectId))) return frame;
    // Every frame is here and there is no stack: it is being put together, or was deleted.
    return status === "ready" || status === "failed" ? { is: "kept", asFrame } : { is: "pending" };
  };

  return {
    async standings(folder, paths, isOpen) {
      const rows = await sql.read<TakenRow>(
        `SELECT w.path, w.source_id AS sourceId, s.project_id AS projectId, s.status, s.sha256,
           json_extract(s.options, '$.stack') AS place, json_extract(s.options, '$.note') AS note
         FROM watched_file w LEFT JOIN source s ON s.id = w.source_id
         WHERE w.folder = ? AND w.path IN (SELECT value FROM json_each(?))`,
        [folder, JSON.stringify(paths)],
      );
      // A thousand frames of one stack ask the same of it.
      const workedOn = once(
        (sourceId: string) => isWorkedOn(sourceId, isOpen),
        (sourceId) => sourceId,
      );
      const complete = once(isComplete, (place, projectId) => `${place.id} ${projectId}`);
      const standings = new Map<string, Standing>();
      for (const row of rows) standings.set(row.path, await standingOf(row, workedOn, complete));
      return standings;
    },

    async place(places) {
      for (const [sourceId, place] of places) {
        const [source] = await sql.read<{ projectId: string; principalId: string }>(
          "SELECT project_id AS projectId, created_by AS principalId FROM source WHERE id = ?",
          [sourceId],
        );
        if (!source) continue;
        await sql.write([
          {
            sql: "UPDATE source SET options = json_set(options, '$.stack', json(?)), status = 'queued' WHERE id = ?",
            params: [JSON.stringify(place), sourceId],
          },
          { sql: "DELETE FROM stack_part WHERE source_id = ?", params: [sourceId] },
        ]);
        await jobs.enqueue({ kind: readSourceJob, payload: { sourceId }, ...source });
      }
    },
  };
}

function once<A extends readonly unknown[], T>(
  ask: (...of: A) => Promise<T>,
  keyOf: (...of: A) => string,
): (...of: A) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (...of) => {
    const key = keyOf(...of);
    const answer = answers.get(key) ?? ask(...of);
    answers.set(key, answer);
    return answer;
  };
}
