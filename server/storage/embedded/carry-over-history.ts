import type Database from "better-sqlite3";
import { type OldUpdate, oldHistory } from "./old-history.ts";
import {
  insertRunSql,
  makeRun,
  mostInNewRun,
  mostInPackedRun,
  packRunAtOnce,
  runValues,
} from "./update-run.ts";

/** Make runs of the rows and segments in which an older store holds its history, and drop those. */
export function carryOverHistory(database: Database.Database): void {
  const updatesOf = oldHistory(database);
  const insert = database.prepare(insertRunSql);
  const rooms = database.prepare("SELECT name FROM room ORDER BY name").pluck().all() as string[];
  for (const room of rooms)
    for (const updates of runsOf(updatesOf(room))) {
      const run = makeRun(room, updates[0]!.epoch, updates);
      insert.run(...runValues(updates[0]!.isPacked ? packRunAtOnce(run) : run));
    }
  database.exec("DROP TABLE room_update; DROP TABLE room_segment");
}

/** Updates that become one run: of one epoch, all packed or none, and not too many. */
function* runsOf(updates: Iterable<OldUpdate>): Generator<readonly OldUpdate[]> {
  let run: OldUpdate[] = [];
  let bytes = 0;
  for (const update of updates) {
    const [first] = run;
    const most = update.isPacked ? mostInPackedRun : mostInNewRun;
    const isFull = run.length === most.updates || bytes + update.entry.length > most.bytes;
    if (first && (isFull || first.epoch !== update.epoch || first.isPacked !== update.isPacked)) {
      yield run;
      [run, bytes] = [[], 0];
    }
    run.push(update);
    bytes += update.entry.length;
  }
  if (run.length > 0) yield run;
}
