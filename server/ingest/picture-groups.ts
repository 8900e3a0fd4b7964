import {
  compareRichness,
  isSamePicture,
  mayBeSamePicture,
  type PicturePrint,
  type Richness,
} from "#core/micrograph/same-picture.ts";
import type { SamePictureShape } from "#core/protocol/api/records.ts";
import type { Sql, Statement } from "#server/jobs/sql.ts";
import type { TileAccess } from "#server/tiles/tile-access.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import type { MicrographRecord, SignalRecord } from "./micrograph-rows.ts";
import { takePrint } from "./picture-print.ts";
import { createId } from "./record-id.ts";

/** What is written where nobody but the pixels has decided. */
const byPixels = "pixels";

/** Which micrographs of a project are one picture saved several times. Every file stays; the richest leads. */
export interface PictureGroups {
  /** Looks for other files of this picture, once its tiles are there. A person's decision is never changed. */
  consider(micrographId: string): Promise<void>;
  groups(projectId: string): Promise<SamePictureShape[]>;
  /** A person says that these are one picture; whatever groups they were in become one. */
  join(projectId: string, principalId: string, micrographIds: readonly string[]): Promise<void>;
  /** A person says that this is a picture of its own. */
  part(projectId: string, principalId: string, micrographId: string): Promise<void>;
}

interface OwnRow {
  readonly source_id: string;
  readonly state: string | null;
  readonly picture_by: string | null;
  readonly file_name: string;
}

interface PrintRow {
  readonly micrograph_id: string;
  readonly base_name: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly coarse: Uint8Array;
  readonly picture_id: string | null;
}

interface MemberRow {
  readonly id: string;
  readonly picture_id: string;
  readonly picture_by: string;
  readonly file_name: string;
  readonly record: string;
  readonly signals: string;
  readonly calibration: string;
}

/** @param accessOf grid and derivations of a micrograph */
export function createPictureGroups(
  sql: Sql,
  tiles: TileStore,
  accessOf: (micrographId: string) => Promise<TileAccess | undefined>,
): PictureGroups {
  // One at a time, so that two files that become ready together find each other.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  const detailOf = async (micrographId: string): Promise<Uint8Array> => {
    const query = "SELECT detail FROM picture_print WHERE micrograph_id = ?";
    const [row] = await sql.read<{ detail: Uint8Array }>(query, [micrographId]);
    return row?.detail ?? new Uint8Array(0);
  };

  /** The first other file of the same picture that nobody has set apart, and of which nobody has said another state. */
  const findSame = async (
    projectId: string,
    { source_id: sourceId, state }: OwnRow,
    baseName: string,
    print: PicturePrint,
  ) => {
    const rows = await sql.read<PrintRow>(
      `SELECT p.micrograph_id, p.base_name, p.width, p.height, p.frames, p.coarse, m.picture_id
       FROM picture_print p JOIN micrograph m ON m.id = p.micrograph_id
       WHERE m.project_id = ? AND m.source_id <> ? AND p.frames = ? AND ((p.width = ? AND p.height = ?) OR p.base_name = ?)
         AND (m.picture_by IS NULL OR m.picture_id IS NOT NULL) AND (m.state IS NULL OR ? IS NULL OR m.state = ?)
       ORDER BY m.created_at, m.id`,
      [projectId, sourceId, print.frames, print.width, print.height, baseName, state, state],
    );
    for (const { micrograph_id: id, base_name, picture_id: pictureId, ...other } of rows) {
      const sameName = base_name === baseName;
      if (!mayBeSamePicture(print, other, sameName)) continue;
      if (isSamePicture(print, { ...other, detail: await detailOf(id) }, sameName)) return { id, pictureId };
    }
    return undefined;
  };

  return {
    consider: (micrographId) =>
      inTurn(async () => {
        const access = await accessOf(micrographId);
        const [own] = await sql.read<OwnRow>(
          `SELECT m.source_id, m.state, m.picture_by, s.file_name FROM micrograph m JOIN source s ON s.id = m.source_id
           WHERE m.id = ?`,
          [micrographId],
        );
        const print = access && own && (await takePrint(tiles, access));
        if (!print) return;
        const baseName = baseNameOf(own.file_name);
        const statements: Statement[] = [
          {
            sql: `INSERT INTO picture_print (micrograph_id, width, height, frames, base_name, coarse, detail)
                  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (micrograph_id) DO NOTHING`,
            params: [
              ...[micrographId, print.width, print.height, print.frames, baseName],
              ...[print.coarse, print.detail],
            ],
          },
        ];
        const same =
          own.picture_by === null ? await findSame(access.projectId, own, baseName, print) : undefined;
        if (same) {
          const pictureId = same.pictureId ?? createId();
          statements.push(
            ...[micrographId, same.id].map((id) => ({
              sql: "UPDATE micrograph SET picture_id = ?, picture_by = coalesce(picture_by, ?) WHERE id = ?",
              params: [pictureId, byPixels, id],
            })),
          );
        }
        await sql.write(statements);
      }),

    async groups(projectId) {
      const rows = await sql.read<MemberRow>(
        `SELECT m.id, m.picture_id, m.picture_by, s.file_name, m.record, m.signals, m.calibration
         FROM micrograph m JOIN source s ON s.id = m.source_id
         WHERE m.project_id = ? AND m.picture_id IS NOT NULL ORDER BY m.created_at, m.id`,
        [projectId],
      );
      return [...Map.groupBy(rows, (row) => row.picture_id).values()]
        .filter((members) => members.length > 1)
        .map((members) => {
          const ranked = members
            .map((member) => ({ member, richness: richnessOf(member) }))
            .sort((a, b) => compareRichness(a.richness, b.richness))
            .map(({ member }) => member);
          const person = members.find(({ picture_by }) => picture_by !== byPixels)?.picture_by;
          return {
            leadId: ranked[0]!.id,
            others: ranked.slice(1).map(({ id, file_name }) => ({ micrographId: id, fileName: file_name })),
            decidedBy: person ?? byPixels,
          };
        });
    },

    join: (projectId, principalId, micrographIds) =>
      inTurn(async () => {
        const pictureId = createId();
        const known = await sql.read<{ id: string; picture_id: string | null }>(
          "SELECT id, picture_id FROM micrograph WHERE project_id = ?",
          [projectId],
        );
        const chosen = new Set(micrographIds);
        const pictures = new Set(known.filter(({ id }) => chosen.has(id)).map((row) => row.picture_id));
        const members = known.filter(
          ({ id, picture_id }) => chosen.has(id) || (picture_id !== null && pictures.has(picture_id)),
        );
        await sql.write(
          members.map(({ id }) => ({
            sql: "UPDATE micrograph SET picture_id = ?, picture_by = ? WHERE id = ? AND project_id = ?",
            params: [pictureId, principalId, id, projectId],
          })),
        );
      }),

    part: (projectId, principalId, micrographId) =>
      inTurn(async () => {
        await sql.write([
          {
            sql: "UPDATE micrograph SET picture_id = NULL, picture_by = ? WHERE id = ? AND project_id = ?",
            params: [principalId, micrographId, projectId],
          },
        ]);
      }),
  };
}

/** "Wire 3.ome.TIF" and "wire 3.dm4" are called the same. */
function baseNameOf(fileName: string): string {
  return fileName.replace(/(\.ome)?\.[A-Za-z][A-Za-z0-9]{1,7}(\.gz|\.bz2)?$/i, "").toLowerCase();
}

function richnessOf({ record, signals, calibration }: MemberRow): Richness {
  const { width, height, dtype, flags, acquisition } = JSON.parse(record) as MicrographRecord;
  return {
    calibrated: (JSON.parse(calibration) as { state: string }).state === "calibrated",
    ...flags,
    pixels: width * height,
    bytesPerSample: Number(/\d+/.exec(dtype)?.[0] ?? 8) / 8,
    signals: (JSON.parse(signals) as SignalRecord[]).length,
    known: Object.keys(acquisition).length,
  };
}
