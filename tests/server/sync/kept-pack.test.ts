import { join } from "node:path";
import { gzipSync } from "node:zlib";
import Database from "better-sqlite3";
import { expect, it, onTestFinished, vi } from "vitest";
import * as Y from "yjs";
import { verifyStore } from "#server/backup/verify-store.ts";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { decodePack, encodePack } from "#server/sync/kept-pack.ts";
import { type Replay, replayHere } from "#server/sync/replay.ts";
import { RoomServer } from "#server/sync/room-server.ts";
import { patienceMs } from "#tests/patience.ts";
import { temporaryFolder } from "../storage/temporary-folder.ts";
import { openPacked } from "./packed-opening.ts";
import { RawClient } from "./raw-client.ts";
import { admitByQuery, listen, stockProvider, synced } from "./running-server.ts";

const room = "micrograph:abcdefgh:annotations";
/** Several pieces' worth. */
const marks = 12_000;

/** A server on this folder's store, until it is ended; `packed` counts how often it packed. */
async function serve(dataDir: string, replay: Partial<Replay> = {}) {
  const store = await openEmbeddedStore({ dataDir, migrations: [] });
  const reports: string[] = [];
  const pack = vi.fn(replayHere.pack);
  const rooms = new RoomServer({
    log: store.documentLog,
    authorise: admitByQuery,
    limits: { idleRoomMs: 3_600_000 },
    replay: { ...replayHere, pack, ...replay },
    report: (event) => void reports.push(event),
  });
  const { url, stop } = await listen(rooms);
  let ended = false;
  const end = async () => {
    if (ended) return;
    ended = true;
    await stop();
    await store.close();
  };
  onTestFinished(end);
  return { rooms, url, store, reports, pack, end };
}

/** `from` on, as an import writes them. */
const writeMarks = (rooms: RoomServer, from: number, count: number) =>
  rooms.writeAsServer(room, "p-anna", (doc) => {
    for (let i = from; i < from + count; i++)
      doc.getMap("annotations").set(`mark-${i}`, new Y.Map<unknown>([["m", { number: i, of: "anna" }]]));
  });

const contents = (doc: Y.Doc) => JSON.stringify(Object.entries(doc.getMap("annotations").toJSON()).sort());
const contentsOf = (rooms: RoomServer) => rooms.readDocument(room, contents);

/** A folder whose large room was packed when its server ended. */
async function leftPacked(): Promise<string> {
  const dataDir = join(await temporaryFolder(), "data");
  const before = await serve(dataDir);
  await writeMarks(before.rooms, 0, marks);
  await before.end();
  expect(before.pack).toHaveBeenCalledTimes(1);
  return dataDir;
}

function changePack(dataDir: string, change: (bytes: Uint8Array) => Uint8Array): void {
  const database = new Database(join(dataDir, "lamella.sqlite"));
  const bytes = database.prepare("SELECT bytes FROM room_packed").pluck().get() as Buffer;
  database.prepare("UPDATE room_packed SET bytes = ?").run(change(bytes));
  database.close();
}

it("P7 the first to open a large room after a restart is sent the pieces from the store, and what came since", async () => {
  const dataDir = await leftPacked();
  const server = await serve(dataDir);
  const first = await openPacked(server.url, room, "as=ben");
  expect(first.kinds.length).toBeGreaterThan(2);
  expect(new Set(first.kinds)).toEqual(new Set([2]));
  expect(server.pack).not.toHaveBeenCalled();
  expect(contents(first.doc)).toBe(await contentsOf(server.rooms));
  // Said before its index was read.
  expect(first.vector).toEqual(Y.decodeStateVector(Y.encodeStateVector(first.doc)));

  await writeMarks(server.rooms, marks, 20);
  await server.rooms.writeAsServer(room, "p-anna", (doc) => doc.getMap("annotations").delete("mark-5"));
  const later = await openPacked(server.url, room, "as=carla");
  expect(new Set(later.kinds)).toEqual(new Set([2]));
  expect(contents(later.doc)).toBe(await contentsOf(server.rooms));
  expect(later.doc.getMap("annotations").size).toBe(marks + 19);

  // Stored whole, too little to be packed again: the pieces are older than the whole state now.
  await server.end();
  expect(server.pack).not.toHaveBeenCalled();
  const again = await serve(dataDir);
  const last = await openPacked(again.url, room, "as=ben");
  expect(new Set(last.kinds)).toEqual(new Set([2]));
  expect(contents(last.doc)).toBe(contents(later.doc));
  expect(last.vector).toEqual(Y.decodeStateVector(Y.encodeStateVector(last.doc)));
  expect(again.reports).toEqual([]);
  expect((await verifyStore(dataDir)).problems).toEqual([]);
});

it("P7 what came after the last pieces, and was on disk when the process died, comes with them", async () => {
  const dataDir = await leftPacked();
  const killed = await serve(dataDir, { fold: () => Promise.reject(new Error("killed")) });
  // More than is sent in one step 2.
  await writeMarks(killed.rooms, marks, 2_500);
  await killed.rooms.writeAsServer(room, "p-anna", (doc) => doc.getMap("annotations").delete("mark-7"));
  killed.pack.mockRejectedValue(new Error("killed"));
  await killed.end();
  const server = await serve(dataDir);
  const opened = await openPacked(server.url, room);
  expect(opened.kinds.slice(0, -1).every((kind) => kind === 2)).toBe(true);
  expect(opened.kinds.at(-1)).toBe(1);
  expect(opened.doc.getMap("annotations").size).toBe(marks + 2_499);
  expect(contents(opened.doc)).toBe(await contentsOf(server.rooms));
});

it("P7 a room opened from its pieces judges what is drawn as before, and a stock provider has all of it", async () => {
  const server = await serve(await leftPacked());
  const stock = stockProvider(server.url, room, { as: "dora" });
  await synced(stock.provider);
  expect(contents(stock.doc)).toBe(await contentsOf(server.rooms));

  const { doc, socket } = await openPacked(server.url, room, "as=ben");
  const author = [...Y.decodeStateVector(Y.encodeStateVector(doc)).keys()][0]!;
  const forged = new Y.Doc();
  Y.applyUpdate(forged, Y.encodeStateAsUpdate(doc));
  const before = Y.encodeStateVector(forged);
  forged.clientID = author;
  forged.getMap<Y.Map<unknown>>("annotations").get("mark-9")!.set("m", "of another");
  const forger = await RawClient.connect(server.url, room, "as=mallory");
  forger.hello({ clientId: 5 });
  forger.sync(2, Y.encodeStateAsUpdate(forged, before));
  expect((await forger.hears("refused")).value).toMatchObject({ code: "author" });
  socket.terminate();

  const ben = await RawClient.connect(server.url, room, "as=ben");
  doc.clientID = 77;
  ben.hello({ clientId: 77 });
  const known = Y.encodeStateVector(doc);
  doc.getMap<Y.Map<unknown>>("annotations").get("mark-9")!.set("name", "ben's");
  ben.sync(2, Y.encodeStateAsUpdate(doc, known));
  await ben.hears("ack");
  await vi.waitFor(() => expect(contents(stock.doc)).toBe(contents(doc)), patienceMs);
  expect(server.reports).toEqual(["refused"]);
});

it("damaged pieces are found by their checksum: the log has everything, and they are made anew", async () => {
  const dataDir = await leftPacked();
  changePack(dataDir, (bytes) => {
    bytes[bytes.length >> 1]! ^= 1;
    return bytes;
  });
  expect((await verifyStore(dataDir)).problems).toEqual([
    expect.stringMatching(/the state packed at \d+ is damaged \(its checksum is wrong\)/),
  ]);
  const server = await serve(dataDir);
  const first = await openPacked(server.url, room);
  expect(server.reports).toEqual(["packed state damaged"]);
  expect(new Set(first.kinds)).toEqual(new Set([1]));
  expect(first.doc.getMap("annotations").size).toBe(marks);
  await vi.waitFor(async () => expect((await verifyStore(dataDir)).problems).toEqual([]), patienceMs);
  const second = await openPacked(server.url, room);
  expect(second.kinds.length).toBeGreaterThan(2);
  expect(contents(second.doc)).toBe(contents(first.doc));
});

it("pieces that no checksum betrays are found when the index is read from them, before an edit is judged by it", async () => {
  const dataDir = await leftPacked();
  changePack(dataDir, (bytes) => {
    const { pieces, vector, ofBytes } = decodePack(bytes);
    return encodePack({ pieces: [pieces[0]!, gzipSync("no update"), ...pieces.slice(2)], vector }, ofBytes);
  });
  expect((await verifyStore(dataDir)).problems).toHaveLength(1);
  const server = await serve(dataDir);
  await writeMarks(server.rooms, marks, 1);
  expect(server.reports).toEqual(["packed state damaged"]);
  const { doc } = await openPacked(server.url, room);
  expect(doc.getMap("annotations").size).toBe(marks + 1);
  await vi.waitFor(async () => expect((await verifyStore(dataDir)).problems).toEqual([]), patienceMs);

  changePack(dataDir, (bytes) => {
    const { pieces, vector, ofBytes } = decodePack(bytes);
    return encodePack({ pieces: pieces.slice(0, -1), vector }, ofBytes);
  });
  expect((await verifyStore(dataDir)).problems).toEqual([expect.stringContaining("not what the log says")]);
});

it("a room that grows by much at once is packed in the background, before anybody asks", async () => {
  const dataDir = join(await temporaryFolder(), "data");
  const server = await serve(dataDir);
  const keep = vi.spyOn(server.store.documentLog, "keepPacked");
  for (let i = 0; i < 3; i++)
    await server.rooms.writeAsServer(room, "p-import", (doc) => {
      for (let k = 0; k < 20; k++) doc.getMap("annotations").set(`large-${i}-${k}`, new Uint8Array(100_000));
    });
  await vi.waitFor(() => expect(keep.mock.settledResults.at(-1)?.type).toBe("fulfilled"), patienceMs);
  const { kinds, doc } = await openPacked(server.url, room);
  expect(kinds[0]).toBe(2);
  expect(doc.getMap("annotations").size).toBe(60);
});

it("whoever opens a large room that was written this moment is sent the updates as they stand", async () => {
  const dataDir = join(await temporaryFolder(), "data");
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const server = await serve(dataDir, {
    fold: async (parts) => held.then(() => replayHere.fold(parts)),
    pack: async (parts) => held.then(() => replayHere.pack(parts)),
  });
  for (let i = 0; i < 3; i++)
    await server.rooms.writeAsServer(room, "p-import", (doc) => {
      for (let k = 0; k < 20; k++) doc.getMap("annotations").set(`large-${i}-${k}`, new Uint8Array(100_000));
    });
  const { kinds, doc } = await openPacked(server.url, room);
  expect(kinds.length).toBeGreaterThan(2);
  expect(new Set(kinds)).toEqual(new Set([1]));
  expect(doc.getMap("annotations").size).toBe(60);
  letGo();
});
