import type { DocumentLog } from "../document-log.ts";
import type { MigrationSet } from "./migrations.ts";

export type SqlValue = string | number | bigint | Uint8Array | null;

export interface Statement {
  readonly sql: string;
  readonly params?: readonly SqlValue[];
  /** Rows this statement must change; any other number rolls the whole batch back with StorageError "conflict". */
  readonly mustChange?: number;
}

export interface StatementResult {
  readonly changes: number;
  readonly lastInsertRowid: number;
}

/** One SQLite file that a worker thread writes and this thread reads. */
export interface EmbeddedStore {
  readonly documentLog: DocumentLog;
  /** One transaction: all or nothing, on disk when it resolves. @throws StorageError */
  write(statements: readonly Statement[]): Promise<readonly StatementResult[]>;
  /** Rows as committed now. Synchronous: keep it to look-ups by index. */
  read<Row>(sql: string, params?: readonly SqlValue[]): Row[];
  /** The same two for subjects that take an asynchronous port. */
  readonly sql: {
    write(statements: readonly Statement[]): Promise<readonly StatementResult[]>;
    read<Row>(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]>;
  };
  close(): Promise<void>;
}

export interface EmbeddedStoreOptions {
  /** Folder of the store; made where it is missing. */
  readonly dataDir: string;
  /** Tables of the other subjects; the rooms' own are always there. */
  readonly migrations: readonly MigrationSet[];
}

/** @throws StorageError "held" | "newer" | "unsafe" | "read-only" | "full" */
export declare function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore>;
