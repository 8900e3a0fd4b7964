import type { SqlValue } from "./statement.ts";
import {
  insertRunSql,
  mostInPackedRun,
  type NewRun,
  packRun,
  RunBuilder,
  readRun,
  runColumns,
  runValues,
  type StoredRun,
} from "./update-run.ts";
import type { Writer } from "./writer.ts";

type Read = <Row>(sql: string, params?: readonly SqlValue[]) => Row[];

/** Pack the updates that lie before the last milestone, many runs into one: only somebody who looks back asks for them. */
export async function packHistory(room: string, read: Read, writer: Writer): Promise<void> {
  const [before] = read<{ milestone: number }>(
    "SELECT coalesce(max(seq), 0) AS milestone FROM room_checkpoint WHERE room = ? AND kept > 0",
    [room],
  );
  for (;;) {
    const runs = nextToPack(room, before!.milestone, read);
    const [first] = runs;
    if (!first) return;
    const unpacked = runs.map(readRun);
    // What cannot be read any more stays as it is: somebody may know how.
    if (unpacked.some(({ lost }) => lost > 0)) return;
    const whole = new RunBuilder(room, first.epoch, mostInPackedRun);
    for (const { updates } of unpacked) for (const update of updates) whole.add(update);
    const packed = await packRun(whole.end());
    await writer.write([
      {
        sql: "DELETE FROM room_run WHERE room = ? AND packed = 0 AND first_seq >= ? AND last_seq <= ?",
        params: [room, packed.firstSeq, packed.lastSeq],
        mustChange: runs.length,
      },
      { sql: insertRunSql, params: runValues(packed) },
    ]);
  }
}

/** Runs before a milestone that follow each other in one epoch, as many as go into one. */
function nextToPack(room: string, milestone: number, read: Read): readonly StoredRun[] {
  const heads = read<Pick<NewRun, "epoch" | "updates" | "entryBytes">>(
    `SELECT epoch, updates, entry_bytes AS entryBytes FROM room_run
     WHERE room = ? AND packed = 0 AND last_seq <= ? ORDER BY last_seq LIMIT ?`,
    [room, milestone, mostInPackedRun.updates],
  );
  let [count, updates, bytes] = [0, 0, 0];
  for (const head of heads) {
    updates += head.updates;
    bytes += head.entryBytes;
    const isTooMuch = updates > mostInPackedRun.updates || bytes > mostInPackedRun.bytes;
    if (head.epoch !== heads[0]!.epoch || (isTooMuch && count > 0)) break;
    count++;
  }
  // Nothing older comes to stand among them meanwhile: they are the first of the same rows again.
  return read<StoredRun>(
    `SELECT ${runColumns} FROM room_run
     WHERE room = ? AND packed = 0 AND last_seq <= ? ORDER BY last_seq LIMIT ?`,
    [room, milestone, count],
  );
}
