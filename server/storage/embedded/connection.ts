import Database from "better-sqlite3";
import { StorageError } from "../storage-error.ts";

/** What every connection must be set to, as SQLite reads it back. synchronous 2 is FULL: a commit is a finished fsync. */
const required: Readonly<Record<string, string | number>> = {
  journal_mode: "wal",
  synchronous: 2,
  foreign_keys: 1,
  busy_timeout: 5000,
  trusted_schema: 0,
};

/** Pages that many rooms change over and over are copied from the log to the file once in 32 MB, not twice a second. */
const pagesBetweenCheckpoints = 8000;

/**
 * The connection that writes. @returns it with its settings as read back
 * @throws StorageError "unsafe" where the file system or the build does not grant one of them
 */
export function openForWriting(path: string): {
  readonly database: Database.Database;
  readonly pragmas: Readonly<Record<string, unknown>>;
} {
  const database = new Database(path);
  for (const [name, value] of Object.entries(required)) database.pragma(`${name} = ${value}`);
  database.pragma(`wal_autocheckpoint = ${pagesBetweenCheckpoints}`);
  return { database, pragmas: readBack(database) };
}

/** The settings of a connection, checked. A lower `synchronous` would make "saved" untrue at a power loss. */
export function readBack(database: Database.Database): Readonly<Record<string, unknown>> {
  const found = Object.fromEntries(
    Object.keys(required).map((name) => [name, database.pragma(name, { simple: true })]),
  );
  for (const [name, value] of Object.entries(required)) {
    const isLower = name === "synchronous" ? Number(found[name]) < Number(value) : found[name] !== value;
    if (isLower) {
      throw new StorageError(
        "unsafe",
        `Expected the store's ${name} to be ${value}, and this file system or SQLite build gives ${found[name]}; ` +
          "put the data folder on a local disk.",
        { name, expected: value, found: found[name] },
      );
    }
  }
  return found;
}

export function openForReading(path: string): Database.Database {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  database.pragma("query_only = 1");
  database.pragma("trusted_schema = 0");
  database.pragma("busy_timeout = 5000");
  return database;
}

/**
 * Take the store for this process: a second small database, locked as long as its connection is open. The operating
 * system gives the lock back when the process dies, however it dies, so no stale marker can remain.
 * @throws StorageError "held"
 */
export function holdExclusively(lockPath: string): Database.Database {
  const lock = new Database(lockPath, { timeout: 0 });
  try {
    lock.pragma("locking_mode = EXCLUSIVE");
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock.close();
    if (sqliteCode(cause).startsWith("SQLITE_BUSY")) {
      throw new StorageError(
        "held",
        "This data folder is in use by another Lamella process; stop that one, or start this one with another --data folder.",
        { lockPath },
      );
    }
    throw cause;
  }
}

/** Any error of SQLite as one of ours. */
export function asStorageError(cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const code = sqliteCode(cause);
  const detail = cause instanceof Error ? cause.message : String(cause);
  if (code === "SQLITE_FULL")
    return new StorageError("full", `The disk of the data folder is full (${detail}); free some space.`);
  if (code.startsWith("SQLITE_READONLY") || code === "SQLITE_CANTOPEN" || code.startsWith("SQLITE_PERM")) {
    return new StorageError("read-only", `The data folder cannot be written (${detail}); check its rights.`);
  }
  return new StorageError("broken", `The store failed: ${detail}`, { sqliteCode: code });
}

function sqliteCode(cause: unknown): string {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}
