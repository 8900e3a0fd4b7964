import { stat } from "node:fs/promises";
import { DomainError } from "#core/errors/domain-error.ts";
import type { Source } from "#core/protocol/api/shapes.ts";
import type { Sql } from "#server/jobs/sql.ts";
import { hashFile } from "./receive-file.ts";

export class OriginalError extends DomainError<"missing" | "changed-original"> {}

/** A file's size and time: while both stay, its bytes are taken to be those whose hash is known. */
export interface Sighting {
  readonly bytes: number;
  readonly modifiedMs: number;
}

export type OriginalState = "present" | "changed" | "missing";

/** Where an original is that was not copied, and how it was found there when somebody last looked. */
export interface PlaceRecord extends Sighting {
  readonly path: string;
  readonly state: OriginalState;
  readonly checkedAt: string;
  /** What lies there instead, once its bytes were found to be others: they are not hashed at every look. */
  readonly other?: Sighting;
}

/** Originals that stay where they are. They are read, never written; each is looked at before anything is made from it. */
export interface OriginalsInPlace {
  /**
   * A file with these bytes; undefined where no source of them is in place.
   * @throws OriginalError missing, changed-original
   */
  locate(sha256: string): Promise<PlaceRecord | undefined>;
  /** Looks at a source's file now and remembers what it found; undefined where the source is not in place. */
  check(sourceId: string): Promise<PlaceRecord | undefined>;
  /** Looks at all of a project's, at most every half minute; nobody waits for it: a drive may hang. */
  lookAround(projectId: string): void;
}

interface PlaceRow {
  readonly id: string;
  readonly sha256: string;
  readonly in_place: string;
}

const lookAgainMs = 30_000;

export function createOriginalsInPlace(sql: Sql): OriginalsInPlace {
  const looked = new Map<string, number>();

  const inspect = async ({ id, sha256, in_place }: PlaceRow): Promise<PlaceRecord> => {
    const known = JSON.parse(in_place) as PlaceRecord;
    const found = await inspectPlace(known, sha256);
    const after = { ...found, checkedAt: new Date().toISOString() };
    if (after.state !== known.state || after.modifiedMs !== known.modifiedMs || after.other !== known.other)
      await sql.write([
        { sql: "UPDATE source SET in_place = ? WHERE id = ?", params: [JSON.stringify(after), id] },
      ]);
    return after;
  };

  return {
    async locate(sha256) {
      const rows = await sql.read<PlaceRow>(
        "SELECT id, sha256, in_place FROM source WHERE sha256 = ? AND in_place IS NOT NULL ORDER BY created_at",
        [sha256],
      );
      let away: PlaceRecord | undefined;
      for (const row of rows) {
        const place = await inspect(row);
        if (place.state === "present") return place;
        away ??= place;
      }
      if (away) throw refusalOf(away);
      return undefined;
    },

    async check(sourceId) {
      const [row] = await sql.read<PlaceRow>(
        "SELECT id, sha256, in_place FROM source WHERE id = ? AND in_place IS NOT NULL",
        [sourceId],
      );
      return row && inspect(row);
    },

    lookAround(projectId) {
      const now = Date.now();
      if ((looked.get(projectId) ?? 0) > now - lookAgainMs) return;
      looked.set(projectId, now);
      void (async () => {
        const rows = await sql.read<PlaceRow>(
          "SELECT id, sha256, in_place FROM source WHERE project_id = ? AND in_place IS NOT NULL",
          [projectId],
        );
        for (const row of rows) await inspect(row);
      })().catch(() => undefined); // Looked at again in half a minute; whoever needs the file is told why not.
    },
  };
}

/** How a place looks now. A file whose time alone has changed is hashed: it may have been copied back from a backup. */
async function inspectPlace(known: PlaceRecord, sha256: string): Promise<PlaceRecord> {
  const { other, ...place } = known;
  const now = await sightingOf(known.path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (!now) return { ...place, state: "missing" };
  if (sameSighting(now, known)) return { ...place, state: "present" };
  if (other && sameSighting(now, other)) return { ...known, state: "changed" };
  if (now.bytes === known.bytes && (await hashFile(known.path)) === sha256)
    return { ...place, modifiedMs: now.modifiedMs, state: "present" };
  return { ...place, state: "changed", other: now };
}

/** @throws OriginalError changed-original, missing where the file is not as it was found */
export async function requireUnchanged(place: PlaceRecord): Promise<void> {
  const now = await sightingOf(place.path).catch(() => undefined);
  if (!now) throw refusalOf({ ...place, state: "missing" });
  if (!sameSighting(now, place)) throw refusalOf({ ...place, state: "changed" });
}

/** Says why an original cannot be used, without the folder: whoever may know the path sees it with the source. */
export function refusalOf({ state }: PlaceRecord): OriginalError {
  return state === "missing"
    ? new OriginalError(
        "missing",
        "The original is referenced in place and is not there any more. Put it back where it was, or connect the drive; it is looked for again whenever it is needed.",
      )
    : new OriginalError(
        "changed-original",
        "The original is referenced in place and its bytes have changed since it was read. Nothing more is made from it: put the former file back, or add the new one as a micrograph of its own.",
      );
}

export async function sightingOf(path: string): Promise<Sighting> {
  const { size, mtimeMs } = await stat(path);
  return { bytes: size, modifiedMs: mtimeMs };
}

export function sameSighting(a: Sighting, b: Sighting): boolean {
  return a.bytes === b.bytes && a.modifiedMs === b.modifiedMs;
}

/** The place as a source shows it; the path only to whoever may know it. */
export function shownPlace(inPlace: string | null): NonNullable<Source["place"]> | null {
  if (inPlace === null) return null;
  const { state, checkedAt, path } = JSON.parse(inPlace) as PlaceRecord;
  return { state, checkedAt, path };
}
