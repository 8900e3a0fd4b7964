import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type Database from "better-sqlite3";
import type { DocumentLog } from "../document-log.ts";
import { asStorageError, openForReading } from "./connection.ts";
import { EmbeddedDocumentLog } from "./embedded-document-log.ts";
import type { MigrationSet } from "./migrations.ts";
import { roomMigrations } from "./room-migrations.ts";
import type { SqlValue, Statement, StatementResult } from "./statement.ts";
import { Writer } from "./writer.ts";

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
  /** The write connection's settings as SQLite reads them back. */
  readonly pragmas: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface EmbeddedStoreOptions {
  /** Folder of the store; made where it is missing. */
  readonly dataDir: string;
  /** Tables of the other subjects; the rooms' own are always there. */
  readonly migrations: readonly MigrationSet[];
}

/** @throws StorageError "held" | "newer" | "unsafe" | "read-only" | "full" */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const databasePath = join(options.dataDir, "lamella.sqlite");
  const writer = await Writer.start({
    databasePath,
    lockPath: join(options.dataDir, "lamella.lock"),
    migrations: [roomMigrations, ...options.migrations],
  });
  const reader = openForReading(databasePath);
  const prepared = new Map<string, Database.Statement>();

  const write = (statements: readonly Statement[]) => writer.write(statements);
  const read = <Row>(sql: string, params: readonly SqlValue[] = []): Row[] => {
    try {
      let statement = prepared.get(sql);
      if (!statement) {
        if (prepared.size >= 500) prepared.clear();
        prepared.set(sql, (statement = reader.prepare(sql)));
      }
      return statement.all(...params) as Row[];
    } catch (cause) {
      throw asStorageError(cause);
    }
  };

  return {
    documentLog: new EmbeddedDocumentLog(writer, read),
    write,
    read,
    sql: { write, read: async <Row>(sql: string, params?: readonly SqlValue[]) => read<Row>(sql, params) },
    pragmas: writer.pragmas,
    async close() {
      await writer.close();
      reader.close();
    },
  };
}
