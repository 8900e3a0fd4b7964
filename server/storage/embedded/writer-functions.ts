import type Database from "better-sqlite3";
import { bytesChecksum } from "./checksums.ts";
import { marksIn } from "./update-journal.ts";
import { readRun } from "./update-run.ts";

/** What the statements of the rooms' log call and SQLite does not have. */
export function defineFunctions(database: Database.Database): void {
  database.function("crc32", { deterministic: true }, (bytes: unknown) => bytesChecksum(bytes as Uint8Array));
  // The updates of a row of `room_run`.
  database.table("run_updates", {
    columns: ["seq", "principal_id", "received_at_ms", "touched"],
    parameters: ["of_first_seq", "of_last_seq", "of_updates", "of_packed", "of_bytes"],
    *rows(...values: unknown[]) {
      const [firstSeq, lastSeq, updates, packed, bytes] = values as [
        number,
        number,
        number,
        0 | 1,
        Uint8Array,
      ];
      for (const update of readRun({ room: "", epoch: "", firstSeq, lastSeq, updates, packed, bytes })
        .updates)
        yield [update.seq, update.principalId, update.receivedAtMs, JSON.stringify(marksIn(update.touched))];
    },
  });
}
