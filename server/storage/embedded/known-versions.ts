import type Database from "better-sqlite3";
import { StorageError } from "../storage-error.ts";
import type { MigrationSet } from "./migrations.ts";

/** How far each subject's tables have grown; empty in a store that nothing was written to. */
export function versionsOf(database: Database.Database): ReadonlyMap<string, number> {
  const isThere = (database.pragma("table_info(schema_version)") as unknown[]).length > 0;
  if (!isThere) return new Map();
  const rows = database
    .prepare("SELECT subject, max(version) AS version FROM schema_version GROUP BY subject")
    .all() as { readonly subject: string; readonly version: number }[];
  return new Map(rows.map(({ subject, version }) => [subject, version]));
}

/** @throws StorageError "newer" where the store knows a step that these do not */
export function requireKnownVersions(database: Database.Database, sets: readonly MigrationSet[]): void {
  const present = versionsOf(database);
  for (const { subject, migrations } of sets) {
    const known = migrations.at(-1)?.version ?? 0;
    const found = present.get(subject) ?? 0;
    if (found > known) {
      throw new StorageError(
        "newer",
        `This store was written by a newer Lamella (${subject} version ${found}; this one knows ${known}). ` +
          "Start the newer program, or restore a backup made before the upgrade.",
        { subject, found, known },
      );
    }
  }
}
