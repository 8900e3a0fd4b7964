import { accessMigrations } from "./access/catalogue/access-migrations.ts";
import { micrographMigrations } from "./ingest/micrograph-migrations.ts";
import { stackLogMigrations } from "./ingest/stack-log-table.ts";
import { jobMigrations } from "./jobs/job-table.ts";
import { requireKnownVersions } from "./storage/embedded/known-versions.ts";
import { inOrder, type MigrationSet } from "./storage/embedded/migrations.ts";
import { roomMigrations } from "./storage/embedded/room-migrations.ts";

/** The tables of every subject, beside the rooms' own. */
export const storeTables: readonly MigrationSet[] = [
  inOrder("access", accessMigrations),
  inOrder("micrographs", micrographMigrations),
  inOrder("stack-logs", stackLogMigrations),
  inOrder("jobs", jobMigrations),
];

/** @throws StorageError "newer" where a newer Lamella wrote this database */
export function requireKnownStore(database: Parameters<typeof requireKnownVersions>[0]): void {
  requireKnownVersions(database, [roomMigrations, ...storeTables]);
}
