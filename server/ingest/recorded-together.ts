import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import type { Sql } from "#server/jobs/sql.ts";
import type { DocumentLog } from "#server/storage/document-log.ts";
import { companyOf, isDocument, isSeries, seriesNumber } from "./companions.ts";
import { createRowReader, type MicrographRow } from "./micrograph-rows.ts";
import { type Grid, isByPerson, onSameGrid } from "./same-grid.ts";

/** A series that is a signal of a micrograph: of its own, or of the one that leads it. */
export interface SeriesSignal {
  readonly micrograph: Micrograph;
  readonly fileName: string;
  /** Of this signal within the joint micrograph: "0" of the leader, else the number of its series. */
  readonly signal: string;
  readonly title: string;
}

/** Files of one acquisition as one micrograph: the first leads, with its id, room and calibration. */
export type Joint = readonly [leader: SeriesSignal, ...followers: SeriesSignal[]];

/** Which files of a project were recorded together. */
export interface RecordedTogether {
  jointsOf(projectId: string): Promise<readonly Joint[]>;
  /** The joint that a micrograph leads or follows in. */
  jointOf(micrographId: string): Promise<Joint | undefined>;
}

interface PlacedSource {
  readonly id: string;
  readonly fileName: string;
  readonly relativePath: string | undefined;
}

interface DescribedRow extends MicrographRow {
  readonly recorded_calibration: string | null;
  readonly described_by: string | null;
}

interface Member {
  readonly micrograph: Micrograph;
  readonly fileName: string;
  readonly number: number;
  /** With the calibration that the file gave it, whatever people have said since. */
  readonly grid: Grid;
  readonly isDescribed: boolean;
}

/** Their time tags are in whole seconds. */
const oneScanMs = 2_000;

/** What a signal may be called in the address of a tile. */
const highestSignal = 999;

/**
 * The series of a document (TIA's .emi: BF and DF of one acquisition) that were recorded at one moment on one pixel grid are
 * signals of one micrograph.
 * Told from what is in the project at the moment, never written down: files come in any order, leave for the bin and
 * return. The first series leads, or the first that people have worked on; a series with work of its own stays apart,
 * so that no mark is ever hidden.
 *
 * @param log asked whether anybody has worked in a room
 */
export function createRecordedTogether(sql: Sql, log: Pick<DocumentLog, "history">): RecordedTogether {
  const { toMicrograph } = createRowReader(() => undefined);

  const isWorkedOn = async (micrographId: string): Promise<boolean> => {
    for (const kind of ["annotations", "record"] as const) {
      const updates = await log.history(formatRoomName({ kind, micrographId }), 0, 1);
      if (updates.length > 0) return true;
    }
    return false;
  };

  const withAttachments = async (micrographs: readonly string[]): Promise<ReadonlySet<string>> => {
    const rows = await sql.read<{ id: string }>(
      `SELECT DISTINCT on_id AS id FROM attachment WHERE on_type = 'micrograph' AND removed_at IS NULL
         AND on_id IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(micrographs)],
    );
    return new Set(rows.map(({ id }) => id));
  };

  /** Files of documents and series, by company; only those with a document and several series. */
  const companiesOf = async (projectId: string): Promise<PlacedSource[][]> => {
    const files = await sql.read<PlacedSource>(
      `SELECT id, file_name AS fileName, json_extract(options, '$.relativePath') AS relativePath FROM source
       WHERE project_id = ? AND (file_name LIKE '%.emi' OR file_name LIKE '%.ser') ORDER BY created_at, id`,
      [projectId],
    );
    return [...Map.groupBy(files, companyOf)].flatMap(([company, members]) => {
      if (company === undefined || !members.some(isDocument)) return [];
      const series = members.filter(isSeries);
      return new Set(series.map(seriesNumber)).size > 1 ? [series] : [];
    });
  };

  /** By source, its picture, where it is ready and the only one. */
  const picturesOf = async (series: readonly PlacedSource[]): Promise<ReadonlyMap<string, DescribedRow>> => {
    const rows = await sql.read<DescribedRow>(
      "SELECT * FROM micrograph WHERE source_id IN (SELECT value FROM json_each(?))",
      [JSON.stringify(series.map(({ id }) => id))],
    );
    const found = Map.groupBy(rows, (row) => row.source_id);
    return new Map([...found].flatMap(([id, [row, ...more]]) => (more.length === 0 ? [[id, row!]] : [])));
  };

  const join = async (all: readonly Member[], attached: ReadonlySet<string>): Promise<Joint[]> => {
    let members = all;
    const worked = new Set<Member>();
    for (const member of all) {
      const { id } = member.micrograph;
      if (attached.has(id) || (await isWorkedOn(id))) worked.add(member);
    }
    const joints: Joint[] = [];
    while (members.length > 1) {
      const leader = members.find((member) => worked.has(member)) ?? members[0]!;
      const followers = members.filter(
        (one) =>
          one !== leader &&
          !worked.has(one) &&
          isRecordedOn(leader.grid, one.grid) &&
          isRecordedWith(leader.micrograph, one.micrograph) &&
          (!one.isDescribed || saysTheSame(leader.micrograph, one.micrograph)),
      );
      if (followers.length > 0) joints.push(asJoint(leader, followers));
      members = members.filter((one) => one !== leader && !followers.includes(one));
    }
    return joints;
  };

  const jointsAmong = async (companies: readonly (readonly PlacedSource[])[]): Promise<Joint[]> => {
    if (companies.length === 0) return [];
    const pictures = await picturesOf(companies.flat());
    const grouped = companies
      .map((series) => {
        const members = series.flatMap((file) => memberOf(file, pictures.get(file.id)) ?? []);
        // A series that was uploaded again is the same signal once more, not another one.
        return [...Map.groupBy(members, ({ number }) => number).values()].map(([first]) => first!);
      })
      .filter((members) => members.length > 1);
    const attached = await withAttachments(grouped.flat().map(({ micrograph }) => micrograph.id));
    const joints: Joint[] = [];
    for (const members of grouped)
      joints.push(
        ...(await join(
          members.sort((a, b) => a.number - b.number),
          attached,
        )),
      );
    return joints;
  };

  /** A series whose picture can be a signal of another. */
  const memberOf = (file: PlacedSource, row: DescribedRow | undefined): Member | undefined => {
    const number = seriesNumber(file);
    if (row?.status !== "ready" || number < 1 || number > highestSignal) return undefined;
    const micrograph = toMicrograph(row);
    if (micrograph.signals.length !== 1) return undefined;
    const recorded = row.recorded_calibration;
    const grid = recorded ? { ...micrograph, calibration: JSON.parse(recorded) } : micrograph;
    return { micrograph, fileName: file.fileName, number, grid, isDescribed: row.described_by !== null };
  };

  return {
    jointsOf: async (projectId) => jointsAmong(await companiesOf(projectId)),

    async jointOf(micrographId) {
      const [own] = await sql.read<{ id: string; fileName: string; projectId: string }>(
        `SELECT s.id, s.file_name AS fileName, s.project_id AS projectId
         FROM micrograph m JOIN source s ON s.id = m.source_id WHERE m.id = ?`,
        [micrographId],
      );
      if (!own || !isSeries(own)) return undefined;
      const companies = (await companiesOf(own.projectId)).filter((files) =>
        files.some(({ id }) => id === own.id),
      );
      const joints = await jointsAmong(companies);
      return joints.find((joint) => joint.some(({ micrograph }) => micrograph.id === micrographId));
    },
  };
}

/** Of a calibration that a person gave before the file's own was kept, nobody knows what grid it replaced. */
function isRecordedOn(a: Grid, b: Grid): boolean {
  return !isByPerson(a.calibration) && !isByPerson(b.calibration) && onSameGrid(a, b);
}

/** Detectors of one scan end at one moment; a document may also keep pictures that were taken one after the other. */
function isRecordedWith(a: Micrograph, b: Micrograph): boolean {
  const [at, other] = [a, b].map(({ acquisition }) => Date.parse(String(acquisition["acquiredAt"]?.value)));
  return Number.isNaN(at) || Number.isNaN(other) || Math.abs(at! - other!) <= oneScanMs;
}

/** What people said of both before they were joined. */
function saysTheSame(a: Micrograph, b: Micrograph): boolean {
  const said = ({ specimenId, sessionId, seriesId, state }: Micrograph) =>
    JSON.stringify([specimenId, sessionId, seriesId, state]);
  return said(a) === said(b);
}

function asJoint(leader: Member, followers: readonly Member[]): Joint {
  const titles = [leader, ...followers].map(titleOf);
  const named = ({ micrograph, fileName, number }: Member, signal: string): SeriesSignal => {
    const title = titleOf({ micrograph, number });
    const isOnly = titles.filter((other) => other === title).length === 1;
    return { micrograph, fileName, signal, title: isOnly ? title : `${title}, series ${number}` };
  };
  return [named(leader, "0"), ...followers.map((one) => named(one, String(one.number)))];
}

/** The detector where the document names one. */
function titleOf({ micrograph, number }: Pick<Member, "micrograph" | "number">): string {
  return String(micrograph.acquisition["detector"]?.value ?? `Series ${number}`);
}
