// The thread that owns the write connection: an fsync here stalls no tile and no cursor.
import { parentPort, workerData } from "node:worker_threads";
import type Database from "better-sqlite3";
import { StorageError } from "../storage-error.ts";
import { asStorageError, holdExclusively, openForWriting } from "./connection.ts";
import { migrate } from "./migrate.ts";
import type { Statement, StatementResult } from "./statement.ts";
import type { FromWriter, RequestOutcome, ToWriter, WriterSetup } from "./writer-protocol.ts";

const port = parentPort!;
const tell = (message: FromWriter) => port.postMessage(message);

try {
  const { databasePath, lockPath, migrations } = workerData as WriterSetup;
  const lock = holdExclusively(lockPath);
  const { database, pragmas } = openForWriting(databasePath);
  migrate(database, migrations);
  serve(database, () => {
    database.close();
    lock.close();
  });
  tell({ type: "ready", pragmas });
} catch (cause) {
  tell({ type: "refused", failure: failureOf(cause) });
}

function serve(database: Database.Database, release: () => void): void {
  const prepared = new Map<string, Database.Statement>();

  port.on("message", (message: ToWriter) => {
    if (message.type === "close") {
      release();
      tell({ type: "closed" });
      port.close();
      return;
    }
    tell({ type: "done", outcomes: commit(message.requests) });
  });

  /** All requests in one transaction. Almost always all succeed; where one fails, each is tried for itself. */
  function commit(requests: readonly (readonly Statement[])[]): RequestOutcome[] {
    return commitAll(requests, carryOut) ?? commitAll(requests, attempt)!;
  }

  /** @returns undefined where a request failed that `each` does not answer for; then nothing has happened */
  function commitAll(
    requests: readonly (readonly Statement[])[],
    each: (request: readonly Statement[]) => RequestOutcome,
  ): RequestOutcome[] | undefined {
    try {
      run({ sql: "BEGIN IMMEDIATE" });
      const outcomes = requests.map(each);
      run({ sql: "COMMIT" });
      return outcomes;
    } catch (cause) {
      if (database.inTransaction) database.exec("ROLLBACK");
      if (each === carryOut) return undefined;
      const failure = failureOf(cause);
      return requests.map(() => ({ failure }));
    }
  }

  function carryOut(request: readonly Statement[]): RequestOutcome {
    return { results: request.map(run) };
  }

  /** Behind a savepoint, so that one that fails takes no other with it. */
  function attempt(request: readonly Statement[]): RequestOutcome {
    run({ sql: "SAVEPOINT request" });
    try {
      const outcome = carryOut(request);
      run({ sql: "RELEASE request" });
      return outcome;
    } catch (cause) {
      // A full disk may already have rolled everything back: then the whole group fails.
      if (!database.inTransaction) throw cause;
      database.exec("ROLLBACK TO request; RELEASE request");
      return { failure: failureOf(cause) };
    }
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
