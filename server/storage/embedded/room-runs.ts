import { StorageError } from "../storage-error.ts";
import type { SqlValue } from "./statement.ts";
import { lossOfRun } from "./stored-damage.ts";
import { readRun, runColumns, type StoredRun, type StoredUpdate } from "./update-run.ts";

/** Runs are read few at a time: packed ones are megabytes. */
const runsAtOnce = 8;

/** Which end of a room's history comes first. */
type End = "oldest" | "latest";

/** Reads the updates of rooms from `room_run`, as far as they are filed. */
export class RoomRuns {
  readonly #read: <Row>(sql: string, params?: readonly SqlValue[]) => Row[];

  constructor(read: <Row>(sql: string, params?: readonly SqlValue[]) => Row[]) {
    this.#read = read;
  }

  /** Updates in (afterSeq, toSeq], oldest first. @throws StorageError "broken" where one of them is lost */
  updates(room: string, afterSeq: number, toSeq: number): StoredUpdate[] {
    const { updates, losses } = this.whatIsLeft(room, afterSeq, toSeq);
    if (losses.length > 0) throw new StorageError("broken", `Room ${room}: ${losses.join(" ")}`);
    return updates;
  }

  /** The same without those that are lost, and a sentence on each run that lost some. */
  whatIsLeft(
    room: string,
    afterSeq: number,
    toSeq = Number.MAX_SAFE_INTEGER,
  ): { readonly updates: StoredUpdate[]; readonly losses: readonly string[] } {
    const updates: StoredUpdate[] = [];
    const losses: string[] = [];
    for (const run of this.#runs(room, afterSeq, toSeq, "oldest")) {
      const { updates: read, lost } = readRun(run);
      for (const update of read) if (update.seq > afterSeq && update.seq <= toSeq) updates.push(update);
      const loss = lossOfRun(run, lost);
      if (loss) losses.push(loss);
    }
    return { updates, losses };
  }

  /** Those in (afterSeq, beforeSeq) that can be read, as long as somebody asks for more. */
  *each(room: string, afterSeq: number, beforeSeq: number, first: End): Generator<StoredUpdate> {
    for (const run of this.#runs(room, afterSeq, beforeSeq - 1, first)) {
      const { updates } = readRun(run);
      if (first === "latest") updates.reverse();
      for (const update of updates) if (update.seq > afterSeq && update.seq < beforeSeq) yield update;
    }
  }

  /** @throws StorageError "broken" where it may be among the lost */
  has(room: string, seq: number): boolean {
    return this.updates(room, seq - 1, seq).length > 0;
  }

  /** 0 where none is filed. */
  lastSeq(room: string): number {
    const [row] = this.#read<{ seq: number | null }>(
      "SELECT max(last_seq) AS seq FROM room_run WHERE room = ?",
      [room],
    );
    return row?.seq ?? 0;
  }

  /** Whether what came after it has been packed: then it lies long ago. */
  isPackedAfter(room: string, seq: number): boolean {
    return (
      this.#read("SELECT 1 FROM room_run WHERE room = ? AND last_seq > ? AND packed = 1 LIMIT 1", [room, seq])
        .length > 0
    );
  }

  /** What holds updates of (afterSeq, toSeq], from one end to the other; it may be packed meanwhile. */
  *#runs(room: string, afterSeq: number, toSeq: number, first: End): Generator<StoredRun> {
    for (let [after, to] = [afterSeq, toSeq]; ; ) {
      const runs = this.#read<StoredRun>(
        `SELECT ${runColumns} FROM room_run WHERE room = ? AND last_seq > ? AND first_seq <= ?
         ORDER BY last_seq ${first === "latest" ? "DESC" : ""} LIMIT ${runsAtOnce}`,
        [room, after, to],
      );
      yield* runs;
      if (runs.length < runsAtOnce) return;
      if (first === "latest") to = runs.at(-1)!.firstSeq - 1;
      else after = runs.at(-1)!.lastSeq;
    }
  }
}
