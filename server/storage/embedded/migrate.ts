import type Database from "better-sqlite3";
import { requireKnownVersions, versionsOf } from "./known-versions.ts";
import { migrationWorks } from "./migration-works.ts";
import type { MigrationSet } from "./migrations.ts";

/**
 * Bring the tables of every subject up to date, in one transaction.
 * @throws StorageError "newer" where the store knows a step that this program does not: it is left untouched
 */
export function migrate(database: Database.Database, sets: readonly MigrationSet[]): void {
  requireKnownVersions(database, sets);
  database.exec(`CREATE TABLE IF NOT EXISTS schema_version (
    subject TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (subject, version)) STRICT, WITHOUT ROWID`);
  const present = versionsOf(database);
  const note = database.prepare(
    "INSERT INTO schema_version (subject, version, name, at_ms) VALUES (?, ?, ?, ?)",
  );
  database.transaction(() => {
    for (const { subject, migrations } of sets) {
      for (const step of migrations) {
        if (step.version <= (present.get(subject) ?? 0)) continue;
        database.exec(step.sql);
        if (step.work) migrationWorks[step.work](database);
        note.run(subject, step.version, step.name, Date.now());
      }
    }
  })();
}
