import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import * as Y from "yjs";
import { makeBackup } from "#server/backup/make-backup.ts";
import { restoreBackup } from "#server/backup/restore-backup.ts";
import { checkRooms } from "#server/backup/verify-rooms.ts";
import { verifyStore } from "#server/backup/verify-store.ts";
import { openForReading } from "#server/storage/embedded/connection.ts";
import { type EmbeddedStore, openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { copyDatabase } from "#server/storage/embedded/store-copy.ts";
import { RoomServer } from "#server/sync/room-server.ts";
import { startTestServer } from "../http/running-server.ts";
import { changeUpdate } from "../storage/stored-updates.ts";
import { temporaryFolder } from "../storage/temporary-folder.ts";
import { draw, marksOf, recordUpdates } from "../sync/marks.ts";
import { admitByQuery } from "../sync/running-server.ts";
import { ages, makeOldStore } from "./old-store.ts";

const room = "micrograph:abcdefgh:annotations";
const other = "micrograph:zyxwvuts:annotations";

async function open(dataDir: string): Promise<{ store: EmbeddedStore; close(): Promise<void> }> {
  const store = await openEmbeddedStore({ dataDir, migrations: [] });
  let closed = false;
  const close = async () => {
    if (!closed) await store.close();
    closed = true;
  };
  onTestFinished(close);
  return { store, close };
}

/** Drawn marks, `mark-0` on, a name in each, as updates of both rooms in one commit. */
async function drawn(store: EmbeddedStore, count: number, at = 1_700_000_000_000) {
  const doc = new Y.Doc();
  const updates = recordUpdates(doc);
  for (let i = 0; i < count; i++) draw(doc, `mark-${i}`, { name: `wire ${i} of many` });
  const log = store.documentLog;
  const epochs = new Map<string, string>();
  for (const name of [room, other]) epochs.set(name, (await log.open(name)).epoch);
  const seqs = await log.append(
    [room, other].flatMap((name) =>
      updates.map((bytes, i) => ({
        ...{ room: name, epoch: epochs.get(name)!, bytes, principalId: "p-anna", receivedAtMs: at + i },
        ...{ touched: [`mark-${i}`], bind: [{ clientId: doc.clientID, principalId: "p-anna" }] },
      })),
    ),
  );
  return { seqs, whole: Y.encodeStateAsUpdate(doc) };
}

/** Turn the last bit of one byte of a value, as a failing disk does: inside the word `wire` where nothing else is said. */
function turn(dataDir: string, select: string, update: string, word = "wire"): void {
  const database = new Database(join(dataDir, "lamella.sqlite"));
  const value = database.prepare(select).pluck().get() as Buffer | string;
  const bytes = Buffer.from(value as Buffer);
  const at = bytes.indexOf(word);
  expect(at).toBeGreaterThanOrEqual(0);
  bytes[at]! ^= 1;
  database.prepare(update).run(typeof value === "string" ? bytes.toString() : bytes);
  database.close();
}
function turnUpdate(dataDir: string, seq: number, word = "wire"): void {
  const database = new Database(join(dataDir, "lamella.sqlite"));
  changeUpdate(database, seq, ({ entry }) => {
    const at = Buffer.from(entry.buffer, entry.byteOffset, entry.length).indexOf(word);
    expect(at).toBeGreaterThanOrEqual(0);
    entry[at]! ^= 1;
    return undefined;
  });
  database.close();
}
const problemsOf = async (dataDir: string) => (await verifyStore(dataDir)).problems;
const lamella = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, "../../../server/cli.ts"), ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (cause: { code: number; stdout: string; stderr: string }) => cause,
  );

describe("one turned bit", () => {
  it.each([
    ["bytes", "wire"],
    ["author", "anna"],
    ["marks", '"mark'],
  ])("in the %s of an update is found beside a running store, and named", async (_, word) => {
    const dataDir = await temporaryFolder();
    const { store } = await open(dataDir);
    const { seqs } = await drawn(store, 4);
    await store.documentLog.open(room);
    expect(await verifyStore(dataDir)).toMatchObject({ problems: [], updates: 8, withoutChecksum: 0 });
    turnUpdate(dataDir, seqs[2]!, word);
    expect(await problemsOf(dataDir)).toEqual([
      expect.stringMatching(
        new RegExp(`^room ${room}: update ${seqs[2]} is not as it was written: what p-.* at 2023-11-14T`),
      ),
    ]);
  });

  it("is found whether the rooms are read at one moment or each at its own", async () => {
    const dataDir = await temporaryFolder();
    const { store } = await open(dataDir);
    const { seqs } = await drawn(store, 2);
    await store.documentLog.open(room);
    for (const seq of [seqs[0]!, seqs[3]!]) turnUpdate(dataDir, seq);
    await drawn(store, 1);
    const database = openForReading(join(dataDir, "lamella.sqlite"));
    onTestFinished(() => void database.close());
    const [atOnce, apart] = [checkRooms(database), checkRooms(database, 0)];
    expect(atOnce).toMatchObject({ rooms: 2, updates: 6, problems: [expect.anything(), expect.anything()] });
    expect(apart).toEqual(atOnce);
    expect(database.inTransaction).toBe(false);
  });

  it("in an update does not keep its room from opening: the server says so, and gives it all the same", async () => {
    const dataDir = await temporaryFolder();
    const { store } = await open(dataDir);
    const { seqs } = await drawn(store, 4);
    await store.documentLog.open(room);
    turnUpdate(dataDir, seqs[1]!);
    const reports: unknown[] = [];
    const rooms = new RoomServer({
      ...{ log: store.documentLog, authorise: admitByQuery },
      report: (event, facts) => void reports.push([event, facts.room, String(facts.what)]),
    });
    onTestFinished(() => rooms.close());
    const names = await rooms.readDocument(room, (doc) =>
      [...marksOf(doc).values()].map((m) => m.get("name")),
    );
    expect(names).toHaveLength(4);
    expect(reports).toEqual([
      ["damage", room, expect.stringContaining(`update ${seqs[1]} is not as it was written`)],
    ]);
    await rooms.readDocument(other, () => undefined);
    expect(reports).toHaveLength(1);
  });

  it("in an update's marks or time keeps nobody from its history, nor the room from its next whole state", async () => {
    const dataDir = await temporaryFolder();
    const { store } = await open(dataDir);
    const { seqs, whole } = await drawn(store, 3);
    const log = store.documentLog;
    await log.open(room);
    const database = new Database(join(dataDir, "lamella.sqlite"));
    changeUpdate(database, seqs[0]!, ({ entry }) => {
      entry[Buffer.from(entry).indexOf("[")]! ^= 1;
      return undefined;
    });
    changeUpdate(database, seqs[1]!, ({ entry, principalId }) => {
      const time = 4 + principalId.length;
      entry.fill(0xff, time, time + 8);
      return undefined;
    });
    database.close();
    const said = async () =>
      (await log.history(room, 0, 10)).map(({ touched, receivedAtMs }) => [touched, receivedAtMs > 0]);
    const expected = [
      [[], true],
      [["mark-1"], false],
      [["mark-2"], true],
    ];
    expect(await said()).toEqual(expected);
    expect([...(await log.lastTouches(room)).keys()]).toEqual(["mark-1", "mark-2"]);
    await log.checkpoint(room, seqs[2]!, whole);
    expect(await said()).toEqual(expected);
    expect([...(await log.lastTouches(room)).keys()]).toEqual(["mark-1", "mark-2"]);
    expect(await problemsOf(dataDir)).toEqual([
      expect.stringContaining(`update ${seqs[0]} is not`),
      expect.stringMatching(`update ${seqs[1]} is not .* at an unknown time`),
    ]);
  });

  it("in a whole state is found, and what it costs is said by what it is for", async () => {
    const dataDir = await temporaryFolder();
    const { store, close } = await open(dataDir);
    const { seqs, whole } = await drawn(store, 4);
    await store.documentLog.checkpoint(room, seqs[3]!, whole);
    await store.documentLog.newEpoch(other, whole);
    await close();
    expect(await verifyStore(dataDir)).toMatchObject({ problems: [], withoutChecksum: 0 });
    for (const name of [room, other])
      turn(
        dataDir,
        `SELECT bytes FROM room_checkpoint WHERE room = '${name}'`,
        `UPDATE room_checkpoint SET bytes = ? WHERE room = '${name}'`,
      );
    expect(await problemsOf(dataDir)).toEqual([
      `room ${room}: the whole state at ${seqs[3]} is not as it was written: it is passed over, and the updates up to there have all that it should say.`,
      `room ${other}: the whole state at ${seqs[7]} is not as it was written: what the room began anew with may be wrong. Compare it with a backup.`,
    ]);
  });

  it("in a whole state is of no consequence: a room opens from what came before, and the next state takes its place", async () => {
    const dataDir = await temporaryFolder();
    const { store, close } = await open(dataDir);
    const { seqs, whole } = await drawn(store, 4);
    await store.documentLog.checkpoint(room, seqs[3]!, whole);
    await close();
    turn(dataDir, "SELECT bytes FROM room_checkpoint", "UPDATE room_checkpoint SET bytes = ?");

    const { store: again } = await open(dataDir);
    const log = again.documentLog;
    const rooms = new RoomServer({ log, authorise: admitByQuery, report: () => undefined });
    onTestFinished(() => rooms.close());
    const namesIn = (doc: Y.Doc) => [...marksOf(doc).values()].map((mark) => mark.get("name"));
    const drawnNames = [0, 1, 2, 3].map((i) => `wire ${i} of many`);
    expect(await rooms.readDocument(room, namesIn)).toEqual(drawnNames);
    const at = new Y.Doc();
    for (const part of (await log.stateAt(room, seqs[3]!))!) Y.applyUpdate(at, part);
    expect(namesIn(at)).toEqual(drawnNames);
    await rooms.close();
    expect(await problemsOf(dataDir)).toEqual([]);
    expect((await log.open(room)).checkpoint).toMatchObject({ seq: seqs[3] });
  });

  it("that was there before an update was packed is found in the run it was packed into", async () => {
    const dataDir = await temporaryFolder();
    const { store, close } = await open(dataDir);
    const { seqs, whole } = await drawn(store, 1_100);
    const log = store.documentLog;
    await log.checkpoint(room, seqs[1_099]!, whole);
    turnUpdate(dataDir, seqs[500]!);
    const { epoch } = await log.open(room);
    const [last] = await log.append([
      {
        ...{ room, epoch, bytes: Uint8Array.of(0, 0), principalId: "p-anna", receivedAtMs: 5 },
        ...{ touched: [], bind: [] },
      },
    ]);
    await log.checkpoint(room, last!, whole);
    expect(store.read("SELECT 1 FROM room_run WHERE packed = 1")).toHaveLength(1);
    await close();
    expect(await problemsOf(dataDir)).toEqual([
      expect.stringMatching(new RegExp(`update ${seqs[500]} is not .* what p-anna did to \\["mark-500"\\]`)),
    ]);
  });

  it("in the journal is found, and stays known when its updates are filed", async () => {
    const dataDir = await temporaryFolder();
    const { store } = await open(dataDir);
    const { seqs } = await drawn(store, 2);
    const crashed = await temporaryFolder();
    await copyDatabase(join(dataDir, "lamella.sqlite"), join(crashed, "lamella.sqlite"));
    const { problems, updates } = await verifyStore(crashed);
    expect([problems, updates]).toEqual([[], 4]);
    turn(crashed, "SELECT entries FROM room_journal", "UPDATE room_journal SET entries = ?");
    expect(await problemsOf(crashed)).toEqual([
      `journal: updates ${seqs[0]} to ${seqs[3]} (room ${room}, room ${other}) not as written: what was done there may be wrong. Compare it with a backup.`,
    ]);
    const { store: again } = await open(crashed);
    expect((await again.documentLog.open(room)).damage).toHaveLength(2);
    expect(await problemsOf(crashed)).toEqual(
      seqs.map((seq) => expect.stringMatching(`update ${seq} lay among others of which one changed`)),
    );
  });

  it("that makes a group of the journal unreadable costs that group and holds up no room", async () => {
    const dataDir = await temporaryFolder();
    const { store } = await open(dataDir);
    const { seqs } = await drawn(store, 2);
    const crashed = await temporaryFolder();
    await copyDatabase(join(dataDir, "lamella.sqlite"), join(crashed, "lamella.sqlite"));
    const database = new Database(join(crashed, "lamella.sqlite"));
    const entries = database.prepare("SELECT entries FROM room_journal").pluck().get() as Buffer;
    entries[0]! ^= 1;
    database.prepare("UPDATE room_journal SET entries = ?").run(entries);
    database.close();
    const lost = `journal: updates ${seqs[0]} to ${seqs[3]} (room ${room}, room ${other}) cannot be read any more: what was done there is lost. Take it from a backup.`;
    expect(await problemsOf(crashed)).toEqual([lost]);

    const { store: again } = await open(crashed);
    const opened = await again.documentLog.open(room);
    expect(opened).toMatchObject({
      updates: [],
      damage: [expect.stringMatching(`updates ${seqs[0]} to ${seqs[3]} cannot be read`)],
    });
    expect((await again.documentLog.open("micrograph:another:annotations")).damage).toEqual([]);
    expect((await drawn(again, 2)).seqs[0]).toBe(seqs[3]! + 1);
    expect(await problemsOf(crashed)).toEqual([lost]);
    await again.documentLog.erase([room]);
    expect(await problemsOf(crashed)).toEqual([]);
  });

  it("goes into a backup, and verify, backup's folder and restore all say so, with exit code 1", async () => {
    const [dataDir, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    const { store, close } = await open(dataDir);
    const { seqs } = await drawn(store, 3);
    await close();
    turnUpdate(dataDir, seqs[0]!);
    const backup = join(elsewhere, "backup");
    await makeBackup(dataDir, backup);
    const said = expect.stringMatching(`room ${room}: update ${seqs[0]} is not as it was written`);
    expect(await lamella("verify", "--data", backup)).toMatchObject({
      ...{ code: 1, stderr: said, stdout: expect.stringMatching(/: 1 problems/) },
    });
    const restored = join(elsewhere, "data");
    expect(await lamella("restore", backup, "--data", restored)).toMatchObject({ code: 1, stderr: said });
    expect(await problemsOf(restored)).toEqual([said]);
  });
});

describe("a store from before there were checksums", () => {
  it.each([1, ages])("of age %i is clean, and how much of it nobody can vouch for is said", async (age) => {
    const folder = await temporaryFolder();
    const dataDir = join(folder, "data");
    await makeOldStore(dataDir, age);
    const old = { problems: [], updates: 3, withoutChecksum: 4 };
    expect(await verifyStore(dataDir)).toMatchObject(old);
    expect((await lamella("verify", "--data", dataDir)).stdout).toMatch(
      /4 updates and whole states are of an older/,
    );
    await makeBackup(dataDir, join(folder, "backup"));
    const report = await restoreBackup(join(folder, "backup"), join(folder, "restored"));
    expect(report.problems).toEqual([]);
    const server = await startTestServer({ dataDir });
    await server.close();
    expect(await verifyStore(dataDir)).toMatchObject(old);
  });
});
