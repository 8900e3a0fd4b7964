import { describe, expect, it, vi } from "vitest";
import * as Y from "yjs";
import { type AnnotationDocument, openAnnotationDocument } from "#core/document/annotation-document.ts";
import { createRandom } from "#core/random/generator.ts";
import { MemoryDocumentLog } from "#server/storage/memory/memory-document-log.ts";
import { replayHere } from "#server/sync/replay.ts";
import type { RoomServer } from "#server/sync/room-server.ts";
import { patienceMs } from "#tests/patience.ts";
import { startServer, stockProvider, synced, whenDocuments } from "./running-server.ts";
import { square } from "./square.ts";

const room = "micrograph:abcdefgh:annotations";
const random = createRandom(Number(process.env["SEED"] ?? 7));

const open = (doc: Y.Doc) => openAnnotationDocument(doc, { random });
const place = (document: AnnotationDocument, id: string) =>
  document
    .get(id)!
    .outline.rings.flatMap(({ vertices }) => vertices.map(({ id: vertex, x, y }) => [vertex, x, y]));
const overlayKeys = (doc: Y.Doc, id: string) =>
  [...((doc.getMap("a").get(id) as Y.Map<unknown> | undefined)?.keys() ?? [])].filter((key) =>
    /^[vi][0-9a-z]/.test(key),
  );
const left = (rooms: RoomServer) => vi.waitFor(() => expect(rooms.metrics.rooms).toBe(0), patienceMs);

/** A square whose four corners were each moved by hand. */
function drawAndMove(document: AnnotationDocument, id: string): void {
  document.execute({ type: "create", id, annotation: square });
  for (let vertex = 0; vertex < 4; vertex++)
    document.execute({ type: "move-vertices", id, vertices: [{ id: vertex, x: vertex * 10, y: 5 }] });
}

describe("upkeep of an empty room", () => {
  it("P56 F1 folds, under a client id of the server's own, and a peer who was offline meanwhile loses nothing", async () => {
    const { url, rooms, log } = await startServer({ limits: { idleRoomMs: 5 } });
    const anna = stockProvider(url, room, { as: "anna" });
    const ben = stockProvider(url, room, { as: "ben" });
    await Promise.all([synced(anna.provider), synced(ben.provider)]);
    const annas = open(anna.doc);
    drawAndMove(annas, "mark-a");
    await whenDocuments([ben.doc], () => overlayKeys(ben.doc, "mark-a").length === 4);

    // Ben goes offline and goes on drawing: a vertex the fold will take in, a new one, and a mark of his own.
    ben.provider.disconnect();
    const bens = open(ben.doc);
    bens.execute({ type: "move-vertices", id: "mark-a", vertices: [{ id: 1, x: 77, y: 7 }] });
    bens.execute({ type: "insert-vertex", id: "mark-a", leftId: 2, x: 60, y: 60 });
    bens.execute({ type: "create", id: "mark-b", annotation: square });
    anna.provider.disconnect();
    await left(rooms);

    const folded = new Y.Doc();
    for (const part of (await log.open(room)).updates) Y.applyUpdate(folded, part.bytes);
    Y.applyUpdate(folded, (await log.open(room)).checkpoint!.bytes);
    expect(overlayKeys(folded, "mark-a")).toEqual([]);
    expect(place(open(folded), "mark-a").map(([, x]) => x)).toEqual([0, 10, 20, 30]);
    const last = (await log.history(room, 0, 100)).at(-1)!;
    expect([last.principalId.startsWith("lamella@"), last.touched]).toEqual([true, []]);
    expect((await log.lastTouches(room)).get("mark-a")!.principalId).toBe("p-anna");

    anna.provider.connect();
    ben.provider.connect();
    await whenDocuments([anna.doc, ben.doc], () => annas.get("mark-b") !== undefined);
    await whenDocuments([anna.doc, ben.doc], () => overlayKeys(ben.doc, "mark-a").length === 2);
    const server = await rooms.readDocument(room, (doc) => place(open(doc), "mark-a"));
    expect(place(annas, "mark-a")).toEqual(place(bens, "mark-a"));
    expect(server).toEqual(place(bens, "mark-a"));
    expect(server.map(([, x, y]) => [x, y])).toEqual([
      [0, 5],
      [77, 7],
      [20, 5],
      [60, 60],
      [30, 5],
    ]);
  });

  it("P56 writes under one client id however often it tidies", async () => {
    const { url, rooms, log } = await startServer({ limits: { idleRoomMs: 5 } });
    for (const id of ["mark-a", "mark-b", "mark-c"]) {
      const anna = stockProvider(url, room, { as: "anna" });
      await synced(anna.provider);
      const before = rooms.metrics.committedUpdates;
      drawAndMove(open(anna.doc), id);
      await vi.waitFor(() => expect(rooms.metrics.committedUpdates).toBe(before + 5), patienceMs);
      anna.provider.destroy();
      await left(rooms);
    }
    const { bindings } = await log.open(room);
    expect(bindings.filter(({ principalId }) => principalId.startsWith("lamella@"))).toHaveLength(1);
    const state = open(await rooms.readDocument(room, cloned));
    for (const id of ["mark-a", "mark-b", "mark-c"])
      expect(place(state, id).map(([, x]) => x)).toEqual([0, 10, 20, 30]);
    expect(overlayKeys(state.doc, "mark-c")).toEqual([]);
  });

  it("P57 D2 removes what was deleted longer ago than the retention, and nothing else", async () => {
    const log = new MemoryDocumentLog();
    const { url, rooms } = await startServer({
      log,
      limits: { idleRoomMs: 5, keepDeletedMs: 60_000, tidyAgainMs: 0 },
    });
    const anna = stockProvider(url, room, { as: "anna" });
    await synced(anna.provider);
    const annas = open(anna.doc);
    for (const id of ["kept", "deleted-long-ago", "deleted-lately", "deleted-and-restored"])
      annas.execute({ type: "create", id, annotation: square });
    annas.execute({ type: "delete", ids: ["deleted-long-ago", "deleted-lately", "deleted-and-restored"] });
    annas.execute({ type: "restore", ids: ["deleted-and-restored"] });
    await vi.waitFor(() => expect(rooms.metrics.committedUpdates).toBe(6), patienceMs);
    anna.provider.disconnect();
    await left(rooms);
    const ids = () => rooms.readDocument(room, (doc) => [...doc.getMap("a").keys()].sort());
    expect(await ids()).toHaveLength(4);
    await left(rooms);

    // Only these were last touched before the retention began.
    const lastTouches = log.lastTouches.bind(log);
    log.lastTouches = async (name, marks) => {
      const touches = new Map(await lastTouches(name, marks));
      for (const id of ["deleted-long-ago", "kept", "deleted-and-restored"]) {
        const touch = touches.get(id);
        if (touch) touches.set(id, { ...touch, receivedAtMs: 0 });
      }
      return touches;
    };
    await ids();
    await left(rooms);
    expect(await ids()).toEqual(["deleted-and-restored", "deleted-lately", "kept"]);
    expect((await log.history(room, 0, 100)).at(-1)!.touched).toEqual(["deleted-long-ago"]);

    // Whoever still has it converges with the room, and can go on.
    anna.provider.connect();
    await whenDocuments([anna.doc], () => !anna.doc.getMap("a").has("deleted-long-ago"));
    annas.execute({ type: "set-fields", id: "kept", fields: { name: "after" } });
    await vi.waitFor(async () => {
      const name = await rooms.readDocument(room, (doc) => open(doc).get("kept")?.name);
      expect(name).toBe("after");
    }, patienceMs);
  });

  it("P56 leaves a room alone into which somebody came while it was worked out", async () => {
    let worked = () => {};
    const began = new Promise<void>((resolve) => (worked = resolve));
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const log = new MemoryDocumentLog();
    const { url, rooms } = await startServer({
      log,
      limits: { idleRoomMs: 5 },
      replay: {
        ...replayHere,
        async tidy(parts, clientId) {
          worked();
          await held;
          return replayHere.tidy(parts, clientId);
        },
      },
    });
    const anna = stockProvider(url, room, { as: "anna" });
    await synced(anna.provider);
    drawAndMove(open(anna.doc), "mark-a");
    await vi.waitFor(() => expect(rooms.metrics.committedUpdates).toBe(5), patienceMs);
    anna.provider.destroy();
    await began;
    const ben = stockProvider(url, room, { as: "ben" });
    await synced(ben.provider);
    release();
    await rooms.writeAsServer(room, "p-cleo", (doc) => void doc.getMap("a").set("cleo", new Y.Map()));
    expect((await log.history(room, 0, 100)).map(({ principalId }) => principalId)).toEqual([
      ...Array<string>(5).fill("p-anna"),
      "p-cleo",
    ]);
    expect(overlayKeys(ben.doc, "mark-a")).toHaveLength(4);
  });
});

function cloned(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
}
