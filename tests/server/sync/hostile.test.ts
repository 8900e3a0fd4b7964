import { createConnection } from "node:net";
import { describe, expect, it, vi } from "vitest";
import * as Y from "yjs";
import { createRandom } from "#core/random/generator.ts";
import { syncMessage } from "#server/sync/messages.ts";
import { patienceMs } from "#tests/patience.ts";
import { draw, marksOf, recordUpdates } from "./marks.ts";
import { RawClient } from "./raw-client.ts";
import { startServer, stockProvider, synced, whenDocuments } from "./running-server.ts";

const room = "micrograph:abcdefgh:annotations";
const seed = Number(process.env.SEED ?? 1);

describe("whatever a client sends", () => {
  it(`P40 5,000 random, truncated and mutated frames: the server lives, other rooms are as they were (seed ${seed})`, async () => {
    const { url, rooms } = await startServer();
    const quiet = "micrograph:quietone:annotations";
    const a = stockProvider(url, quiet, { as: "anna" });
    await synced(a.provider);
    draw(a.doc, "mark-1");
    const b = stockProvider(url, quiet, { as: "ben" });
    await whenDocuments([b.doc], () => marksOf(b.doc).size === 1);
    const before = await rooms.readDocument(quiet, (doc) =>
      Buffer.from(Y.encodeStateAsUpdate(doc)).toString("hex"),
    );

    const random = createRandom(seed);
    const integer = (below: number) => Math.floor(random() * below);
    const doc = new Y.Doc();
    const updates = recordUpdates(doc);
    for (let i = 0; i < 20; i++) draw(doc, `mark-${i}`, { name: "n".repeat(i) });
    const genuine = [
      ...updates.map((update) => syncMessage(2, update)),
      syncMessage(0, Y.encodeStateVector(doc)),
      syncMessage(1, Y.encodeStateAsUpdate(doc)),
      Uint8Array.of(1, 4, 1, 7, 1, 2, 123, 125),
      Uint8Array.of(101, 2, 123, 125),
    ];
    const frame = (): Uint8Array => {
      const kind = integer(3);
      if (kind === 0) return Uint8Array.from({ length: integer(60) }, () => integer(256));
      const bytes = genuine[integer(genuine.length)]!.slice();
      if (kind === 1) return bytes.slice(0, integer(bytes.length));
      for (let n = 1 + integer(4); n > 0; n--) bytes[integer(bytes.length)] = integer(256);
      return bytes;
    };
    let client = await RawClient.connect(url, room, "as=fuzz");
    let closures = 0;
    for (let sent = 0; sent < 5_000; sent++) {
      client.socket.send(frame());
      if (sent % 5 !== 4) continue;
      // All five have been taken: the server has answered what came after them, or has closed.
      const answers = client.all("step2").length;
      client.sync(0, Uint8Array.of(0));
      await Promise.race([
        client.hears("closed"),
        client.hears("step2", () => client.all("step2").length > answers),
      ]);
      if (client.socket.readyState === client.socket.OPEN) continue;
      closures++;
      client = await RawClient.connect(url, room, `as=fuzz${sent}`);
    }
    expect(closures).toBeGreaterThan(100);
    client.socket.terminate();

    const hash = await rooms.readDocument(quiet, (state) =>
      Buffer.from(Y.encodeStateAsUpdate(state)).toString("hex"),
    );
    expect(hash).toBe(before);
    draw(b.doc, "mark-2");
    await whenDocuments([a.doc], () => marksOf(a.doc).size === 2);
    const after = await rooms.readDocument(quiet, (state) => [...marksOf(state).keys()]);
    expect(after).toEqual(["mark-1", "mark-2"]);
    // The fuzzed room itself still opens and reads.
    const fresh = await RawClient.connect(url, room, "as=rita");
    fresh.sync(0, Uint8Array.of(0));
    await fresh.hears("step2");
    await rooms.readDocument(room, (state) => expect(state.store.pendingStructs).toBeNull());
  });

  it("P41 R6 every reserved opcode, malformed headers and a frame one byte too large end that socket only", async () => {
    const { url, rooms } = await startServer({ limits: { maxFrameBytes: 10_000 } });
    const other = "micrograph:quietone:annotations";
    const quiet = stockProvider(url, other, { as: "carla" });
    await synced(quiet.provider);
    draw(quiet.doc, "mark-1");
    const hashOf = () =>
      rooms.readDocument(other, (doc) => Buffer.from(Y.encodeStateAsUpdate(doc)).toString("hex"));
    await vi.waitFor(() => expect(rooms.metrics.committedUpdates).toBe(1), patienceMs);
    const before = await hashOf();
    const witness = stockProvider(url, room, { as: "anna" });
    await synced(witness.provider);
    const port = Number(new URL(url).port);
    // Reserved opcodes, alone and inside a fragmented message; unmasked; reserved bit; a control frame that is too long.
    const reserved = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
    for (const bytes of [
      ...reserved.map((opcode) => [0x80 | opcode, 0x80, 0, 0, 0, 0]),
      ...reserved.map((opcode) => [0x02, 0x81, 0, 0, 0, 0, 7, 0x80 | opcode, 0x80, 0, 0, 0, 0]),
      [0x82, 0x01, 0x00],
      [0xf2, 0x80, 0, 0, 0, 0],
      [0x89, 0xfe, 1, 0],
    ]) {
      const raw = createConnection(port, "127.0.0.1");
      raw.on("error", () => {});
      raw.write(
        `GET /sync/${room}?as=mallory HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
      );
      await new Promise((resolve) => raw.once("data", resolve));
      raw.write(Uint8Array.from(bytes));
      raw.resume();
      await new Promise((resolve) => raw.once("close", resolve));
    }
    const large = await RawClient.connect(url, room, "as=mallory");
    large.socket.send(new Uint8Array(10_001));
    expect((await large.hears("closed")).code).toBe(1009);
    const text = await RawClient.connect(url, room, "as=mallory");
    text.socket.send("hello");
    expect((await text.hears("closed")).code).toBe(1007);
    draw(witness.doc, "mark-1");
    const later = stockProvider(url, room, { as: "ben" });
    await synced(later.provider);
    await whenDocuments([later.doc], () => marksOf(later.doc).has("mark-1"));
    expect(witness.provider.wsconnected).toBe(true);
    expect(quiet.provider.wsconnected).toBe(true);
    expect(await hashOf()).toBe(before);
  });

  it("P42 a reader that does not read is cut; it comes back and has everything", async () => {
    const { url, rooms } = await startServer({ limits: { cutAboveBytes: 500_000 } });
    const slow = await RawClient.connect(url, room, "as=slow");
    await slow.hears("step1");
    slow.socket.pause();
    const writer = await RawClient.connect(url, room, "as=anna");
    const doc = new Y.Doc();
    const updates = recordUpdates(doc);
    writer.hello({ clientId: doc.clientID });
    let sent = 0;
    while (rooms.metrics.cutReaders === 0 && sent < 300) {
      draw(doc, `mark-${sent++}`, { name: "x".repeat(200_000) });
      writer.sync(2, updates.at(-1)!);
      await writer.hears("ack", ({ frames }) => frames >= sent);
    }
    expect(rooms.metrics.cutReaders).toBe(1);
    await vi.waitFor(() => expect(rooms.onlineCount([room])).toBe(1), patienceMs);
    const back = stockProvider(url, room, { as: "slow" });
    await synced(back.provider);
    expect(marksOf(back.doc).size).toBe(sent);
  });

  it("P42 a reader is not cut for the room it asked for, however slowly it takes it", async () => {
    const limits = { cutAboveBytes: 500_000, maxUpdateBytes: 2_000_000 };
    const { url, rooms } = await startServer({ limits });
    const random = createRandom(seed);
    const noise = () =>
      Array.from({ length: 60_000 }, () => String.fromCharCode(33 + random() * 90)).join("");
    for (let i = 0; i < 200; i++)
      await rooms.writeAsServer(room, "p-import", (doc) => draw(doc, `mark-${i}`, { name: noise() }));
    const slow = await RawClient.connect(url, room, "as=slow");
    await slow.hears("step1");
    slow.socket.pause();
    slow.hello({ clientId: 77, accepts: ["packed"] });
    slow.sync(0, Uint8Array.of(0));
    // Compressed it is still ten times what a slow reader may have waiting.
    await vi.waitFor(() => expect(rooms.metrics.sentBytes).toBeGreaterThan(8_000_000), patienceMs);
    expect(rooms.metrics.cutReaders).toBe(0);
    slow.socket.resume();
    await slow.hears("step2");
    expect(rooms.metrics.cutReaders).toBe(0);
    // What others write is what it may not fall behind with.
    slow.socket.pause();
    for (let i = 0; rooms.metrics.cutReaders === 0 && i < 400; i++)
      await rooms.writeAsServer(room, "p-import", (doc) => draw(doc, `later-${i}`, { name: noise() }));
    expect(rooms.metrics.cutReaders).toBe(1);
  });

  it("P43 thousands of questions at once leave the server to the others; the last is answered", async () => {
    const { url, rooms } = await startServer();
    const large = new Y.Doc();
    large.transact(() => {
      for (let i = 0; i < 3_000; i++) draw(large, `mark-${i}`, { name: `n${i}`, note: "x" });
    });
    await rooms.writeAsServer(room, "p-import", (doc) => Y.applyUpdate(doc, Y.encodeStateAsUpdate(large)));
    const [anna, ben] = [stockProvider(url, room, { as: "anna" }), stockProvider(url, room, { as: "ben" })];
    await Promise.all([synced(anna.provider), synced(ben.provider)]);
    // Whoever knows everything is answered in a few bytes, which cost as much to find as all of it.
    const vector = Y.encodeStateVector(anna.doc);
    const flood = await RawClient.connect(url, room, "as=mallory");
    for (let i = 0; i < 5_000; i++) flood.sync(0, vector);
    const started = performance.now();
    draw(anna.doc, "meanwhile");
    await whenDocuments([ben.doc], () => marksOf(ben.doc).has("meanwhile"));
    const echoMs = performance.now() - started;
    await flood.hears("step2");
    const answers = flood.all("step2").length;
    console.info(`5,000 questions: ${answers} answers so far, an edit passed in ${echoMs.toFixed(0)} ms`);
    expect(answers).toBeLessThan(500);
    // The last question of all is answered, however many came before it.
    const last = new Y.Doc();
    flood.sync(0, Y.encodeStateVector(last));
    await flood.hears("step2", ({ bytes }) => bytes.length > 10_000);
    expect(flood.socket.readyState).toBe(flood.socket.OPEN);
    // A vector that is none still ends the socket, also while others wait.
    flood.sync(0, vector);
    flood.sync(0, vector);
    flood.sync(0, Uint8Array.of(255, 255));
    expect((await flood.hears("closed")).code).toBe(1007);
  });

  it("P43 presence faster than anybody can see is dropped, and shown again at a usual pace", async () => {
    const { url, rooms } = await startServer({ limits: { presenceAtOnce: 50, presencePerSecond: 1_000 } });
    const watcher = await RawClient.connect(url, room, "as=ben");
    const anna = await RawClient.connect(url, room, "as=anna");
    for (let clock = 1; clock <= 20_000; clock++)
      anna.awareness([{ clientId: 21, clock, state: { cursor: { x: clock, y: 0 } } }]);
    anna.sync(0, Uint8Array.of(0));
    await anna.hears("step2");
    expect(rooms.metrics.droppedAwareness).toBeGreaterThan(10_000);
    await vi.waitFor(() => {
      anna.awareness([{ clientId: 21, clock: 30_000, state: { cursor: { x: 1, y: 1 } } }]);
      expect(watcher.all("awareness").some(({ entries }) => entries.some((e) => e.clock === 30_000))).toBe(
        true,
      );
    }, patienceMs);
    expect(anna.socket.readyState).toBe(anna.socket.OPEN);
  });
});
