import type { Sql } from "#server/jobs/sql.ts";
import type { SeriesState } from "./micrograph-rows.ts";
import { createId } from "./record-id.ts";

/** Micrographs of one object through its states. */
export interface Series {
  readonly id: string;
  readonly name: string;
  readonly objectName: string;
  /** In the order of their states. */
  readonly micrographIds: readonly string[];
}

export interface SeriesTable {
  /** @returns its id */
  addSeries(projectId: string, name: string, objectName: string): Promise<string>;
  listSeries(projectId: string): Promise<readonly Series[]>;
}

export function createSeriesTable(sql: Sql): SeriesTable {
  return {
    async addSeries(projectId, name, objectName) {
      const id = createId();
      await sql.write([
        {
          sql: "INSERT INTO series (id, project_id, name, object_name, created_at) VALUES (?, ?, ?, ?, ?)",
          params: [id, projectId, name, objectName, new Date().toISOString()],
        },
      ]);
      return id;
    },

    async listSeries(projectId) {
      const rows = await sql.read<{ id: string; name: string; object_name: string }>(
        "SELECT id, name, object_name FROM series WHERE project_id = ? ORDER BY created_at, id",
        [projectId],
      );
      const members = await sql.read<{ id: string; series_id: string; state: string | null }>(
        "SELECT id, series_id, state FROM micrograph WHERE project_id = ? AND series_id IS NOT NULL ORDER BY created_at, ordinal",
        [projectId],
      );
      const orderOf = (state: string | null) =>
        state === null ? 0 : (JSON.parse(state) as SeriesState).order;
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        objectName: row.object_name,
        micrographIds: members
          .filter((m) => m.series_id === row.id)
          .sort((a, b) => orderOf(a.state) - orderOf(b.state))
          .map((m) => m.id),
      }));
    },
  };
}
