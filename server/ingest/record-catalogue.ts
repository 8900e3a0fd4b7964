import { DomainError } from "#core/errors/domain-error.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Content } from "#core/micrograph/content.ts";
import type { RecordProposal } from "#core/micrograph/record-proposals.ts";
import type {
  DescribedState,
  ProjectRecordsShape,
  SessionShape,
  SpecimenShape,
} from "#core/protocol/api/records.ts";
import type { Sql, SqlValue, Statement } from "#server/jobs/sql.ts";
import { createId } from "./record-id.ts";

/** What a person says of one micrograph: an absent field stays as it is, null empties it. */
export interface MicrographDescription {
  readonly micrographId: string;
  readonly specimen?: string | null | undefined;
  readonly session?: Partial<NewSession> | null | undefined;
  readonly series?: { readonly name: string; readonly objectName: string } | null | undefined;
  readonly state?: DescribedState | null | undefined;
  readonly settled: boolean;
}

type NewSession = { readonly [Field in keyof Omit<SessionShape, "id">]: string | null | undefined };

/** Specimens, sessions and what micrographs are said to show, by people; and the proposals waiting for them. */
export interface RecordCatalogue {
  specimens(projectId: string): Promise<SpecimenShape[]>;
  sessions(projectId: string): Promise<SessionShape[]>;
  /** Of all micrographs of a project, or of one. */
  rows(projectId: string, micrographId?: string): Promise<ProjectRecordsShape["rows"]>;
  /** How many micrographs of a project, but for those left out, have proposals that nobody has looked at. */
  countProposed(projectId: string, without?: readonly string[]): Promise<number>;
  /** Other proposals than before, as long as nobody has looked at them. */
  setProposals(micrographId: string, proposals: readonly RecordProposal[]): Promise<void>;
  /**
   * All rows in one transaction.
   * @throws DomainError "not-found" where a micrograph is not of this project; then nothing is written
   */
  describe(projectId: string, principalId: string, rows: readonly MicrographDescription[]): Promise<void>;
  /** @throws DomainError "conflict" where another specimen of the project has the name */
  putSpecimen(projectId: string, principalId: string, specimen: SpecimenShape): Promise<void>;
  /** @throws DomainError "not-found" as `describe` */
  setContent(
    projectId: string,
    principalId: string,
    micrographIds: readonly string[],
    content: Content,
  ): Promise<void>;
  /** @throws DomainError "not-found" where one of them is not of this project */
  requireMicrographs(projectId: string, micrographIds: readonly string[]): Promise<void>;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly file_name: string;
  readonly options: string;
  readonly specimen_id: string | null;
  readonly session_id: string | null;
  readonly series_id: string | null;
  readonly state: string | null;
  readonly described_by: string | null;
  readonly described_at: string | null;
  readonly proposals: string;
}

const now = () => new Date().toISOString();

export function createRecordCatalogue(sql: Sql): RecordCatalogue {
  const specimens: RecordCatalogue["specimens"] = async (projectId) => [
    ...(await sql.read<SpecimenShape>(
      "SELECT id, name, form, note FROM specimen WHERE project_id = ? ORDER BY name, id",
      [projectId],
    )),
  ];
  const sessions: RecordCatalogue["sessions"] = async (projectId) => [
    ...(await sql.read<SessionShape>(
      `SELECT id, instrument, holder, operator, started_at AS startedAt, ended_at AS endedAt
       FROM instrument_session WHERE project_id = ? ORDER BY started_at, created_at, id`,
      [projectId],
    )),
  ];

  const requireMicrographs: RecordCatalogue["requireMicrographs"] = async (projectId, micrographIds) => {
    const known = await sql.read<{ id: string }>("SELECT id FROM micrograph WHERE project_id = ?", [
      projectId,
    ]);
    const there = new Set(known.map(({ id }) => id));
    const missing = micrographIds.filter((id) => !there.has(id));
    if (missing.length > 0)
      throw new DomainError(
        "not-found",
        `Expected micrographs of this project; ${missing.length} of ${micrographIds.length} are not in it (any more). Reload the page; nothing was changed.`,
        { missing: missing.slice(0, 20) },
      );
  };

  // Found or made by name: of two people who name the same new specimen at once, the second finds it.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  return {
    specimens,
    sessions,
    requireMicrographs,

    async rows(projectId, micrographId) {
      const rows = await sql.read<Row>(
        `SELECT m.id, m.name, s.file_name, s.options, m.specimen_id, m.session_id, m.series_id, m.state,
           m.described_by, m.described_at, m.proposals
         FROM micrograph m JOIN source s ON s.id = m.source_id
         WHERE m.project_id = ? ${micrographId === undefined ? "" : "AND m.id = ?"}
         ORDER BY m.created_at, m.source_id, m.ordinal`,
        micrographId === undefined ? [projectId] : [projectId, micrographId],
      );
      return rows.map((row) => ({
        micrographId: row.id,
        name: row.name,
        path: (JSON.parse(row.options) as { relativePath?: string }).relativePath ?? row.file_name,
        specimenId: row.specimen_id,
        sessionId: row.session_id,
        seriesId: row.series_id,
        state: row.state === null ? null : (JSON.parse(row.state) as DescribedState),
        describedBy: row.described_by,
        describedAt: row.described_at,
        proposals: JSON.parse(row.proposals) as ProjectRecordsShape["rows"][number]["proposals"],
      }));
    },

    async countProposed(projectId, without = []) {
      const [found] = await sql.read<{ n: number }>(
        `SELECT count(*) AS n FROM micrograph WHERE project_id = ? AND described_by IS NULL AND proposals <> '[]'
           AND id NOT IN (SELECT value FROM json_each(?))`,
        [projectId, JSON.stringify(without)],
      );
      return Number(found?.n ?? 0);
    },

    async setProposals(micrographId, proposals) {
      const params = [JSON.stringify(proposals), micrographId];
      await sql.write([
        { sql: "UPDATE micrograph SET proposals = ? WHERE id = ? AND described_by IS NULL", params },
      ]);
    },

    describe: (projectId, principalId, rows) =>
      inTurn(async () => {
        await requireMicrographs(
          projectId,
          rows.map(({ micrographId }) => micrographId),
        );
        const by = { projectId, principalId, at: now() };
        const specimenIds = new Map((await specimens(projectId)).map(({ id, name }) => [name, id]));
        const sessionIds = new Map((await sessions(projectId)).map((one) => [keyOfSession(one), one.id]));
        const series = await sql.read<{ id: string; name: string; objectName: string }>(
          "SELECT id, name, object_name AS objectName FROM series WHERE project_id = ?",
          [projectId],
        );
        const seriesIds = new Map(series.map((one) => [keyOfSeries(one), one.id]));
        const statements: Statement[] = [];
        const found = (ids: Map<string, string>, key: string, insert: (id: string) => Statement) => {
          const id = ids.get(key) ?? createId();
          if (!ids.has(key)) {
            ids.set(key, id);
            statements.push(insert(id));
          }
          return id;
        };
        for (const row of rows) {
          const set: [string, SqlValue][] = [];
          const { specimen, session, series: inSeries, state } = row;
          if (specimen !== undefined)
            set.push([
              "specimen_id",
              specimen && found(specimenIds, specimen, (id) => newSpecimen(id, specimen, by)),
            ]);
          if (session !== undefined) {
            const key = session && keyOfSession(session);
            // A session of which nothing is known is none.
            set.push(["session_id", key && found(sessionIds, key, (id) => newSession(id, session!, by))]);
          }
          if (inSeries !== undefined)
            set.push([
              "series_id",
              inSeries && found(seriesIds, keyOfSeries(inSeries), (id) => newSeries(id, inSeries, by)),
            ]);
          if (state !== undefined) set.push(["state", state && JSON.stringify(state)]);
          if (row.settled) set.push(["described_by", principalId], ["described_at", by.at]);
          if (set.length === 0) continue;
          statements.push({
            sql: `UPDATE micrograph SET ${set.map(([column]) => `${column} = ?`).join(", ")} WHERE id = ? AND project_id = ?`,
            params: [...set.map(([, value]) => value || null), row.micrographId, projectId],
            mustChange: 1,
          });
        }
        if (statements.length > 0) await sql.write(statements);
      }),

    async putSpecimen(projectId, principalId, { id, name, form, note }) {
      const known = await specimens(projectId);
      if (known.some((other) => other.name === name && other.id !== id))
        throw new DomainError(
          "conflict",
          `There is another specimen called "${name}" in this project. Give this one a name of its own.`,
        );
      await sql.write([
        known.some((other) => other.id === id)
          ? {
              sql: "UPDATE specimen SET name = ?, form = ?, note = ? WHERE id = ? AND project_id = ?",
              params: [name, form, note, id, projectId],
            }
          : {
              sql: "INSERT INTO specimen (id, project_id, name, form, note, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
              params: [id, projectId, name, form, note, now(), principalId],
            },
      ]);
    },

    async setContent(projectId, principalId, micrographIds, content) {
      await requireMicrographs(projectId, micrographIds);
      const chosen = new Set(micrographIds);
      const rows = await sql.read<{ id: string; calibration: string }>(
        "SELECT id, calibration FROM micrograph WHERE project_id = ?",
        [projectId],
      );
      await sql.write(
        rows
          .filter(({ id }) => chosen.has(id))
          .map(({ id, calibration }) => ({
            sql: "UPDATE micrograph SET content = ?, content_by = ?, calibration = ? WHERE id = ? AND project_id = ?",
            params: [
              ...[content, principalId],
              JSON.stringify(calibrationOf(content, JSON.parse(calibration) as Calibration)),
              ...[id, projectId],
            ],
          })),
      );
    },
  };
}

/** Drawings and plots have no scale, unless somebody or something gave one; what is no drawing any more has lost none. */
function calibrationOf(content: Content, calibration: Calibration): Calibration {
  const isDrawn = content === "schematic" || content === "plot";
  if (isDrawn && calibration.state === "uncalibrated") return { state: "not-to-scale" };
  if (!isDrawn && calibration.state === "not-to-scale")
    return {
      state: "uncalibrated",
      reason: "It was taken for a drawing before, and nobody has given a scale since.",
    };
  return calibration;
}

interface By {
  readonly projectId: string;
  readonly principalId: string;
  readonly at: string;
}

function newSpecimen(id: string, name: string, { projectId, principalId, at }: By): Statement {
  return {
    sql: "INSERT INTO specimen (id, project_id, name, created_at, created_by) VALUES (?, ?, ?, ?, ?)",
    params: [id, projectId, name, at, principalId],
  };
}

function newSession(id: string, session: Partial<NewSession>, { projectId, principalId, at }: By): Statement {
  const { instrument, holder, operator, startedAt, endedAt } = session;
  const known = [instrument, holder, operator, startedAt, endedAt].map((value) => value ?? null);
  return {
    sql: `INSERT INTO instrument_session (id, project_id, instrument, holder, operator, started_at, ended_at, created_at,
            created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [id, projectId, ...known, at, principalId],
  };
}

function newSeries(
  id: string,
  { name, objectName }: { readonly name: string; readonly objectName: string },
  { projectId, at }: By,
): Statement {
  return {
    sql: "INSERT INTO series (id, project_id, name, object_name, created_at) VALUES (?, ?, ?, ?, ?)",
    params: [id, projectId, name, objectName, at],
  };
}

const keyOfSeries = (series: { readonly name: string; readonly objectName: string }) =>
  JSON.stringify([series.name, series.objectName]);

/** Empty where nothing is known of it. */
function keyOfSession({ instrument, holder, operator, startedAt, endedAt }: Partial<NewSession>): string {
  const known = [instrument, holder, operator, startedAt, endedAt].map((value) => value ?? null);
  return known.some((value) => value !== null) ? JSON.stringify(known) : "";
}
