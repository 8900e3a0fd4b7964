import { randomBytes } from "node:crypto";
import type { Migration, Sql, SqlValue } from "./sql.ts";

export const jobMigrations: readonly Migration[] = [
  {
    name: "jobs-1",
    sql: `
      CREATE TABLE IF NOT EXISTS job (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, project_id TEXT NOT NULL,
        principal_id TEXT NOT NULL, urgent INTEGER NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL,
        code TEXT, reason TEXT, result TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS job_waiting ON job (status, urgent, created_at);`,
  },
  {
    name: "jobs-2: the request that ordered a job, for whoever reads the log",
    sql: "ALTER TABLE job ADD COLUMN request_id TEXT;",
  },
];

export type JobStatus = "queued" | "running" | "done" | "failed";

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly projectId: string;
  readonly principalId: string;
  readonly status: JobStatus;
  /** How often it was started. */
  readonly attempts: number;
  readonly code: string | null;
  readonly reason: string | null;
  readonly result: unknown;
  /** The request that ordered it; null where none did. */
  readonly requestId: string | null;
}

export interface NewJob {
  readonly kind: string;
  /** JSON. */
  readonly payload: unknown;
  readonly projectId: string;
  readonly principalId: string;
  /** Somebody is waiting for it: goes before all that are not. */
  readonly urgent?: boolean;
  readonly requestId?: string | undefined;
}

interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly payload: string;
  readonly project_id: string;
  readonly principal_id: string;
  readonly status: JobStatus;
  readonly attempts: number;
  readonly code: string | null;
  readonly reason: string | null;
  readonly result: string | null;
  readonly request_id: string | null;
}

/** Jobs on disk: what was asked for survives the process that was doing it. */
export function createJobTable(sql: Sql) {
  const toJob = (row: JobRow): Job => ({
    id: row.id,
    kind: row.kind,
    payload: JSON.parse(row.payload),
    projectId: row.project_id,
    principalId: row.principal_id,
    status: row.status,
    attempts: Number(row.attempts),
    code: row.code,
    reason: row.reason,
    result: row.result === null ? null : JSON.parse(row.result),
    requestId: row.request_id,
  });
  const set = async (id: string, assignments: string, params: readonly SqlValue[]) => {
    await sql.write([
      {
        sql: `UPDATE job SET ${assignments}, updated_at = ? WHERE id = ?`,
        params: [...params, new Date().toISOString(), id],
      },
    ]);
  };

  return {
    async add(job: NewJob): Promise<string> {
      const id = randomBytes(12).toString("base64url");
      const now = new Date().toISOString();
      await sql.write([
        {
          sql: `INSERT INTO job (id, kind, payload, project_id, principal_id, urgent, status, attempts, request_id, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, 'queued', 0, ?, ?, ?)`,
          params: [
            id,
            job.kind,
            JSON.stringify(job.payload),
            job.projectId,
            job.principalId,
            job.urgent ? 1 : 0,
            job.requestId ?? null,
            now,
            now,
          ],
        },
      ]);
      return id;
    },

    async get(id: string): Promise<Job | undefined> {
      const [row] = await sql.read<JobRow>("SELECT * FROM job WHERE id = ?", [id]);
      return row && toJob(row);
    },

    /** Those waiting, urgent ones first, then in the order they came. */
    async waiting(limit: number): Promise<readonly Job[]> {
      const rows = await sql.read<JobRow>(
        "SELECT * FROM job WHERE status = 'queued' ORDER BY urgent DESC, created_at, id LIMIT ?",
        [limit],
      );
      return rows.map(toJob);
    },

    async hasOpen(kind: string, payload: unknown): Promise<boolean> {
      const rows = await sql.read(
        "SELECT id FROM job WHERE kind = ? AND payload = ? AND status IN ('queued', 'running') LIMIT 1",
        [kind, JSON.stringify(payload)],
      );
      return rows.length > 0;
    },

    start: (job: Job) => set(job.id, "status = 'running', attempts = ?", [job.attempts + 1]),
    finish: (id: string, result: unknown) =>
      set(id, "status = 'done', result = ?", [JSON.stringify(result ?? null)]),
    fail: (id: string, code: string, reason: string) =>
      set(id, "status = 'failed', code = ?, reason = ?", [code, reason]),
    requeue: (id: string) => set(id, "status = 'queued'", []),

    /** Jobs that a stopped process left running. */
    async interrupted(): Promise<readonly Job[]> {
      return (await sql.read<JobRow>("SELECT * FROM job WHERE status = 'running'", [])).map(toJob);
    },
  };
}

export type JobTable = ReturnType<typeof createJobTable>;
