import type { StorageErrorCode } from "../storage-error.ts";
import type { MigrationSet } from "./migrations.ts";
import type { Statement, StatementResult } from "./statement.ts";

/** What the writer thread is started with. */
export interface WriterSetup {
  readonly databasePath: string;
  readonly lockPath: string;
  readonly migrations: readonly MigrationSet[];
}

/** One request is one unit: all of its statements or none. One group is one transaction on disk. */
export type ToWriter =
  | { readonly type: "group"; readonly requests: readonly (readonly Statement[])[] }
  | { readonly type: "close" };

export interface WriterFailure {
  readonly code: StorageErrorCode;
  readonly message: string;
}

export type RequestOutcome =
  | { readonly results: readonly StatementResult[] }
  | { readonly failure: WriterFailure };

export type FromWriter =
  | { readonly type: "ready"; readonly pragmas: Readonly<Record<string, unknown>> }
  | { readonly type: "refused"; readonly failure: WriterFailure }
  | { readonly type: "done"; readonly outcomes: readonly RequestOutcome[] }
  | { readonly type: "closed" };
