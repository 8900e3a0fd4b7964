import type { Sql } from "#server/jobs/sql.ts";
import { binOf } from "../bin.ts";

export interface ProjectUsage {
  readonly id: string;
  readonly ownerName: string;
  readonly createdAt: string;
  readonly deletedAt: string | null;
  readonly bytes: number;
  readonly micrographs: number;
}

/**
 * How much of the installation somebody or something takes up. What rests in the bin counts: it lies on the disk.
 * Originals that stay in place do not: they lie on somebody else's.
 */
export interface Usage {
  bytesOfPerson(principalId: string): Promise<number>;
  bytesOfProject(projectId: string): Promise<number>;
  micrographsOfProject(projectId: string): Promise<number>;
  /** For whoever keeps the disk: whose, how much, how old; not what it is called and not what is in it. */
  projects(): Promise<readonly ProjectUsage[]>;
  /** Bytes of all originals, each counted once; records of sources and micrographs; jobs by state. */
  totals(): Promise<{
    readonly bytes: number;
    readonly sources: number;
    readonly micrographs: number;
    readonly jobs: ReadonlyMap<string, number>;
  }>;
}

export function createUsage(sql: Sql): Usage {
  const number = async (query: string, params: readonly string[] = []) =>
    Number((await sql.read<{ n: number }>(query, params))[0]?.n ?? 0);
  return {
    bytesOfPerson: (id) =>
      number(
        `SELECT coalesce(sum(bytes), 0) AS n FROM (
           SELECT bytes FROM source WHERE created_by = ? AND in_place IS NULL
           UNION ALL SELECT bytes FROM attachment WHERE added_by = ?)`,
        [id, id],
      ),
    bytesOfProject: (id) =>
      number(
        `SELECT coalesce(sum(bytes), 0) AS n FROM (
           SELECT bytes FROM source WHERE project_id IN (?, ?) AND in_place IS NULL
           UNION ALL SELECT bytes FROM attachment WHERE project_id = ?)`,
        [id, binOf(id), id],
      ),
    micrographsOfProject: (id) => number("SELECT count(*) AS n FROM micrograph WHERE project_id = ?", [id]),
    projects: () =>
      sql.read<ProjectUsage>(
        `SELECT j.id, p.name AS ownerName, j.created_at AS createdAt, j.deleted_at AS deletedAt,
           (SELECT coalesce(sum(bytes), 0) FROM source s WHERE s.project_id = j.id AND s.in_place IS NULL) AS bytes,
           (SELECT count(*) FROM micrograph m WHERE m.project_id = j.id) AS micrographs
         FROM project j JOIN principal p ON p.id = j.owner_id ORDER BY bytes DESC, j.created_at`,
      ),
    async totals() {
      return {
        bytes: await number(
          "SELECT coalesce(sum(bytes), 0) AS n FROM (SELECT max(bytes) AS bytes FROM source WHERE in_place IS NULL GROUP BY sha256)",
        ),
        sources: await number("SELECT count(*) AS n FROM source"),
        micrographs: await number("SELECT count(*) AS n FROM micrograph"),
        jobs: new Map([
          ["queued", 0],
          ["running", 0],
          ...(
            await sql.read<{ status: string; n: number }>(
              "SELECT status, count(*) AS n FROM job GROUP BY status",
            )
          ).map(({ status, n }) => [status, Number(n)] as const),
        ]),
      };
    },
  };
}
