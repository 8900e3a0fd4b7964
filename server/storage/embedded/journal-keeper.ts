import type Database from "better-sqlite3";
import { bytesChecksum, type Checksum, fits } from "./checksums.ts";
import { RunsInFiling } from "./runs-in-filing.ts";
import { updatesOfGroup } from "./unfiled-updates.ts";
import { type JournalRun, readRuns } from "./update-journal.ts";
import { insertRunSql, runValues } from "./update-run.ts";

/** What became of a group: which of its batches belong to an epoch that is over, and where the others begin. */
export interface Appended {
  readonly firstSeq: number;
  readonly refused: readonly number[];
}

interface KeptGroup {
  readonly firstSeq: number;
  readonly updates: number;
  readonly entries: Uint8Array;
  readonly checksum: Checksum;
}

const maxRowBytes = 64 * 1024 * 1024;

/**
 * The journal's side of the writer thread. A group of updates goes into `room_journal` as it comes: one row, whatever
 * number of rooms it touches. Later its updates are filed in `room_run`, by room: thousands at once, so that those of a
 * room become one row, and an index page is written once for many rows.
 */
export class JournalKeeper {
  /** Updates that are on disk and not yet filed, and the bytes of their groups. */
  unfiled = 0;
  unfiledBytes = 0;
  readonly #database: Database.Database;
  readonly #epochOf: Database.Statement;
  readonly #bind: Database.Statement;
  readonly #insertGroup: Database.Statement;
  readonly #groups: Database.Statement;
  readonly #insertRun: Database.Statement;
  readonly #noteNext: Database.Statement;
  readonly #setAside: Database.Statement;
  readonly #clear: Database.Statement;
  #nextSeq = 1;
  readonly #epochs = new Map<string, string | undefined>();

  constructor(database: Database.Database) {
    this.#database = database;
    this.#epochOf = database.prepare("SELECT epoch FROM room WHERE name = ?").pluck();
    this.#bind = database.prepare(
      "INSERT OR IGNORE INTO room_client (room, client_id, principal_id) VALUES (?, ?, ?)",
    );
    this.#insertGroup = database.prepare(
      "INSERT INTO room_journal (first_seq, updates, entries, checksum) VALUES (?, ?, ?, ?)",
    );
    this.#groups = database.prepare(
      "SELECT first_seq AS firstSeq, updates, entries, checksum FROM room_journal ORDER BY first_seq",
    );
    this.#insertRun = database.prepare(insertRunSql);
    this.#noteNext = database.prepare("UPDATE room_sequence SET next_seq = ?");
    this.#setAside = database.prepare(
      `INSERT INTO room_journal_aside (first_seq, updates, entries, checksum)
       SELECT first_seq, updates, entries, checksum FROM room_journal WHERE first_seq = ?`,
    );
    this.#clear = database.prepare("DELETE FROM room_journal");
    this.reload();
  }

  /** Begin from what is on disk: at the start, and when a transaction was rolled back. */
  reload(): void {
    this.#epochs.clear();
    const { seq, unfiled, unfiledBytes } = this.#database
      .prepare(
        `SELECT max((SELECT next_seq FROM room_sequence),
                    (SELECT coalesce(max(first_seq + updates), 1) FROM room_journal),
                    (SELECT coalesce(max(first_seq + updates), 1) FROM room_journal_aside)) AS seq,
                (SELECT coalesce(sum(updates), 0) FROM room_journal) AS unfiled,
                (SELECT coalesce(sum(length(entries)), 0) FROM room_journal) AS unfiledBytes`,
      )
      .get() as { seq: number; unfiled: number; unfiledBytes: number };
    this.#nextSeq = seq;
    this.unfiled = unfiled;
    this.unfiledBytes = unfiledBytes;
  }

  /** Other statements may have begun a new epoch, or erased a room. */
  forgetEpochs(): void {
    this.#epochs.clear();
  }

  /** Take a group in, inside the caller's transaction. A batch with a run of another epoch is left out as a whole. */
  append(group: Uint8Array): Appended {
    const runs = readRuns(group);
    const refused = new Set<number>();
    for (const { batch, room, epoch } of runs) if (this.#epoch(room) !== epoch) refused.add(batch);
    const taken = refused.size === 0 ? runs : runs.filter(({ batch }) => !refused.has(batch));
    const firstSeq = this.#nextSeq;
    for (const run of taken)
      for (const { clientId, principalId } of run.bindings) this.#bind.run(run.room, clientId, principalId);
    for (const { entries, updates } of rowsOf(group, taken, refused.size === 0)) {
      this.#insertGroup.run(this.#nextSeq, updates, entries, bytesChecksum(entries));
      this.#nextSeq += updates;
      this.unfiled += updates;
      this.unfiledBytes += entries.length;
    }
    return { firstSeq, refused: [...refused] };
  }

  /** File all that is in the journal, inside the caller's transaction. */
  file(): void {
    if (this.unfiled === 0) return;
    const runs = new RunsInFiling();
    // Read whole before anything is written: a connection that iterates cannot write.
    for (const group of this.#groups.all() as KeptGroup[])
      if (fits(group.checksum, () => bytesChecksum(group.entries))) runs.take(group, true);
      else this.#takeChanged(runs, group);
    for (const run of runs.end()) this.#insertRun.run(...runValues(run));
    this.#clear.run();
    this.#noteNext.run(this.#nextSeq);
    this.unfiled = this.unfiledBytes = 0;
  }

  /** A bit of it has turned: what can be read is filed, marked so; else it is set aside, and holds up no room. */
  #takeChanged(runs: RunsInFiling, group: KeptGroup): void {
    const read = updatesOfGroup(group.firstSeq, group.entries);
    const isRead = read.length === group.updates && read.every(({ room }) => this.#epoch(room) !== undefined);
    if (isRead) runs.take(group, false);
    else this.#setAside.run(group.firstSeq);
  }

  #epoch(room: string): string | undefined {
    if (this.#epochs.has(room)) return this.#epochs.get(room);
    const epoch = this.#epochOf.get(room) as string | undefined;
    this.#epochs.set(room, epoch);
    return epoch;
  }
}

/** The rows that runs make: one, unless they are very many bytes. */
function rowsOf(group: Uint8Array, runs: readonly JournalRun[], isWhole: boolean) {
  if (runs.length === 0) return [];
  if (isWhole && group.length < maxRowBytes)
    return [{ entries: group, updates: runs.reduce((sum, run) => sum + run.updates, 0) }];
  const rows: { entries: Uint8Array; updates: number }[] = [];
  let [parts, bytes, updates]: [Uint8Array[], number, number] = [[], 0, 0];
  for (const [i, run] of runs.entries()) {
    parts.push(group.subarray(run.start, run.end));
    bytes += run.end - run.start;
    updates += run.updates;
    if (bytes < maxRowBytes && i < runs.length - 1) continue;
    rows.push({ entries: Buffer.concat(parts), updates });
    [parts, bytes, updates] = [[], 0, 0];
  }
  return rows;
}
