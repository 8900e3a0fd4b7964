import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import * as Y from "yjs";
import { makeBackup } from "#server/backup/make-backup.ts";
import { restoreBackup } from "#server/backup/restore-backup.ts";
import { verifyStore } from "#server/backup/verify-store.ts";
import { type EmbeddedStore, openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { inOrder } from "#server/storage/embedded/migrations.ts";
import { RoomServer } from "#server/sync/room-server.ts";
import { changeUpdate } from "../storage/stored-updates.ts";
import { temporaryFolder } from "../storage/temporary-folder.ts";
import { draw, marksOf, recordUpdates } from "../sync/marks.ts";
import { RawClient } from "../sync/raw-client.ts";
import { admitByQuery, listen } from "../sync/running-server.ts";

const room = "micrograph:abcdefgh:annotations";
const projectFolder = join(import.meta.dirname, "../../..");
const sources = inOrder("sources", [
  {
    name: "sources",
    sql: "CREATE TABLE source (id INTEGER PRIMARY KEY, sha256 TEXT, file_name TEXT) STRICT",
  },
]);

async function serve(dataDir: string): Promise<{ url: string; rooms: RoomServer; store: EmbeddedStore }> {
  const store = await openEmbeddedStore({ dataDir, migrations: [sources] });
  const rooms = new RoomServer({ log: store.documentLog, authorise: admitByQuery });
  const { url, stop } = await listen(rooms);
  onTestFinished(async () => {
    await stop();
    await store.close();
  });
  return { url, rooms, store };
}

/** An original as ingest leaves it, and a derived file. */
async function addOriginal(dataDir: string, store: EmbeddedStore, text: string): Promise<string> {
  const sha256 = createHash("sha256").update(text).digest("hex");
  await mkdir(join(dataDir, "blobs/originals"), { recursive: true });
  await mkdir(join(dataDir, "blobs/derived/abc"), { recursive: true });
  await writeFile(join(dataDir, "blobs/originals", sha256), text);
  await writeFile(join(dataDir, "blobs/derived/abc/0.json"), "{}");
  await store.write([
    { sql: "INSERT INTO source (sha256, file_name) VALUES (?, ?)", params: [sha256, `${text}.dm4`] },
  ]);
  return sha256;
}

/** Draws mark after mark until it is told to stop. */
async function drawWithoutEnd(url: string, doc = new Y.Doc()) {
  const client = await RawClient.connect(url, room, "as=anna");
  client.hello({ clientId: doc.clientID });
  const updates = recordUpdates(doc);
  let stopped = false;
  let drawn = 0;
  const drawing = (async () => {
    while (!stopped) {
      for (let i = 0; i < 5; i++) draw(doc, `mark-${drawn++}`);
      for (const update of updates.splice(0)) client.sync(2, update);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  return {
    client,
    acknowledged: () => client.all("ack").at(-1)?.frames ?? 0,
    async stop() {
      stopped = true;
      await drawing;
    },
  };
}

const lamella = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(projectFolder, "server/cli.ts"), ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (cause: { code: number; stdout: string; stderr: string }) => cause,
  );

describe("backup and restore", () => {
  it("R15 taken under load, holds everything acknowledged before it began; old copies become rescues", async () => {
    const [dataDir, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    const running = await serve(dataDir);
    const original = await addOriginal(dataDir, running.store, "wire-3");
    const writer = await drawWithoutEnd(running.url);
    await writer.client.hears("ack", ({ frames }) => frames >= 200);
    const { epoch } = await running.store.documentLog.open(room);

    const before = writer.acknowledged();
    const report = await makeBackup(dataDir, join(elsewhere, "backup"));
    const after = writer.acknowledged();
    await writer.client.hears("ack", ({ frames }) => frames > after + 50);
    await writer.stop();
    expect(report.problems).toEqual([]);
    expect(after).toBeGreaterThan(before);
    expect((await verifyStore(report.folder)).problems).toEqual([]);

    const restored = join(elsewhere, "data");
    expect(await restoreBackup(report.folder, restored)).toMatchObject({ rooms: 1 });
    expect((await verifyStore(restored)).problems).toEqual([]);
    expect(await readFile(join(restored, "blobs/originals", original), "utf8")).toBe("wire-3");
    const again = await serve(restored);
    const marks = await again.rooms.readDocument(room, (doc) => [...marksOf(doc).keys()]);
    const missing = Array.from({ length: before }, (_, i) => `mark-${i}`).filter((id) => !marks.includes(id));
    expect(missing).toEqual([]);
    console.log(
      `acknowledged before ${before}, in the backup ${marks.length}, after ${writer.acknowledged()}`,
    );

    const old = await RawClient.connect(again.url, room, "as=anna");
    old.hello({ clientId: 5, epoch });
    expect((await old.hears("refused")).value).toMatchObject({ code: "epoch" });
    expect((await old.hears("closed")).code).toBe(4409);
    const fresh = await RawClient.connect(again.url, room, "as=anna");
    fresh.hello({ clientId: 6 });
    await fresh.hears("hello");
    expect(fresh.all("refused")).toEqual([]);
  });

  it("refuses a folder with something in it, a half-written backup and a damaged one, and leaves all as it was", async () => {
    const [dataDir, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    const { store, rooms } = await serve(dataDir);
    await addOriginal(dataDir, store, "wire-3");
    await rooms.writeAsServer(room, "p-anna", (doc) => draw(doc, "m1"));
    const backup = join(elsewhere, "backup");
    await makeBackup(dataDir, backup);

    await expect(makeBackup(dataDir, backup)).rejects.toThrowError(
      /Expected --out to name a new or empty folder/,
    );
    const full = join(elsewhere, "full");
    await mkdir(full);
    await writeFile(join(full, "notes.txt"), "mine");
    await expect(restoreBackup(backup, full)).rejects.toThrowError(
      /Expected --data to name a new or empty folder/,
    );
    expect(await readdir(full)).toEqual(["notes.txt"]);

    await flipByte(join(backup, "blobs/derived/abc/0.json"), 0);
    const target = join(elsewhere, "data");
    await expect(restoreBackup(backup, target)).rejects.toMatchObject({ code: "damaged" });
    expect((await readdir(elsewhere)).sort()).toEqual(["backup", "full"]);
    expect((await verifyStore(backup)).problems).toEqual([
      expect.stringContaining("blobs/derived/abc/0.json"),
    ]);
    await rm(join(backup, "manifest.json"));
    await expect(restoreBackup(backup, target)).rejects.toMatchObject({ code: "no-backup" });
    await expect(makeBackup(elsewhere, join(elsewhere, "x"))).rejects.toMatchObject({ code: "no-store" });
  });

  it("lamella backup, restore and verify say what they did, with exit codes", async () => {
    const [dataDir, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    const { store, rooms } = await serve(dataDir);
    await addOriginal(dataDir, store, "wire-3");
    await rooms.writeAsServer(room, "p-anna", (doc) => draw(doc, "m1"));
    const backup = join(elsewhere, "backup");
    expect(await lamella("backup", "--out", backup, "--data", dataDir)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/backup: 3 files/),
    });
    const restored = join(elsewhere, "data");
    expect(await lamella("restore", backup, "--data", restored)).toMatchObject({ code: 0 });
    expect(await lamella("verify", "--data", restored)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1 rooms with 1 updates, 1 originals .* all as they should be/),
    });
    expect(await lamella("restore", backup, "--data", restored)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/new or empty folder/),
    });
    expect(await lamella("backup", "--data", dataDir)).toMatchObject({ code: 2 });
  });
});

describe("verify", () => {
  async function store() {
    const dataDir = await temporaryFolder();
    const running = await serve(dataDir);
    const sha256 = await addOriginal(dataDir, running.store, "a micrograph");
    for (let i = 0; i < 4; i++)
      await running.rooms.writeAsServer(room, "p-anna", (doc) => draw(doc, `m${i}`));
    return { ...running, dataDir, sha256 };
  }
  const problemsOf = async (dataDir: string) => (await verifyStore(dataDir)).problems;
  const change = (dataDir: string, sql: string, ...params: unknown[]) => {
    const database = new Database(join(dataDir, "lamella.sqlite"));
    database.pragma("foreign_keys = OFF");
    database.prepare(sql).run(...params);
    database.close();
  };

  it("R10 finds one flipped byte in an original, and one that is missing", async () => {
    const { dataDir, sha256 } = await store();
    expect(await problemsOf(dataDir)).toEqual([]);
    const path = join(dataDir, "blobs/originals", sha256);
    await flipByte(path, 3);
    expect(await problemsOf(dataDir)).toEqual([
      expect.stringMatching(`original ${sha256}.*bytes have changed`),
    ]);
    const { problems } = await makeBackup(dataDir, join(await temporaryFolder(), "backup"));
    expect(problems).toEqual([expect.stringContaining("damaged before this backup")]);
    await rm(path);
    expect(await problemsOf(dataDir)).toEqual([expect.stringMatching(`original ${sha256}.*is missing`)]);
  });

  it("finds an update that cannot be read, and a whole state that lacks what came before it", async () => {
    const { dataDir, store: running } = await store();
    const log = running.documentLog;
    const { updates } = await log.open(room);
    const database = new Database(join(dataDir, "lamella.sqlite"));
    onTestFinished(() => void database.close());
    changeUpdate(database, updates[3]!.seq, ({ bytes }) => void bytes.fill(200));
    expect(await problemsOf(dataDir)).toEqual([
      expect.stringMatching(/update 4 is not as it was written/),
      expect.stringMatching(/update 4 cannot be read/),
    ]);
    changeUpdate(database, updates[3]!.seq, () => "take out");
    expect(await problemsOf(dataDir)).toEqual([]);
    await log.checkpoint(room, updates[2]!.seq, updates[0]!.bytes);
    expect(await problemsOf(dataDir)).toEqual([
      expect.stringMatching(/whole state at 3 lacks/),
      expect.stringMatching(/whole state at 3 lacks/),
    ]);
  });

  it("finds a row that refers to nothing, and pages that are not a database's", async () => {
    const { dataDir } = await store();
    change(dataDir, "INSERT INTO room_client VALUES ('no-such-room', 1, 'p-anna')");
    expect(await problemsOf(dataDir)).toEqual([expect.stringMatching(/room_client refers to a row of room/)]);
    const copy = await temporaryFolder();
    await makeBackup(dataDir, join(copy, "b"));
    const path = join(copy, "b", "lamella.sqlite");
    const file = await open(path, "r+");
    await file.write(Buffer.alloc(200, 0xff), 0, 200, 4096 + 8);
    await file.close();
    expect(await problemsOf(join(copy, "b"))).toContainEqual(expect.stringMatching(/^database: /));
  });
});

async function flipByte(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = bytes[at]! ^ 1;
  await writeFile(path, bytes);
}
