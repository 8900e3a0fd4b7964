import { existsSync } from "node:fs";
import { join } from "node:path";
import { openForReading } from "#server/storage/embedded/connection.ts";
import { unpackSegment } from "#server/storage/embedded/history-segment.ts";
import { unfiledUpdates } from "#server/storage/embedded/unfiled-updates.ts";
import { requireKnownStore } from "#server/store-tables.ts";
import { RoomLogCheck } from "#server/sync/room-log-check.ts";
import { BackupError } from "./backup-error.ts";
import { readManifest } from "./backup-manifest.ts";
import { filesBelow, hashFile } from "./hashed-files.ts";

type Reading = ReturnType<typeof openForReading>;

export interface VerifyReport {
  /** One sentence each; none where everything is as it should be. */
  readonly problems: readonly string[];
  readonly rooms: number;
  readonly updates: number;
  readonly originals: number;
  readonly bytes: number;
}

/**
 * Read everything that must last and say what is not as it should be: the database's own structure, every update of every
 * room, every original against its hash. Works beside a running server, and on a backup's folder, where every file is
 * checked against the manifest. Changes nothing.
 *
 * @throws BackupError "no-store"; StorageError "newer" where a newer Lamella wrote it, which knows what this one cannot check
 */
export async function verifyStore(folder: string): Promise<VerifyReport> {
  const databasePath = join(folder, "lamella.sqlite");
  if (!existsSync(databasePath)) {
    throw new BackupError(
      "no-store",
      `There is no Lamella in ${folder}. Name its data folder with --data DIR.`,
      {
        folder,
      },
    );
  }
  const problems: string[] = [];
  const database = openForReading(databasePath);
  try {
    // One moment for all that follows.
    database.exec("BEGIN");
    problems.push(...structureFaults(database));
    if (problems.length === 0) requireKnownStore(database);
    const logs = problems.length === 0 ? checkRooms(database, problems) : { rooms: 0, updates: 0 };
    const known = problems.length === 0 ? originalsOf(database) : [];
    const files = await checkOriginals(folder, known, problems);
    if (existsSync(join(folder, "manifest.json"))) await checkManifest(folder, problems);
    return { problems, ...logs, ...files };
  } finally {
    database.close();
  }
}

function structureFaults(database: Reading): string[] {
  const faults: string[] = [];
  try {
    for (const { integrity_check } of database.pragma("integrity_check") as { integrity_check: string }[])
      if (integrity_check !== "ok") faults.push(`database: ${integrity_check}`);
    for (const { table, rowid, parent } of database.pragma("foreign_key_check") as Record<string, unknown>[])
      faults.push(`database: row ${rowid} of ${table} refers to a row of ${parent} that is not there`);
  } catch (cause) {
    faults.push(`database: cannot be read (${(cause as Error).message})`);
  }
  return faults;
}

/** Beside the kinds of whole states: one packed for opening, if it is of the room's present epoch. */
const packedKind = 3;
const packedEntries = `UNION ALL SELECT seq, ${packedKind}, 0, bytes FROM room_packed p
  WHERE p.room = @room AND p.epoch = (SELECT epoch FROM room WHERE name = @room)`;

function checkRooms(database: Reading, problems: string[]): { rooms: number; updates: number } {
  const rooms = database.prepare("SELECT name FROM room ORDER BY name").pluck().all() as string[];
  // A backup of an older Lamella has neither.
  const hasTable = (table: string) => (database.pragma(`table_info(${table})`) as unknown[]).length > 0;
  const hasSegments = hasTable("room_segment");
  const packed = hasSegments ? "byte_length IS NOT NULL" : "0";
  // In the order in which they came; a whole state after the update whose number it bears.
  const entries = database.prepare(
    `SELECT seq, NULL AS kept, ${packed} AS packed, bytes FROM room_update WHERE room = @room
     UNION ALL SELECT seq, kept, 0, bytes FROM room_checkpoint WHERE room = @room
     ${hasTable("room_packed") ? packedEntries : ""} ORDER BY seq, kept NULLS FIRST`,
  );
  const unfiled = unfiledUpdates((sql) => database.prepare(sql).all());
  let updates = 0;
  for (const room of rooms) {
    const check = new RoomLogCheck(room);
    const bytesOf = hasSegments ? segmentReader(database, room) : () => undefined;
    for (const row of entries.iterate({ room })) {
      const entry = row as { seq: number; kept: number | null; packed: 0 | 1; bytes: Uint8Array };
      const { seq, kept } = entry;
      if (kept === packedKind) {
        check.packed(seq, entry.bytes);
        continue;
      }
      if (kept !== null) {
        check.wholeState(seq, entry.bytes, kept === 2);
        continue;
      }
      updates++;
      const bytes = entry.packed === 1 ? bytesOf(seq) : entry.bytes;
      if (bytes) check.update(seq, bytes);
      else problems.push(`room ${room}: update ${seq} is not in the segment of history that should hold it`);
    }
    for (const { seq, bytes } of unfiled.get(room) ?? []) {
      check.update(seq, bytes);
      updates++;
    }
    problems.push(...check.faults);
  }
  return { rooms: rooms.length, updates };
}

/** Bytes of a room's packed updates, asked for in rising order; undefined where a segment does not have them. */
function segmentReader(database: Reading, room: string): (seq: number) => Uint8Array | undefined {
  const find = database
    .prepare("SELECT bytes FROM room_segment WHERE room = ? AND first_seq <= ? AND last_seq >= ?")
    .pluck();
  let open: ReadonlyMap<number, Uint8Array> = new Map();
  return (seq) => {
    if (open.has(seq)) return open.get(seq);
    const segment = find.get(room, seq, seq) as Uint8Array | undefined;
    try {
      open = segment ? unpackSegment(segment) : new Map();
    } catch {
      open = new Map();
    }
    return open.get(seq);
  };
}

/** Hashes of the files that must be here, with the name of one each: originals that were copied, and attachments. */
function originalsOf(database: Reading): { sha256: string; name: string }[] {
  const columnsOf = (table: string) =>
    (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
  const ofSource = columnsOf("source");
  if (ofSource.length === 0) return [];
  // A backup of an older Lamella knows no originals that stay in place, and no attachments.
  const copied = ofSource.includes("in_place") ? "AND in_place IS NULL" : "";
  const sources = `SELECT sha256, file_name FROM source WHERE sha256 IS NOT NULL ${copied}`;
  const attached =
    columnsOf("attachment").length > 0 ? "UNION ALL SELECT sha256, file_name FROM attachment" : "";
  return database
    .prepare(`SELECT sha256, min(file_name) AS name FROM (${sources} ${attached}) GROUP BY sha256`)
    .all() as { sha256: string; name: string }[];
}

async function checkOriginals(
  folder: string,
  known: readonly { readonly sha256: string; readonly name: string }[],
  problems: string[],
): Promise<{ originals: number; bytes: number }> {
  const names = new Map(known.map(({ sha256, name }) => [sha256, name]));
  const root = join(folder, "blobs", "originals");
  const present = await filesBelow(root);
  let bytes = 0;
  for (const file of present) {
    const hashed = await hashFile(join(root, file));
    bytes += hashed.bytes;
    if (hashed.sha256 !== file) {
      const name = names.get(file);
      problems.push(
        `original ${file}${name === undefined ? "" : ` ("${name}")`}: its bytes have changed (SHA-256 is now ${hashed.sha256}). Take it from a backup.`,
      );
    }
  }
  const there = new Set(present);
  for (const { sha256, name } of known)
    if (!there.has(sha256))
      problems.push(`original ${sha256} ("${name}"): is missing. Take it from a backup.`);
  return { originals: present.length, bytes };
}

async function checkManifest(folder: string, problems: string[]): Promise<void> {
  for (const { path, sha256 } of (await readManifest(folder)).files) {
    // Originals were read already.
    if (path.startsWith("blobs/originals/")) continue;
    const hashed = await hashFile(join(folder, path)).catch(() => undefined);
    if (hashed?.sha256 !== sha256)
      problems.push(`${path}: ${hashed ? "is not what the backup's manifest says" : "is missing"}.`);
  }
}
