import type { Sql } from "#server/jobs/sql.ts";
import type { Catalogue, VisitRecord } from "#server/storage/catalogue.ts";
import { ownOrGroup } from "./rows.ts";

export type Visits = Pick<Catalogue, "putVisit" | "visit" | "visits" | "endVisit">;

interface VisitRow {
  readonly project_id: string;
  readonly principal_id: string;
  readonly reason: string;
  readonly until_ms: number;
}

const toVisit = (row: VisitRow): VisitRecord => ({
  projectId: row.project_id,
  principalId: row.principal_id,
  reason: row.reason,
  untilMs: Number(row.until_ms),
});

/** Who reads a project for a while without being in it. */
export function createVisitsTable(sql: Sql): Visits {
  const select = async (where: string, params: readonly (string | number)[]) =>
    (
      await sql.read<VisitRow>(
        `SELECT v.project_id, v.principal_id, v.reason, v.until_ms FROM project_visit v
         WHERE v.until_ms > ? ${where}`,
        [Date.now(), ...params],
      )
    ).map(toVisit);
  return {
    async putVisit({ projectId, principalId, reason, untilMs }) {
      await sql.write([
        {
          sql: `INSERT INTO project_visit (project_id, principal_id, reason, until_ms) VALUES (?, ?, ?, ?)
                ON CONFLICT (project_id, principal_id)
                DO UPDATE SET reason = excluded.reason, until_ms = excluded.until_ms`,
          params: [projectId, principalId, reason, untilMs],
        },
      ]);
    },
    visits: () => select("", []),
    async visit(projectId, principalId) {
      const found = await select(
        `AND v.project_id = ? AND v.principal_id = ? AND NOT EXISTS
         (SELECT 1 FROM membership m WHERE m.project_id = v.project_id AND m.state = 'in' AND ${ownOrGroup})`,
        [projectId, principalId, principalId, principalId],
      );
      return found[0];
    },
    async endVisit(projectId, principalId) {
      await sql.write([
        {
          sql: "DELETE FROM project_visit WHERE project_id = ? AND principal_id = ?",
          params: [projectId, principalId],
        },
      ]);
    },
  };
}
