import type Database from "better-sqlite3";
import { type OldUpdate, oldHistory } from "./old-history.ts";
import {
  insertRunSql,
  mostInNewRun,
  mostInPackedRun,
  type NewRun,
  packRunAtOnce,
  RunBuilder,
  runValues,
} from "./update-run.ts";

/** Make runs of the rows and segments in which an older store holds its history, and drop those. */
export function carryOverHistory(database: Database.Database): void {
  const updatesOf = oldHistory(database);
  const insert = database.prepare(insertRunSql);
  const rooms = database.prepare("SELECT name FROM room ORDER BY name").pluck().all() as string[];
  for (const room of rooms) for (const run of runsOf(room, updatesOf(room))) insert.run(...runValues(run));
  database.exec("DROP TABLE room_update; DROP TABLE room_segment");
}

/** Runs of one epoch, what was packed packed again. */
function* runsOf(room: string, updates: Iterable<OldUpdate>): Generator<NewRun> {
  let open: { readonly run: RunBuilder; readonly isPacked: boolean } | null = null;
  const ended = ({ run, isPacked }: NonNullable<typeof open>) =>
    isPacked ? packRunAtOnce(run.end()) : run.end();
  for (const update of updates) {
    const { epoch, isPacked, entry } = update;
    const goesOn =
      open && open.run.epoch === epoch && open.isPacked === isPacked && open.run.hasRoomFor(entry.length);
    if (open && !goesOn) {
      yield ended(open);
      open = null;
    }
    open ??= { run: new RunBuilder(room, epoch, isPacked ? mostInPackedRun : mostInNewRun), isPacked };
    open.run.add(update);
  }
  if (open) yield ended(open);
}
