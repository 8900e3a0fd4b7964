import type Database from "better-sqlite3";
import {
  insertRunSql,
  mostInNewRun,
  RunBuilder,
  readRun,
  runColumns,
  runValues,
  type StoredRun,
  type StoredUpdate,
} from "#server/storage/embedded/update-run.ts";

/** Filed updates of all rooms, in order. */
export function storedUpdates(database: Database.Database): StoredUpdate[] {
  const runs = database.prepare(`SELECT ${runColumns} FROM room_run`).all() as StoredRun[];
  return runs.flatMap((run) => readRun(run).updates).sort((a, b) => a.seq - b.seq);
}

/**
 * Change a filed update behind the program's back, as a failing disk does.
 * @param change writes into it; or says that it is to be taken out
 */
export function changeUpdate(
  database: Database.Database,
  seq: number,
  change: (update: StoredUpdate) => "take out" | undefined,
): void {
  const find = database.prepare(
    `SELECT ${runColumns}, id FROM room_run WHERE first_seq <= ? AND last_seq >= ?`,
  );
  for (const row of find.all(seq, seq)) {
    const run = row as StoredRun & { readonly id: number };
    const { updates } = readRun(run);
    const update = updates.find((one) => one.seq === seq);
    if (!update) continue;
    if (change(update) === undefined) {
      database.prepare("UPDATE room_run SET bytes = ? WHERE id = ?").run(run.bytes, run.id);
      return;
    }
    database.prepare("DELETE FROM room_run WHERE id = ?").run(run.id);
    const left = updates.filter((one) => one !== update);
    const again = new RunBuilder(run.room, run.epoch, mostInNewRun);
    for (const one of left) again.add(one);
    if (left.length > 0) database.prepare(insertRunSql).run(...runValues(again.end()));
    return;
  }
  throw new Error(`no run holds update ${seq}`);
}
