import type { StorageErrorCode } from "../storage-error.ts";
import type { Appended } from "./journal-keeper.ts";
import type { MigrationSet } from "./migrations.ts";
import type { Statement, StatementResult } from "./statement.ts";

/** What the writer thread is started with. */
export interface WriterSetup {
  readonly databasePath: string;
  readonly lockPath: string;
  readonly migrations: readonly MigrationSet[];
}

/** All of its statements or none. */
export interface WriteRequest {
  readonly statements: readonly Statement[];
  /** Reads or changes `room_run`: what the journal holds is filed first. */
  readonly afterFiling: boolean;
}

/** One group is one transaction on disk: first the requests, in order, then the updates (`update-journal.ts`). */
export type ToWriter =
  | {
      readonly type: "group";
      readonly requests: readonly WriteRequest[];
      readonly updates: Uint8Array | null;
    }
  | { readonly type: "close" };

export interface WriterFailure {
  readonly code: StorageErrorCode;
  readonly message: string;
}

export type RequestOutcome =
  | { readonly results: readonly StatementResult[] }
  | { readonly failure: WriterFailure };

export type FromWriter =
  | {
      readonly type: "ready";
      readonly pragmas: Readonly<Record<string, unknown>>;
      /** Updates that could not be filed: the disk is full. */
      readonly unfiled: number;
    }
  | { readonly type: "refused"; readonly failure: WriterFailure }
  | {
      readonly type: "done";
      readonly outcomes: readonly RequestOutcome[];
      readonly appended: Appended | { readonly failure: WriterFailure } | null;
    }
  | { readonly type: "closed" };
