import type { openForReading } from "#server/storage/embedded/connection.ts";
import { requireKnownStore } from "#server/store-tables.ts";
import { checkRooms, type RoomsReport } from "./verify-rooms.ts";

type Reading = ReturnType<typeof openForReading>;

export interface DatabaseReport extends RoomsReport {
  /** False where its own structure is broken; then nothing more of it was read. */
  readonly isReadable: boolean;
}

/**
 * SQLite's own checks of a store's database, and the log of every room in it.
 * @throws StorageError "newer" where a newer Lamella wrote it, which knows what this one cannot check
 */
export function checkDatabase(database: Reading): DatabaseReport {
  const faults = structureFaults(database);
  if (faults.length > 0)
    return { problems: faults, rooms: 0, updates: 0, withoutChecksum: 0, isReadable: false };
  requireKnownStore(database);
  return { ...checkRooms(database), isReadable: true };
}

function structureFaults(database: Reading): string[] {
  const faults: string[] = [];
  try {
    for (const { integrity_check } of database.pragma("integrity_check") as { integrity_check: string }[])
      if (integrity_check !== "ok") faults.push(`database: ${integrity_check}`);
    for (const { table, rowid, parent } of database.pragma("foreign_key_check") as Record<string, unknown>[])
      faults.push(`database: row ${rowid} of ${table} refers to a row of ${parent} that is not there`);
  } catch (cause) {
    faults.push(`database: cannot be read (${(cause as Error).message})`);
  }
  return faults;
}
