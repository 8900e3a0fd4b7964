import type { LoggedUpdate } from "../document-log.ts";
import { marksIn, readRuns, readUpdates } from "./update-journal.ts";

/** An update as the journal holds it. */
export interface UnfiledUpdate extends LoggedUpdate {
  readonly epoch: string;
  readonly touched: readonly string[];
}

/**
 * By room, the updates that are on disk and not yet filed in `room_run`: for a reader that cannot have them filed.
 * @param read rows of the store; of one from before the journal, too
 */
export function unfiledUpdates(
  read: (sql: string) => readonly unknown[],
): ReadonlyMap<string, readonly UnfiledUpdate[]> {
  const byRoom = new Map<string, UnfiledUpdate[]>();
  if (read("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'room_journal'").length === 0)
    return byRoom;
  const rows = read("SELECT first_seq AS firstSeq, entries FROM room_journal ORDER BY first_seq");
  for (const { firstSeq, entries } of rows as { firstSeq: number; entries: Uint8Array }[]) {
    for (const update of updatesOfGroup(firstSeq, entries)) {
      const updates = byRoom.get(update.room) ?? [];
      byRoom.set(update.room, updates);
      updates.push(update);
    }
  }
  return byRoom;
}

/** The updates of one row of the journal; none where a bit of it has turned that they cannot be told apart without. */
export function updatesOfGroup(firstSeq: number, entries: Uint8Array): readonly UnfiledUpdate[] {
  const updates: UnfiledUpdate[] = [];
  let seq = firstSeq;
  try {
    for (const run of readRuns(entries))
      for (const { touched, ...update } of readUpdates(entries, run)) {
        const { room, epoch } = run;
        updates.push({ seq: seq++, room, epoch, ...update, touched: marksIn(touched) });
      }
    return updates;
  } catch {
    return [];
  }
}
