import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { DocumentLog } from "#server/storage/document-log.ts";
import { readBack } from "#server/storage/embedded/connection.ts";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { inOrder, type MigrationSet } from "#server/storage/embedded/migrations.ts";
import { documentLogContract } from "../../contracts/document-log.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folders = new WeakMap<DocumentLog, string>();
const openLog = async (dataDir: string): Promise<DocumentLog> => {
  const store = await openEmbeddedStore({ dataDir, migrations: [] });
  const log = store.documentLog;
  log.close = () => store.close();
  folders.set(log, dataDir);
  return log;
};
documentLogContract({
  open: async () => openLog(await temporaryFolder()),
  reopen: async (log) => {
    await log.close();
    return openLog(folders.get(log)!);
  },
});

const shelf = inOrder("shelf", [
  { name: "shelf", sql: "CREATE TABLE shelf (id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE) STRICT" },
]);
const open = async (dataDir: string, migrations: readonly MigrationSet[] = [shelf]) => {
  const store = await openEmbeddedStore({ dataDir, migrations });
  onTestFinished(() => store.close());
  return store;
};
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (cause: { code?: string; message: string }) => cause.code ?? cause.message,
  );
const put = (label: string) => ({ sql: "INSERT INTO shelf (label) VALUES (?)", params: [label] });

describe("embedded store", () => {
  it("runs with a commit that is a finished fsync, and says so", async () => {
    const store = await open(await temporaryFolder());
    expect(store.pragmas).toEqual({
      journal_mode: "wal",
      synchronous: 2,
      foreign_keys: 1,
      busy_timeout: 5000,
      trusted_schema: 0,
    });
  });

  it.each(["synchronous = NORMAL", "journal_mode = DELETE", "foreign_keys = 0"])(
    "refuses a connection with %s",
    async (pragma) => {
      const database = new Database(join(await temporaryFolder(), "weak.sqlite"));
      onTestFinished(() => void database.close());
      for (const each of [
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = 1",
        "busy_timeout = 5000",
      ])
        database.pragma(each);
      database.pragma("trusted_schema = 0");
      readBack(database);
      database.pragma(pragma);
      expect(() => readBack(database)).toThrowError(/Expected the store's/);
    },
  );

  it("writes a batch whole or not at all, beside others in the same group", async () => {
    const store = await open(await temporaryFolder());
    const outcomes = await Promise.allSettled([
      store.write([put("a")]),
      store.write([put("b"), put("a")]),
      store.write([put("c"), { sql: "DELETE FROM shelf WHERE label = ?", params: ["none"], mustChange: 1 }]),
      store.write([put("d")]),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    expect(
      store.read<{ label: string }>("SELECT label FROM shelf ORDER BY label").map((row) => row.label),
    ).toEqual(["a", "d"]);
  });

  it("keeps each subject's tables at their own version", async () => {
    const dataDir = await temporaryFolder();
    const first = await openEmbeddedStore({ dataDir, migrations: [shelf] });
    await first.write([put("a")]);
    await first.close();
    const grown = inOrder("shelf", [
      ...shelf.migrations,
      { name: "shelves have a room", sql: "ALTER TABLE shelf ADD COLUMN room TEXT" },
    ]);
    const other = inOrder("other", [
      { name: "other", sql: "CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT" },
    ]);
    const second = await open(dataDir, [other, grown]);
    expect(second.read("SELECT id, label, room FROM shelf")).toEqual([{ id: 1, label: "a", room: null }]);
  });

  it("refuses a store written by a newer program, in a sentence, and leaves it as it is", async () => {
    const dataDir = await temporaryFolder();
    const newer = inOrder("shelf", [...shelf.migrations, { name: "more", sql: "CREATE TABLE more (a) " }]);
    await (await openEmbeddedStore({ dataDir, migrations: [newer] })).close();
    const refusal = openEmbeddedStore({ dataDir, migrations: [shelf] });
    expect(await codeOf(refusal)).toBe("newer");
    await expect(refusal).rejects.toThrowError(
      /written by a newer Lamella \(shelf version 2; this one knows 1\)/,
    );
    await (await openEmbeddedStore({ dataDir, migrations: [newer] })).close();
  });

  it("refuses a second holder: in this process and in another, until the first is gone", async () => {
    const dataDir = await temporaryFolder();
    const holder = fork(join(import.meta.dirname, "hold-store.ts"), [dataDir]);
    onTestFinished(() => void holder.kill("SIGKILL"));
    await once(holder, "message");
    const refusal = openEmbeddedStore({ dataDir, migrations: [] });
    expect(await codeOf(refusal)).toBe("held");
    await expect(refusal).rejects.toThrowError(/in use by another Lamella process/);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    await open(dataDir);
    expect(await codeOf(openEmbeddedStore({ dataDir, migrations: [] }))).toBe("held");
  });

  it("answers after closing with a refusal, not with silence", async () => {
    const store = await openEmbeddedStore({ dataDir: await temporaryFolder(), migrations: [shelf] });
    const last = store.write([put("a")]);
    await store.close();
    await last;
    expect(await codeOf(store.write([put("b")]))).toBe("closed");
  });
});
