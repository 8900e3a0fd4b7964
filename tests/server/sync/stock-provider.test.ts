import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { messageTypes } from "#core/protocol/messages.ts";
import { patienceMs } from "#tests/patience.ts";
import { draw, marksOf } from "./marks.ts";
import { startServer, stockProvider, synced, whenDocuments } from "./running-server.ts";

const room = "micrograph:abcdefgh:annotations";

describe("y-websocket's provider, unmodified", () => {
  it("P1 two of them share a room, and a third finds everything", async () => {
    const { url } = await startServer();
    const a = stockProvider(url, room, { as: "anna" });
    const b = stockProvider(url, room, { as: "ben" });
    await Promise.all([synced(a.provider), synced(b.provider)]);
    draw(a.doc, "mark-a", { classId: "delamination" });
    draw(b.doc, "mark-b");
    await whenDocuments([a.doc, b.doc], () => [a, b].every(({ doc }) => marksOf(doc).size === 2));
    marksOf(b.doc).get("mark-a")!.set("classId", "damage");
    await whenDocuments([a.doc], () => marksOf(a.doc).get("mark-a")!.get("classId") === "damage");
    const c = stockProvider(url, room, { as: "carla" });
    await synced(c.provider);
    expect(marksOf(c.doc).toJSON()).toEqual(marksOf(a.doc).toJSON());
    expect(Y.encodeStateVector(c.doc)).toEqual(Y.encodeStateVector(a.doc));
  });

  it("P2 brings offline edits in once it is back, whatever was drawn meanwhile", async () => {
    const { url } = await startServer();
    const a = stockProvider(url, room, { as: "anna" });
    const b = stockProvider(url, room, { as: "ben" });
    await Promise.all([synced(a.provider), synced(b.provider)]);
    draw(a.doc, "mark-1");
    await whenDocuments([b.doc], () => marksOf(b.doc).has("mark-1"));
    a.provider.disconnect();
    for (let i = 0; i < 20; i++) marksOf(a.doc).get("mark-1")!.set("name", `offline ${i}`);
    draw(a.doc, "mark-2");
    draw(b.doc, "mark-3");
    a.provider.connect();
    await whenDocuments([a.doc, b.doc], () => [a, b].every(({ doc }) => marksOf(doc).size === 3));
    await whenDocuments([b.doc], () => marksOf(b.doc).get("mark-1")!.get("name") === "offline 19");
    expect(marksOf(a.doc).toJSON()).toEqual(marksOf(b.doc).toJSON());
  });

  it("P3 is never sent a message type that it does not know", async () => {
    const complaint = vi.spyOn(console, "error").mockImplementation(() => {});
    const { url } = await startServer();
    const a = stockProvider(url, room, { as: "anna" });
    const b = stockProvider(url, room, { as: "ben" });
    await Promise.all([synced(a.provider), synced(b.provider)]);
    for (let i = 0; i < 10; i++) draw(a.doc, `mark-${i}`);
    await whenDocuments([b.doc], () => marksOf(b.doc).size === 10);
    expect(complaint).not.toHaveBeenCalled();
    complaint.mockRestore();
  });

  it("P4 hears something within the keep-alive time when the room is quiet, and stays", async () => {
    const { url } = await startServer({ limits: { keepAliveMs: 50 } });
    const a = stockProvider(url, room);
    a.provider.awareness.setLocalState(null);
    await synced(a.provider);
    const socket = a.provider.ws as unknown as {
      addEventListener(type: "message", on: (e: MessageEvent) => void): void;
    };
    const quiet = await new Promise<Uint8Array>((resolve) => {
      socket.addEventListener("message", (event) => {
        const message = new Uint8Array(event.data as ArrayBuffer);
        if (message[0] === 1) resolve(message);
      });
    });
    expect([...quiet]).toEqual([1, 1, 0]);
    expect(a.provider.wsconnected).toBe(true);
  });

  it("P61 a socket that is gone without a word is cut; one that talks is not even asked", async () => {
    const { url, rooms } = await startServer({ limits: { pingMs: 2_000, keepAliveMs: 2_000 } });
    const open = async (autoPong: boolean) => {
      const socket = new WebSocket(`${url}/${room}?as=anna`, { autoPong });
      await once(socket, "open");
      return socket;
    };
    const [talking, quiet, gone] = [await open(false), await open(true), await open(false)];
    let asked = 0;
    talking.on("ping", () => asked++);
    const askedQuiet = once(quiet, "ping");
    const talk = setInterval(() => talking.send(Uint8Array.of(messageTypes.queryAwareness)), 10);
    await once(gone, "close");
    await askedQuiet;
    clearInterval(talk);
    expect(asked).toBe(0);
    expect([talking.readyState, quiet.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
    await vi.waitFor(() => expect(rooms.metrics.sockets).toBe(2), patienceMs);
    for (const socket of [talking, quiet]) socket.terminate();
  });

  it("P5 a reader's provider stays, sees everything and changes nothing", async () => {
    const { url, rooms } = await startServer();
    const a = stockProvider(url, room, { as: "anna" });
    const doc = new Y.Doc();
    const reader = stockProvider(url, room, { as: "rita", role: "reader" }, doc);
    await Promise.all([synced(a.provider), synced(reader.provider)]);
    draw(a.doc, "mark-1", { name: "first" });
    marksOf(a.doc).get("mark-1")!.set("name", "second");
    await whenDocuments([doc], () => marksOf(doc).get("mark-1")?.get("name") === "second");
    // Coming back, it answers step 1 with the deletions it knows: no attempt to write.
    reader.provider.disconnect();
    reader.provider.connect();
    await synced(reader.provider);
    const closed = new Promise<number>((resolve) =>
      reader.provider.on("connection-close", (event) => resolve(event?.code ?? 0)),
    );
    draw(doc, "mark-of-a-reader");
    expect(await closed).toBe(4409);
    expect(await rooms.readDocument(room, (kept) => [...marksOf(kept).keys()])).toEqual(["mark-1"]);
  });

  it("P6 a refusal to enter is said by a close code on an accepted socket", async () => {
    const { url } = await startServer();
    const { provider } = stockProvider(url, room, { as: "nobody" });
    const code = await new Promise((resolve) =>
      provider.on("connection-close", (event) => resolve(event?.code)),
    );
    expect(code).toBe(4401);
  });
});
