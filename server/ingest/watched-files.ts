import type { Sql, Statement } from "#server/jobs/sql.ts";
import type { Sighting } from "./originals-in-place.ts";

/** Name under which finished resumable uploads are remembered: no folder of a disk is called so. */
export const uploadsFolder = "resumable uploads:";

/** A file of a watched folder as it was when it was taken. */
export interface WatchedFile extends Sighting {
  readonly folder: string;
  /** Relative to the folder, with "/". */
  readonly path: string;
}

/** Written with the source of the file, in one transaction: a process that dies in between takes it again, or not at all. */
export function rememberWatched(
  { folder, path, bytes, modifiedMs }: WatchedFile,
  sourceId: string,
): Statement {
  return {
    sql: `INSERT INTO watched_file (folder, path, bytes, modified_ms, source_id) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (folder, path) DO UPDATE
          SET bytes = excluded.bytes, modified_ms = excluded.modified_ms, source_id = excluded.source_id`,
    params: [folder, path, bytes, modifiedMs, sourceId],
  };
}

/** What was taken from a folder, by path; also what was deleted here since: it does not come in again by itself. */
export async function watchedFiles(sql: Sql, folder: string): Promise<Map<string, Sighting>> {
  const rows = await sql.read<{ path: string; bytes: number; modifiedMs: number }>(
    "SELECT path, bytes, modified_ms AS modifiedMs FROM watched_file WHERE folder = ?",
    [folder],
  );
  return new Map(rows.map(({ path, bytes, modifiedMs }) => [path, { bytes: Number(bytes), modifiedMs }]));
}

/** The source that a file became; undefined where it was not taken. */
export async function takenAs(sql: Sql, folder: string, path: string): Promise<string | undefined> {
  const query = "SELECT source_id AS sourceId FROM watched_file WHERE folder = ? AND path = ?";
  return (await sql.read<{ sourceId: string }>(query, [folder, path]))[0]?.sourceId;
}
