import type { Sql } from "#server/jobs/sql.ts";

export const projectEventKinds = [
  "created",
  "renamed",
  "binned",
  "restored",
  "transferred",
  "member-changed",
  "member-left",
  "guests-removed",
  "administrator-read",
] as const;
export type ProjectEventKind = (typeof projectEventKinds)[number];

export interface ProjectEvent {
  readonly at: string;
  readonly principalId: string;
  readonly kind: ProjectEventKind;
  readonly detail: Readonly<Record<string, string>>;
}

/** What happened to a project as a whole, for its members to read: who came, who went, who looked in. */
export interface ProjectEvents {
  record(
    projectId: string,
    principalId: string,
    kind: ProjectEventKind,
    detail?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Newest first. */
  list(projectId: string, limit: number): Promise<readonly ProjectEvent[]>;
}

export function createProjectEvents(sql: Sql): ProjectEvents {
  return {
    async record(projectId, principalId, kind, detail = {}) {
      await sql.write([
        {
          sql: "INSERT INTO project_event (project_id, at, principal_id, kind, detail) VALUES (?, ?, ?, ?, ?)",
          params: [projectId, new Date().toISOString(), principalId, kind, JSON.stringify(detail)],
        },
      ]);
    },
    async list(projectId, limit) {
      const rows = await sql.read<{
        at: string;
        principal_id: string;
        kind: ProjectEventKind;
        detail: string;
      }>(
        "SELECT at, principal_id, kind, detail FROM project_event WHERE project_id = ? ORDER BY id DESC LIMIT ?",
        [projectId, limit],
      );
      return rows.map(({ at, principal_id, kind, detail }) => ({
        ...{ at, principalId: principal_id, kind },
        detail: JSON.parse(detail) as Record<string, string>,
      }));
    },
  };
}
