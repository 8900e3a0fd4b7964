import { bytesChecksum, type Checksum, fits } from "#server/storage/embedded/checksums.ts";
import type { openForReading } from "#server/storage/embedded/connection.ts";
import { unpackSegment } from "#server/storage/embedded/history-segment.ts";
import {
  damageOfState,
  damageOfUpdate,
  lossOfGroup,
  numbersOf,
  type StoredUpdate,
} from "#server/storage/embedded/stored-damage.ts";
import { unfiledUpdates, updatesOfGroup } from "#server/storage/embedded/unfiled-updates.ts";
import { RoomLogCheck } from "#server/sync/room-log-check.ts";

type Reading = ReturnType<typeof openForReading>;

export interface RoomsReport {
  /** One sentence each; none where everything is as it should be. */
  readonly problems: readonly string[];
  readonly rooms: number;
  readonly updates: number;
  /** Updates and whole states of a Lamella that kept no checksums: whether they have changed is not known. */
  readonly withoutChecksum: number;
}

/** A row of the log in the order in which rooms read it: an update (kept: null), a whole state, or a packed one. */
interface Entry extends StoredUpdate {
  readonly kept: number | null;
  readonly packed: 0 | 1;
}

/** Beside the kinds of whole states: one packed for opening, if it is of the room's present epoch. */
const packedKind = 3;

/** Rooms are read in moments of so long: what a running server writes meanwhile is not kept from its place in the file. */
const longestMomentMs = 1_000;

/** Every update of every room against its checksum and against what came before it; every whole state likewise. */
export function checkRooms(database: Reading, momentMs = longestMomentMs): RoomsReport {
  const problems: string[] = [];
  const rooms = database.prepare("SELECT name FROM room ORDER BY name").pluck().all() as string[];
  const entries = database.prepare(entriesOf(database));
  const segments = hasTable(database, "room_segment");
  let [updates, withoutChecksum, momentEndMs] = [0, 0, 0];
  let unfiled: ReturnType<typeof unfiledUpdates> = new Map();
  for (const [n, room] of rooms.entries()) {
    if (performance.now() >= momentEndMs) {
      if (n > 0) database.exec("COMMIT");
      database.exec("BEGIN");
      unfiled = unfiledUpdates((sql) => database.prepare(sql).all());
      if (n === 0) problems.push(...journalFaults(database, rooms));
      momentEndMs = performance.now() + momentMs;
    }
    const check = new RoomLogCheck(room);
    const bytesOf = segments ? segmentReader(database, room) : () => undefined;
    for (const entry of entries.iterate({ room }) as IterableIterator<Entry>) {
      const { seq, kept } = entry;
      if (kept === packedKind) {
        check.packed(seq, entry.bytes);
        continue;
      }
      // What lies in a segment has that one's checksum, too.
      if (entry.checksum === null && entry.packed === 0) withoutChecksum++;
      if (kept !== null) {
        check.changed(damageOfState({ ...entry, kept }));
        check.wholeState(seq, entry.bytes, kept === 2);
        continue;
      }
      updates++;
      const bytes = entry.packed === 1 ? bytesOf(seq) : entry.bytes;
      if (bytes) {
        check.changed(damageOfUpdate({ ...entry, bytes }));
        check.update(seq, bytes);
      } else
        problems.push(`room ${room}: update ${seq} is not in the segment of history that should hold it`);
    }
    for (const { seq, bytes } of unfiled.get(room) ?? []) {
      check.update(seq, bytes);
      updates++;
    }
    problems.push(...check.faults);
  }
  if (rooms.length > 0) database.exec("COMMIT");
  return { problems, rooms: rooms.length, updates, withoutChecksum };
}

/** In the order in which they came; a whole state after the update whose number it bears. */
function entriesOf(database: Reading): string {
  // A backup of an older Lamella has neither all tables nor all columns.
  const column = (table: string, name: string, otherwise: string) =>
    columnsOf(database, table).includes(name) ? name : otherwise;
  const isPacked = column("room_update", "byte_length", "NULL");
  const packed = `UNION ALL SELECT seq, ${packedKind}, 0, NULL, NULL, NULL, NULL, bytes FROM room_packed p
    WHERE p.room = @room AND p.epoch = (SELECT epoch FROM room WHERE name = @room)`;
  return `SELECT seq, NULL AS kept, ${isPacked} IS NOT NULL AS packed, principal_id AS principalId,
      received_at_ms AS receivedAtMs, touched, ${column("room_update", "checksum", "NULL")} AS checksum, bytes
    FROM room_update WHERE room = @room
    UNION ALL SELECT seq, ${column("room_checkpoint", "kept", "0")}, 0, NULL, NULL, NULL,
      ${column("room_checkpoint", "checksum", "NULL")}, bytes
    FROM room_checkpoint WHERE room = @room
    ${hasTable(database, "room_packed") ? packed : ""} ORDER BY seq, kept NULLS FIRST`;
}

/** Groups of updates that are not as they were committed, or cannot be told apart any more. */
function journalFaults(database: Reading, rooms: readonly string[]): string[] {
  const rowsOf = (table: string) =>
    columnsOf(database, table).includes("checksum")
      ? (database
          .prepare(
            `SELECT first_seq AS firstSeq, updates, entries, checksum FROM ${table} ORDER BY first_seq`,
          )
          .all() as { firstSeq: number; updates: number; entries: Buffer; checksum: Checksum }[])
      : [];
  const roomsIn = (entries: Buffer) => {
    const named = rooms.filter((room) => entries.includes(room)).map((room) => `room ${room}`);
    return ` (${named.join(", ") || "of no room that can be told"})`;
  };
  const faults = rowsOf("room_journal_aside").map(
    (row) => `journal: ${lossOfGroup(row, roomsIn(row.entries))}`,
  );
  for (const row of rowsOf("room_journal")) {
    const { firstSeq, updates, entries, checksum } = row;
    if (updatesOfGroup(firstSeq, entries).length !== updates)
      faults.push(`journal: ${lossOfGroup(row, roomsIn(entries))}`);
    else if (!fits(checksum, () => bytesChecksum(entries)))
      faults.push(
        `journal: ${numbersOf(firstSeq, updates)}${roomsIn(entries)} not as written: what was done there may be wrong. Compare it with a backup.`,
      );
  }
  return faults;
}

const columnsOf = (database: Reading, table: string) =>
  (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);

const hasTable = (database: Reading, table: string) => columnsOf(database, table).length > 0;

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
