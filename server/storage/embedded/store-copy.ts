import Database from "better-sqlite3";
import { openForReading } from "./connection.ts";

/** Copy a store's database at one moment into one file, also while another process writes it. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const source = openForReading(from);
  try {
    // In one step: a step that another process's commit interrupts would start the copy anew, under load for ever.
    await source.backup(to, { progress: () => 0x7fff_ffff });
  } finally {
    source.close();
  }
  // One file that can be carried away: without a write-ahead log beside it.
  const copy = new Database(to);
  try {
    copy.pragma("journal_mode = DELETE");
  } finally {
    copy.close();
  }
}

/**
 * What a copy has to forget before it is a store again: each room starts a new epoch, and nobody is signed in or holds a
 * sign-in link, because what was signed out or used up since the copy must not open again.
 * @returns how many rooms there are
 */
export function startCopyAnew(databasePath: string): number {
  const database = new Database(databasePath);
  try {
    database.pragma("synchronous = FULL");
    return database.transaction(() => {
      for (const table of ["session", "sign_in_link"]) {
        const exists = database
          .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")
          .get(table);
        if (exists) database.exec(`DELETE FROM ${table}`);
      }
      return database.prepare("UPDATE room SET epoch = lower(hex(randomblob(16)))").run().changes;
    })();
  } finally {
    database.close();
  }
}
