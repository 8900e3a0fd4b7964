import type { MigrationWork } from "./migration-works.ts";

/** One step in the growth of a subject's tables: run once, in order of version, inside one transaction. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  /** What SQL alone cannot do, after it, by name: steps are sent to another thread. */
  readonly work?: MigrationWork;
}

/** The tables of one subject ("rooms", "access", "ingest" …); subjects grow independently of each other. */
export interface MigrationSet {
  readonly subject: string;
  readonly migrations: readonly Migration[];
}

/** Number steps by their place: a list that only ever grows at its end. */
export function inOrder(subject: string, steps: readonly Omit<Migration, "version">[]): MigrationSet {
  return { subject, migrations: steps.map((step, i) => ({ version: i + 1, ...step })) };
}
