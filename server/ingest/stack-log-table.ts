import type { Migration, Sql } from "#server/jobs/sql.ts";

/** Which bytes lie beside which stack, for whoever erases them; which version counts is in the micrograph's record room. */
export const stackLogMigrations: readonly Migration[] = [
  {
    name: "stack-logs-1",
    sql: `
      CREATE TABLE IF NOT EXISTS stack_log_file (
        micrograph_id TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (micrograph_id, sha256));
      CREATE TABLE IF NOT EXISTS frame_statistics (
        micrograph_id TEXT NOT NULL, signal TEXT NOT NULL, frame INTEGER NOT NULL,
        lowest REAL NOT NULL, highest REAL NOT NULL, mean REAL NOT NULL,
        PRIMARY KEY (micrograph_id, signal, frame));`,
  },
];

/** Beside one micrograph only: erasing it asks nobody else. */
export function stackLogKey(micrographId: string, sha256: string): string {
  return `logs/${micrographId}/${sha256}`;
}

/** Blobs of all logs that ever lay beside a micrograph. */
export async function stackLogKeys(sql: Pick<Sql, "read">, micrographId: string): Promise<readonly string[]> {
  const rows = await sql.read<{ sha256: string }>(
    "SELECT sha256 FROM stack_log_file WHERE micrograph_id = ?",
    [micrographId],
  );
  return rows.map(({ sha256 }) => stackLogKey(micrographId, sha256));
}

export interface FrameStatistics {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

export async function writeFrameStatistics(
  sql: Sql,
  micrographId: string,
  signal: string,
  frame: number,
  { min, max, mean }: FrameStatistics,
): Promise<void> {
  await sql.write([
    {
      sql: "INSERT OR REPLACE INTO frame_statistics (micrograph_id, signal, frame, lowest, highest, mean) VALUES (?, ?, ?, ?, ?, ?)",
      params: [micrographId, signal, frame, min, max, mean],
    },
  ]);
}

/** Statistics of the frames that were read so far. */
export async function readFrameStatistics(
  sql: Pick<Sql, "read">,
  micrographId: string,
  signal: string,
): Promise<ReadonlyMap<number, FrameStatistics>> {
  const rows = await sql.read<{ frame: number; lowest: number; highest: number; mean: number }>(
    "SELECT frame, lowest, highest, mean FROM frame_statistics WHERE micrograph_id = ? AND signal = ?",
    [micrographId, signal],
  );
  return new Map(
    rows.map(({ frame, lowest, highest, mean }) => [
      Number(frame),
      { min: Number(lowest), max: Number(highest), mean: Number(mean) },
    ]),
  );
}
