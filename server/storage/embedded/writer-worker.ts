// The thread that owns the write connection: an fsync here stalls no tile and no cursor.
import { parentPort, workerData } from "node:worker_threads";
import type Database from "better-sqlite3";
import { StorageError } from "../storage-error.ts";
import { asStorageError, holdExclusively, openForWriting } from "./connection.ts";
import { type Appended, JournalKeeper } from "./journal-keeper.ts";
import { migrate } from "./migrate.ts";
import type { Statement, StatementResult } from "./statement.ts";
import { defineFunctions } from "./writer-functions.ts";
import type {
  FromWriter,
  RequestOutcome,
  ToWriter,
  WriteRequest,
  WriterFailure,
  WriterSetup,
} from "./writer-protocol.ts";

/**
 * So many updates, or bytes of them, are filed at once, between two commits; fewer when nothing has come for a while. Where
 * hundreds of rooms write, a page of each is written with every filing, however much is filed.
 */
const fileAfterUpdates = 8_192;
const fileAfterBytes = 16 * 1024 * 1024;
const fileAfterIdleMs = 1_000;

const port = parentPort!;
const tell = (message: FromWriter) => port.postMessage(message);

try {
  const { databasePath, lockPath, migrations } = workerData as WriterSetup;
  const lock = holdExclusively(lockPath);
  const { database, pragmas } = openForWriting(databasePath);
  defineFunctions(database);
  migrate(database, migrations);
  const unfiled = serve(database, () => {
    database.close();
    lock.close();
  });
  tell({ type: "ready", pragmas, unfiled });
} catch (cause) {
  tell({ type: "refused", failure: failureOf(cause) });
}

type Done = Extract<FromWriter, { type: "done" }>;
type Group = Extract<ToWriter, { type: "group" }>;

/** @returns how many updates could not be filed */
function serve(database: Database.Database, release: () => void): number {
  const prepared = new Map<string, Database.Statement>();
  const journal = new JournalKeeper(database);
  let lastGroupMs = 0;
  let [fileAt, fileAtBytes] = [fileAfterUpdates, fileAfterBytes];
  file();
  const idle = setInterval(() => {
    if (journal.unfiled > 0 && performance.now() - lastGroupMs >= fileAfterIdleMs) file();
  }, fileAfterIdleMs);

  port.on("message", (message: ToWriter) => {
    if (message.type === "close") {
      clearInterval(idle);
      file();
      release();
      tell({ type: "closed" });
      port.close();
      return;
    }
    tell(commit(message));
    lastGroupMs = performance.now();
    if (journal.unfiled >= fileAt || journal.unfiledBytes >= fileAtBytes) file();
  });
  return journal.unfiled;

  /** The whole group in one transaction. Almost always all succeed; where one fails, each is tried for itself. */
  function commit(group: Group): Done {
    return commitAll(group, carryOut, append) ?? commitAll(group, attempt, attemptAppend)!;
  }

  /** @returns undefined where one failed that `each` does not answer for; then nothing has happened */
  function commitAll(
    { requests, updates }: Group,
    each: (request: WriteRequest) => RequestOutcome,
    add: (updates: Uint8Array) => Done["appended"],
  ): Done | undefined {
    try {
      run({ sql: "BEGIN IMMEDIATE" });
      const outcomes = requests.map(each);
      const appended = updates === null ? null : add(updates);
      run({ sql: "COMMIT" });
      return { type: "done", outcomes, appended };
    } catch (cause) {
      if (database.inTransaction) database.exec("ROLLBACK");
      journal.reload();
      if (each === carryOut) return undefined;
      const failure = failureOf(cause);
      return { type: "done", outcomes: requests.map(() => ({ failure })), appended: updates && { failure } };
    }
  }

  function append(updates: Uint8Array): Appended {
    return journal.append(updates);
  }

  function carryOut({ statements, afterFiling }: WriteRequest): RequestOutcome {
    journal.forgetEpochs();
    if (afterFiling) journal.file();
    return { results: statements.map(run) };
  }

  function attempt(request: WriteRequest): RequestOutcome {
    return behindSavepoint<RequestOutcome>(() => carryOut(request));
  }

  function attemptAppend(updates: Uint8Array): NonNullable<Done["appended"]> {
    return behindSavepoint<NonNullable<Done["appended"]>>(() => append(updates));
  }

  /** So that one that fails takes no other with it. */
  function behindSavepoint<Outcome>(work: () => Outcome): Outcome | { readonly failure: WriterFailure } {
    run({ sql: "SAVEPOINT request" });
    try {
      const outcome = work();
      run({ sql: "RELEASE request" });
      return outcome;
    } catch (cause) {
      // A full disk may already have rolled everything back: then the whole group fails.
      if (!database.inTransaction) throw cause;
      database.exec("ROLLBACK TO request; RELEASE request");
      journal.reload();
      return { failure: failureOf(cause) };
    }
  }

  /** What has been told is on disk already: where filing fails (a full disk), it is tried again with the next thousands. */
  function file(): void {
    if (journal.unfiled === 0) return;
    try {
      run({ sql: "BEGIN IMMEDIATE" });
      journal.file();
      run({ sql: "COMMIT" });
    } catch {
      if (database.inTransaction) database.exec("ROLLBACK");
      journal.reload();
    }
    fileAt = journal.unfiled + fileAfterUpdates;
    fileAtBytes = journal.unfiledBytes + fileAfterBytes;
  }

  function run({ sql, params = [], mustChange }: Statement): StatementResult {
    let statement = prepared.get(sql);
    if (!statement) {
      // The program's statements are few and fixed; the bound only guards against one that is built from data.
      if (prepared.size >= 500) prepared.clear();
      prepared.set(sql, (statement = database.prepare(sql)));
    }
    const { changes, lastInsertRowid } = statement.run(...params);
    if (mustChange !== undefined && changes !== mustChange) {
      throw new StorageError("conflict", `Expected to change ${mustChange} rows and changed ${changes}.`, {
        sql,
      });
    }
    return { changes, lastInsertRowid: Number(lastInsertRowid) };
  }
}

function failureOf(cause: unknown) {
  const { code, message } = asStorageError(cause);
  return { code, message };
}
