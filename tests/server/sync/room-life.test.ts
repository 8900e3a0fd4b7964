import { describe, expect, it, vi } from "vitest";
import * as Y from "yjs";
import { MemoryDocumentLog } from "#server/storage/memory/memory-document-log.ts";
import { StorageError } from "#server/storage/storage-error.ts";
import { patienceMs } from "#tests/patience.ts";
import { draw, marksOf, recordUpdates } from "./marks.ts";
import { RawClient } from "./raw-client.ts";
import { startServer, stockProvider, synced, whenDocuments } from "./running-server.ts";

const room = "micrograph:abcdefgh:annotations";
const other = "micrograph:otherone:annotations";

describe("the life of a room", () => {
  it("P50 nothing is broadcast, acknowledged or answered before it is on disk", async () => {
    const log = new MemoryDocumentLog();
    const append = log.append.bind(log);
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const asked = vi.fn();
    log.append = async (batch) => {
      asked();
      await held;
      return append(batch);
    };
    const { url, rooms } = await startServer({ log });
    const reader = await RawClient.connect(url, room, "as=ben");
    const doc = new Y.Doc();
    const updates = recordUpdates(doc);
    const writer = await RawClient.connect(url, room, "as=anna");
    writer.hello({ clientId: doc.clientID });
    draw(doc, "mark-1");
    writer.sync(2, updates[0]!);
    await vi.waitFor(() => expect(asked).toHaveBeenCalled(), patienceMs);
    reader.sync(0, Uint8Array.of(0));
    const answer = await reader.hears("step2");
    expect([...answer.bytes]).toEqual([0, 0]);
    expect(await rooms.readDocument(room, (state) => marksOf(state).size)).toBe(0);
    // The same person's next connection repeats what is still on its way: that is no confirmation either.
    const again = await RawClient.connect(url, room, "as=anna");
    again.hello({ clientId: doc.clientID });
    again.sync(1, updates[0]!);
    again.sync(0, Uint8Array.of(0));
    await again.hears("step2");
    expect([reader.all("update"), writer.all("ack"), again.all("ack")]).toEqual([[], [], []]);
    release();
    await again.hears("ack", ({ frames }) => frames === 1);
    await writer.hears("ack", ({ frames }) => frames === 1);
    await reader.hears("update");
  });

  it("P51 when the disk refuses, the sender is told to come later, nobody sees the edit, and it arrives afterwards", async () => {
    const log = new MemoryDocumentLog();
    const append = log.append.bind(log);
    let full = true;
    log.append = async (batch) => {
      if (full) throw new StorageError("full", "The disk is full.");
      return append(batch);
    };
    const { url, rooms } = await startServer({ log });
    const a = stockProvider(url, room, { as: "anna" });
    const b = stockProvider(url, room, { as: "ben" });
    await Promise.all([synced(a.provider), synced(b.provider)]);
    const closed = new Promise((resolve) =>
      a.provider.once("connection-close", (event) => resolve(event?.code)),
    );
    draw(a.doc, "mark-1");
    expect(await closed).toBe(4503);
    expect(await rooms.readDocument(room, (state) => marksOf(state).size)).toBe(0);
    expect(b.provider.wsconnected).toBe(true);
    expect(marksOf(b.doc).size).toBe(0);
    full = false;
    await whenDocuments([b.doc], () => marksOf(b.doc).size === 1);
  });

  it("P52 a revoked person's sockets in those rooms close with 4403 and nothing more passes; others stay", async () => {
    const { url, rooms } = await startServer();
    const revoked = await RawClient.connect(url, room, "as=rita");
    const elsewhere = await RawClient.connect(url, other, "as=rita");
    const a = stockProvider(url, room, { as: "anna" });
    await synced(a.provider);
    await Promise.all([revoked.hears("step1"), elsewhere.hears("step1")]);
    expect(rooms.onlineCount([room, other])).toBe(2);
    rooms.revoke("p-rita", [room]);
    expect(rooms.onlineCount([room])).toBe(1);
    draw(a.doc, "mark-after");
    expect((await revoked.hears("closed")).code).toBe(4403);
    expect(revoked.all("update")).toEqual([]);
    expect(elsewhere.socket.readyState).toBe(elsewhere.socket.OPEN);
    expect(a.provider.wsconnected).toBe(true);
  });

  it("P53 an empty room leaves memory with its state stored whole, and opens again as it was", async () => {
    const { url, rooms, log } = await startServer({ limits: { idleRoomMs: 5 } });
    const a = stockProvider(url, room, { as: "anna" });
    await synced(a.provider);
    for (let i = 0; i < 5; i++) draw(a.doc, `mark-${i}`);
    await vi.waitFor(() => expect(rooms.metrics.committedUpdates).toBe(5), patienceMs);
    a.provider.destroy();
    await vi.waitFor(() => expect(rooms.metrics.rooms).toBe(0), patienceMs);
    const stored = await log.open(room);
    expect(stored.updates).toEqual([]);
    expect(stored.checkpoint).not.toBeNull();
    expect(await log.history(room, 0, 100)).toHaveLength(5);
    const b = stockProvider(url, room, { as: "ben" });
    await synced(b.provider);
    expect(marksOf(b.doc).size).toBe(5);
    // The index came back too: the record is still protected, and its author is still known.
    marksOf(b.doc).delete("mark-1");
    const code = await new Promise((resolve) =>
      b.provider.once("connection-close", (event) => resolve(event?.code)),
    );
    expect(code).toBe(4409);
    expect([...(await rooms.authors(room)).entries()]).toContainEqual([a.doc.clientID, "p-anna"]);
  });

  it("P54 a new epoch's rooms refuse nobody who is fresh; closing the server says 1012", async () => {
    const { url, rooms } = await startServer();
    const client = await RawClient.connect(url, room, "as=anna");
    client.hello({ clientId: 5 });
    const { value } = await client.hears("hello");
    expect(value).toEqual({ protocolVersion: 1, epoch: value.epoch, principalId: "p-anna", mayWrite: true });
    await rooms.close();
    expect((await client.hears("closed")).code).toBe(1012);
  });

  it("P55 many sockets of one person are bounded", async () => {
    const { url } = await startServer({ limits: { maxSocketsPerPrincipal: 2 } });
    const first = await RawClient.connect(url, room, "as=anna");
    const second = await RawClient.connect(url, room, "as=anna");
    await Promise.all([first.hears("step1"), second.hears("step1")]);
    const third = await RawClient.connect(url, room, "as=anna");
    expect((await third.hears("closed")).code).toBe(4429);
  });

  it("P42 a writer faster than the disk is held back, and everything it sent is kept", async () => {
    const { url, rooms } = await startServer({ limits: { maxFramesInFlight: 4, maxBytesInFlight: 2_000 } });
    const doc = new Y.Doc();
    const updates = recordUpdates(doc);
    for (let i = 0; i < 500; i++) draw(doc, `mark-${i}`, { name: "x".repeat(200) });
    const client = await RawClient.connect(url, room, "as=anna");
    client.hello({ clientId: doc.clientID });
    for (const update of updates) client.sync(2, update);
    await client.hears("ack", ({ frames }) => frames === 500);
    expect(await rooms.readDocument(room, (state) => marksOf(state).size)).toBe(500);
  });
});
