import { bytesChecksum, type Checksum, fits, placeChecksum } from "#server/storage/embedded/checksums.ts";
import type { openForReading } from "#server/storage/embedded/connection.ts";
import { oldHistory } from "#server/storage/embedded/old-history.ts";
import {
  damageOfState,
  damageOfUpdate,
  lossOfGroup,
  lossOfRun,
  numbersOf,
  type StoredState,
} from "#server/storage/embedded/stored-damage.ts";
import { unfiledUpdates, updatesOfGroup } from "#server/storage/embedded/unfiled-updates.ts";
import {
  readRun,
  runColumns,
  type StoredRun,
  type StoredUpdate,
  storedUpdate,
} from "#server/storage/embedded/update-run.ts";
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

/** Beside the kinds of whole states: one packed for opening, if it is of the room's present epoch. */
const packedKind = 3;

/** Rooms are read in moments of so long: what a running server writes meanwhile is not kept from its place in the file. */
const longestMomentMs = 1_000;

/** Every update of every room against its checksum and against what came before it; every whole state likewise. */
export function checkRooms(database: Reading, momentMs = longestMomentMs): RoomsReport {
  const problems: string[] = [];
  const rooms = database.prepare("SELECT name FROM room ORDER BY name").pluck().all() as string[];
  const states = database.prepare(statesOf(database));
  const updatesOf = hasTable(database, "room_run") ? updatesOfRuns(database) : updatesOfOldRows(database);
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
    const waiting = states.iterate({ room }) as IterableIterator<StoredState>;
    let state = waiting.next();
    // A whole state comes after the update whose number it bears.
    const statesUpTo = (seq: number) => {
      for (; !state.done && state.value.seq <= seq; state = waiting.next()) {
        const { value } = state;
        if (value.kept === packedKind) check.packed(value.seq, value.bytes);
        else {
          if (value.checksum === null) withoutChecksum++;
          check.changed(damageOfState(value));
          check.wholeState(value.seq, value.bytes, value.kept === 2);
        }
      }
    };
    for (const update of updatesOf(room, (loss) => check.changed(loss))) {
      statesUpTo(update.seq - 1);
      updates++;
      if (update.checksum === null) withoutChecksum++;
      check.changed(damageOfUpdate(update));
      check.update(update.seq, update.bytes);
    }
    statesUpTo(Number.MAX_SAFE_INTEGER);
    for (const { seq, bytes } of unfiled.get(room) ?? []) {
      check.update(seq, bytes);
      updates++;
    }
    problems.push(...check.faults);
  }
  if (rooms.length > 0) database.exec("COMMIT");
  return { problems, rooms: rooms.length, updates, withoutChecksum };
}

/** The updates of a room in order; what is lost of it is told where it belongs. */
type UpdatesOf = (room: string, lose: (what: string | undefined) => void) => Generator<StoredUpdate>;

function updatesOfRuns(database: Reading): UpdatesOf {
  const runs = database.prepare(`SELECT ${runColumns} FROM room_run WHERE room = ? ORDER BY last_seq`);
  return function* (room, lose) {
    for (const run of runs.iterate(room) as IterableIterator<StoredRun>) {
      const { updates, lost } = readRun(run);
      lose(lossOfRun(run, lost));
      yield* updates;
    }
  };
}

/** Of a store, or a backup, that an older Lamella wrote. */
function updatesOfOldRows(database: Reading): UpdatesOf {
  const updatesOf = oldHistory(database);
  return function* (room) {
    for (const update of updatesOf(room))
      yield storedUpdate(update.epoch, placeChecksum(room, update.epoch), update);
  };
}

/** Whole states of a room, and the packed one of its present epoch, in order. */
function statesOf(database: Reading): string {
  // A backup of an older Lamella has neither all tables nor all columns.
  const column = (name: string, otherwise: string) =>
    columnsOf(database, "room_checkpoint").includes(name) ? name : otherwise;
  const packed = `UNION ALL SELECT seq, ${packedKind}, NULL, bytes FROM room_packed p
    WHERE p.room = @room AND p.epoch = (SELECT epoch FROM room WHERE name = @room)`;
  return `SELECT seq, ${column("kept", "0")} AS kept, ${column("checksum", "NULL")} AS checksum, bytes
    FROM room_checkpoint WHERE room = @room
    ${hasTable(database, "room_packed") ? packed : ""} ORDER BY seq, kept`;
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
