import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Content } from "#core/micrograph/content.ts";
import type { RecordProposal } from "#core/micrograph/record-proposals.ts";
import type { Micrograph, Source } from "#core/protocol/api/shapes.ts";
import type { SuggestionShape } from "#core/protocol/api/suggestions.ts";
import type { Sql, SqlValue, Statement } from "#server/jobs/sql.ts";
import type { PictureAccess } from "#server/tiles/tile-access.ts";
import {
  createRowReader,
  type MicrographRecord,
  type MicrographRow,
  type ProgressOf,
  type SeriesState,
  type SignalRecord,
  type SourceRow,
  type Status,
  sourceColumns,
} from "./micrograph-rows.ts";
import type { PlaceRecord } from "./originals-in-place.ts";
import { createId } from "./record-id.ts";
import { createSeriesTable, type SeriesTable } from "./series-table.ts";
import type { StackPlace } from "./stack-parts.ts";
import type { TagWords } from "./tag-words.ts";
import { rememberWatched, type WatchedFile } from "./watched-files.ts";

/** What somebody said about a file when handing it over: kept with the source, given to its micrographs. */
export interface SourceOptions {
  readonly seriesId?: string;
  readonly state?: SeriesState;
  /** Shown instead of the file's name. */
  readonly name?: string;
  /** Where the file lay in the folder that was uploaded; tells people and proposals something, never a file system. */
  readonly relativePath?: string;
  /** What the folders of a watched path were declared to mean. */
  readonly pathFacts?: Readonly<Record<string, string>>;
  /** One of several files that are put together to one stack. */
  readonly stack?: StackPlace;
  /** Of the list of a stack's frames: the `id` in the places of its frames. */
  readonly stackId?: string;
  /** What a person should know of how it came in; a warning of its micrographs. */
  readonly note?: string;
  /** Calibration of pixels that were computed, not recorded: the file itself cannot say "synthetic". */
  readonly calibration?: Calibration;
}

export interface NewMicrograph {
  readonly name: string;
  readonly content: Content;
  readonly calibration: Calibration;
  readonly record: MicrographRecord;
  readonly signals: readonly SignalRecord[];
  /** What path, name and tags seem to say of it. */
  readonly proposals?: readonly RecordProposal[];
  /** Marks that another program left in the file. */
  readonly suggestions?: readonly SuggestionShape[];
}

export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** Micrographs, the files they came from, and their series, in the relational store. */
export interface MicrographCatalogue extends SeriesTable {
  addSource(source: {
    readonly projectId: string;
    readonly fileName: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly principalId: string;
    readonly options: SourceOptions;
    /** Where the original stays, if it was not copied. */
    readonly inPlace?: PlaceRecord | undefined;
    /** Of a watched folder: remembered with the source, so that nothing comes in twice. */
    readonly watched?: WatchedFile | undefined;
  }): Promise<string>;
  source(id: string): Promise<Source | undefined>;
  sourceOptions(
    id: string,
  ): Promise<{ readonly options: SourceOptions; readonly principalId: string } | undefined>;
  listSources(projectId: string): Promise<readonly Source[]>;
  /** Sources that are neither ready nor failed. */
  unsettledSources(): Promise<
    readonly { readonly id: string; readonly projectId: string; readonly principalId: string }[]
  >;
  setSourceStatus(id: string, status: Status, refusal?: Refusal): Promise<void>;
  /** All vendor tags of the micrograph's file. */
  tags(micrographId: string): Promise<unknown>;

  /** Writes what a file was found to hold, in one transaction; whatever an interrupted attempt wrote is replaced. */
  describeSource(
    sourceId: string,
    found: {
      readonly format: string;
      readonly others: Source["others"];
      readonly tags: unknown;
      readonly micrographs: readonly NewMicrograph[];
    },
  ): Promise<readonly string[]>;
  /** True while any source, in a project or in a bin, stands on these bytes. */
  isHeld(sha256: string): Promise<boolean>;
  micrograph(id: string): Promise<Micrograph | undefined>;
  listMicrographs(projectId: string): Promise<readonly Micrograph[]>;
  /** Signals with the image of the source each is read from. */
  signals(micrographId: string): Promise<readonly SignalRecord[]>;
  setSignal(micrographId: string, signal: SignalRecord): Promise<void>;
  setThumbnail(micrographId: string, url: string): Promise<void>;
  addWarnings(micrographId: string, warnings: readonly string[]): Promise<void>;
  setMicrographStatus(id: string, status: Status, refusal?: Refusal): Promise<void>;
  setCalibration(micrographId: string, calibration: Calibration): Promise<void>;
  /** What a document beside its file knows of a micrograph: how it was taken, and its calibration where it has none. */
  setWhatDocumentSays(
    micrographId: string,
    found: Pick<NewMicrograph, "calibration" | "record">,
    tags: unknown,
  ): Promise<void>;
  setContent(micrographId: string, content: Content): Promise<void>;
  /** Cached: a tile costs no query. */
  tileAccess(micrographId: string): Promise<PictureAccess | undefined>;

  /** Gives a source with its micrographs to another project; to none that there is, for the bin. */
  moveSource(sourceId: string, projectId: string): Promise<void>;
}

/** @param progressOf asked for records that are running; without an answer they stand at 0 */
export function createMicrographCatalogue(
  sql: Sql,
  tagWords: Pick<TagWords, "indexing">,
  progressOf: ProgressOf = () => undefined,
): MicrographCatalogue {
  const access = new Map<string, PictureAccess>();
  // One transaction at a time for read-modify-write of a micrograph's signals and warnings.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  const one = async <Row>(query: string, params: readonly SqlValue[]) =>
    (await sql.read<Row>(query, params))[0];
  const micrographRow = (id: string) => one<MicrographRow>("SELECT * FROM micrograph WHERE id = ?", [id]);
  const { toSource, toMicrograph } = createRowReader(progressOf);

  const update = async (id: string, assignments: string, params: readonly SqlValue[]) => {
    await sql.write([{ sql: `UPDATE micrograph SET ${assignments} WHERE id = ?`, params: [...params, id] }]);
    access.delete(id);
  };

  return {
    async addSource(source) {
      const id = createId();
      await sql.write([
        {
          sql: `INSERT INTO source (id, project_id, file_name, bytes, sha256, status, options, in_place, created_at,
                  created_by) VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?)`,
          params: [
            id,
            source.projectId,
            source.fileName,
            source.bytes,
            source.sha256,
            JSON.stringify(source.options),
            source.inPlace ? JSON.stringify(source.inPlace) : null,
            new Date().toISOString(),
            source.principalId,
          ],
        },
        ...(source.watched ? [rememberWatched(source.watched, id)] : []),
      ]);
      return id;
    },

    async source(id) {
      const row = await one<SourceRow>(`SELECT ${sourceColumns} FROM source WHERE id = ?`, [id]);
      if (!row) return undefined;
      const ids = await sql.read<{ id: string }>(
        "SELECT id FROM micrograph WHERE source_id = ? ORDER BY ordinal",
        [id],
      );
      return toSource(
        row,
        ids.map((m) => m.id),
      );
    },

    async moveSource(sourceId, projectId) {
      const params = [projectId, sourceId];
      await sql.write([
        { sql: "UPDATE source SET project_id = ? WHERE id = ?", params },
        { sql: "UPDATE micrograph SET project_id = ? WHERE source_id = ?", params },
      ]);
      access.clear();
    },

    async sourceOptions(id) {
      const row = await one<SourceRow>(`SELECT ${sourceColumns} FROM source WHERE id = ?`, [id]);
      return row && { options: JSON.parse(row.options) as SourceOptions, principalId: row.created_by };
    },

    async listSources(projectId) {
      const rows = await sql.read<SourceRow>(
        `SELECT ${sourceColumns} FROM source WHERE project_id = ? ORDER BY created_at, id`,
        [projectId],
      );
      const members = await sql.read<{ id: string; source_id: string }>(
        "SELECT id, source_id FROM micrograph WHERE project_id = ? ORDER BY ordinal",
        [projectId],
      );
      const bySource = Map.groupBy(members, (m) => m.source_id);
      return rows.map((row) =>
        toSource(
          row,
          (bySource.get(row.id) ?? []).map((m) => m.id),
        ),
      );
    },

    async unsettledSources() {
      const rows = await sql.read<SourceRow>(
        `SELECT ${sourceColumns} FROM source WHERE status IN ('queued', 'running') ORDER BY created_at, id`,
      );
      return rows.map((row) => ({ id: row.id, projectId: row.project_id, principalId: row.created_by }));
    },

    async setSourceStatus(id, status, refusal) {
      await sql.write([
        {
          sql: "UPDATE source SET status = ?, code = ?, reason = ? WHERE id = ?",
          params: [status, refusal?.code ?? null, refusal?.reason ?? null, id],
        },
      ]);
    },

    async tags(micrographId) {
      const row = await one<{ tags: string }>(
        "SELECT source.tags FROM source JOIN micrograph ON micrograph.source_id = source.id WHERE micrograph.id = ?",
        [micrographId],
      );
      return row && JSON.parse(row.tags);
    },

    async describeSource(sourceId, found) {
      const row = await one<SourceRow>(`SELECT ${sourceColumns} FROM source WHERE id = ?`, [sourceId]);
      if (!row) return [];
      const options = JSON.parse(row.options) as SourceOptions;
      const ids = found.micrographs.map(() => createId());
      const inserts = found.micrographs.map(
        (m, ordinal): Statement => ({
          sql: `INSERT INTO micrograph (id, project_id, source_id, ordinal, name, content, calibration, record, signals,
                  status, series_id, state, proposals, suggestions, created_at, created_by)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?)`,
          params: [
            ids[ordinal]!,
            row.project_id,
            sourceId,
            ordinal,
            m.name,
            m.content,
            JSON.stringify(m.calibration),
            JSON.stringify(m.record),
            JSON.stringify(m.signals),
            options.seriesId ?? null,
            options.state ? JSON.stringify(options.state) : null,
            JSON.stringify(m.proposals ?? []),
            JSON.stringify(m.suggestions ?? []),
            row.created_at,
            row.created_by,
          ],
        }),
      );
      await sql.write([
        { sql: "DELETE FROM micrograph WHERE source_id = ?", params: [sourceId] },
        {
          sql: "UPDATE source SET format = ?, others = ?, tags = ? WHERE id = ?",
          params: [found.format, JSON.stringify(found.others), JSON.stringify(found.tags ?? null), sourceId],
          // An erasure may have come meanwhile: then no micrographs of a file that is gone are left behind.
          mustChange: 1,
        },
        ...tagWords.indexing(sourceId, found.tags),
        ...inserts,
      ]);
      return ids;
    },

    isHeld: async (sha256) =>
      (await sql.read("SELECT 1 FROM source WHERE sha256 = ? LIMIT 1", [sha256])).length > 0,

    async micrograph(id) {
      const row = await micrographRow(id);
      return row && toMicrograph(row);
    },

    async listMicrographs(projectId) {
      const rows = await sql.read<MicrographRow>(
        "SELECT * FROM micrograph WHERE project_id = ? ORDER BY created_at, source_id, ordinal",
        [projectId],
      );
      return rows.map(toMicrograph);
    },

    async signals(micrographId) {
      const row = await micrographRow(micrographId);
      return row ? (JSON.parse(row.signals) as SignalRecord[]) : [];
    },

    setSignal: (micrographId, signal) =>
      inTurn(async () => {
        const row = await micrographRow(micrographId);
        if (!row) return;
        const signals = (JSON.parse(row.signals) as SignalRecord[]).map((s) =>
          s.id === signal.id ? signal : s,
        );
        await update(micrographId, "signals = ?", [JSON.stringify(signals)]);
      }),

    setThumbnail: (micrographId, url) => update(micrographId, "thumbnail = ?", [url]),

    addWarnings: (micrographId, warnings) =>
      inTurn(async () => {
        const row = await micrographRow(micrographId);
        if (!row) return;
        const record = JSON.parse(row.record) as MicrographRecord;
        const all = [...new Set([...record.warnings, ...warnings])];
        await update(micrographId, "record = ?", [JSON.stringify({ ...record, warnings: all })]);
      }),

    setMicrographStatus: (id, status, refusal) =>
      update(id, "status = ?, code = ?, reason = ?", [
        status,
        refusal?.code ?? null,
        refusal?.reason ?? null,
      ]),

    // What stood there before is kept where the file said it: files recorded together are known by it.
    setCalibration: (id, calibration) =>
      update(
        id,
        `recorded_calibration = coalesce(recorded_calibration,
           CASE WHEN json_extract(calibration, '$.source.kind') = 'person' THEN NULL ELSE calibration END),
         calibration = ?`,
        [JSON.stringify(calibration)],
      ),

    setWhatDocumentSays: (micrographId, found, tags) =>
      inTurn(async () => {
        const row = await micrographRow(micrographId);
        if (!row) return;
        const record = JSON.parse(row.record) as MicrographRecord;
        const own = JSON.parse(row.calibration) as Calibration;
        const calibration = own.state === "uncalibrated" ? found.calibration : own;
        const typed = Object.entries(record.acquisition).filter(
          ([, value]) => value?.source.kind === "person",
        );
        const acquisition = { ...found.record.acquisition, ...Object.fromEntries(typed) };
        await sql.write([
          {
            sql: "UPDATE source SET tags = ? WHERE id = ?",
            params: [JSON.stringify(tags ?? null), row.source_id],
          },
          ...tagWords.indexing(row.source_id, tags),
          {
            sql: "UPDATE micrograph SET record = ?, calibration = ? WHERE id = ?",
            params: [JSON.stringify({ ...record, acquisition }), JSON.stringify(calibration), micrographId],
          },
        ]);
      }),

    setContent: (id, content) => update(id, "content = ?", [content]),

    async tileAccess(id) {
      const known = access.get(id);
      if (known) return known;
      const row = await micrographRow(id);
      if (!row) return undefined;
      const { width, height, frames } = JSON.parse(row.record) as MicrographRecord;
      const signals = JSON.parse(row.signals) as SignalRecord[];
      const entry: PictureAccess = { projectId: row.project_id, width, height, frames, signals };
      if (access.size >= 4096) access.clear();
      access.set(id, entry);
      return entry;
    },

    ...createSeriesTable(sql),
  };
}
