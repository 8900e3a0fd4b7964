import { describe, expect, it, onTestFinished } from "vitest";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { type Parts, replayHere } from "#server/sync/replay.ts";
import { draw, marksOf, recordUpdates } from "./marks.ts";
import { RawClient } from "./raw-client.ts";
import { startServer, stockProvider, synced, whenDocuments } from "./running-server.ts";
import { square } from "./square.ts";

const room = "micrograph:abcdefgh:annotations";
const document = (clientId: number) => {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  onTestFinished(() => doc.destroy());
  return { doc, updates: recordUpdates(doc) };
};

describe("what may be committed", () => {
  it("P10 refusing the k-th of n updates: the k-1 before are acknowledged, nothing after, and nobody sees more", async () => {
    const { url, rooms } = await startServer({ limits: { maxUpdateBytes: 2_000 } });
    const other = stockProvider(url, room, { as: "ben" });
    await synced(other.provider);
    const { doc, updates } = document(101);
    for (let i = 0; i < 120; i++) draw(doc, `mark-${i}`, i === 7 ? { name: "x".repeat(3_000) } : {});
    const client = await RawClient.connect(url, room, "as=anna");
    client.hello({ clientId: 101 });
    for (const update of updates) client.sync(2, update);
    const { code } = await client.hears("closed");
    expect(code).toBe(4409);
    expect(client.all("refused").map(({ value }) => value.code)).toEqual(["size"]);
    expect(client.all("ack").at(-1)?.frames).toBe(7);
    const kept = await rooms.readDocument(room, (state) => [...marksOf(state).keys()].sort());
    expect(kept).toEqual(Array.from({ length: 7 }, (_, i) => `mark-${i}`));
    await whenDocuments([other.doc], () => marksOf(other.doc).size === 7);
  });

  it("P18 a quota of marks: what fits is kept, what does not is refused with limit and number, edits go on", async () => {
    const { url, rooms } = await startServer({ limits: { maxRecords: 3 } });
    const { doc, updates } = document(113);
    for (let i = 0; i < 4; i++) draw(doc, `mark-${i}`);
    const client = await RawClient.connect(url, room, "as=anna");
    client.hello({ clientId: 113 });
    for (const update of updates) client.sync(2, update);
    expect((await client.hears("closed")).code).toBe(4409);
    expect(client.all("refused").map(({ value }) => value)).toEqual([
      {
        code: "quota",
        what: expect.stringMatching(/may hold 3 marks; this one has 3 and would get 1 more/),
      },
    ]);
    expect(client.all("ack").at(-1)!.frames).toBe(3);
    const fresh = document(114);
    const again = await RawClient.connect(url, room, "as=anna");
    again.hello({ clientId: 114 });
    again.sync(0, Uint8Array.of(0));
    Y.applyUpdate(fresh.doc, (await again.hears("step2")).bytes);
    marksOf(fresh.doc).get("mark-1")!.set("name", "still edited");
    again.sync(2, fresh.updates.at(-1)!);
    await again.hears("ack", ({ frames }) => frames === 1);
    // Marks that one by one would fit come together or not at all.
    const many = document(115);
    for (let i = 0; i < 4; i++) draw(many.doc, `other-${i}`);
    const third = await RawClient.connect(url, "micrograph:otherone:annotations", "as=anna");
    third.sync(1, Y.encodeStateAsUpdate(many.doc));
    expect((await third.hears("closed")).code).toBe(4409);
    expect(await rooms.readDocument(room, (state) => marksOf(state).size)).toBe(3);
  });

  it("P11 an update with a gap is not kept; the whole synchronisation that follows is, and acknowledges it", async () => {
    const { url, rooms } = await startServer();
    const { doc, updates } = document(102);
    for (let i = 0; i < 3; i++) draw(doc, `mark-${i}`);
    const client = await RawClient.connect(url, room, "as=anna");
    client.hello({ clientId: 102 });
    await client.hears("step1");
    client.sync(1, Uint8Array.of(0, 0));
    await client.hears("ack", ({ frames }) => frames === 1);
    client.sync(2, updates[0]!);
    client.sync(2, updates[2]!);
    await client.hears("ack", ({ frames }) => frames === 2);
    const steps = () => client.all("step1").length;
    while (steps() < 2) await client.hears("step1", () => steps() >= 2);
    expect(await rooms.readDocument(room, (state) => marksOf(state).size)).toBe(1);
    const asked = Y.decodeStateVector(client.all("step1")[1]!.bytes);
    client.sync(1, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(asked as never)));
    await client.hears("ack", ({ frames }) => frames === 4);
    expect(await rooms.readDocument(room, (state) => marksOf(state).size)).toBe(3);
  });

  it("P12 structs under an id that somebody else was met with are refused, and the owner is unaffected", async () => {
    const { url, rooms } = await startServer();
    const victim = await RawClient.connect(url, room, "as=anna");
    victim.awareness([{ clientId: 103, clock: 1, state: { cursor: null } }]);
    const thief = await RawClient.connect(url, room, "as=mallory");
    await thief.hears("awareness", ({ entries }) => entries.some(({ clientId }) => clientId === 103));
    const forged = document(103);
    draw(forged.doc, "forged");
    thief.sync(2, forged.updates[0]!);
    expect((await thief.hears("closed")).code).toBe(4409);
    const honest = document(103);
    draw(honest.doc, "honest");
    victim.hello({ clientId: 103 });
    victim.sync(2, honest.updates[0]!);
    await victim.hears("ack", ({ frames }) => frames === 1);
    expect(await rooms.readDocument(room, (state) => [...marksOf(state).keys()])).toEqual(["honest"]);
    expect([...(await rooms.authors(room))]).toEqual([[103, "p-anna"]]);
  });

  it("P13 known clocks with other content change nothing for anybody", async () => {
    const { url, rooms } = await startServer();
    const anna = document(104);
    draw(anna.doc, "mark-1", { name: "true" });
    const client = await RawClient.connect(url, room, "as=anna");
    client.hello({ clientId: 104 });
    client.sync(2, anna.updates[0]!);
    await client.hears("ack", ({ frames }) => frames === 1);
    const forged = document(104);
    draw(forged.doc, "mark-9", { name: "lies" });
    const thief = await RawClient.connect(url, room, "as=mallory");
    thief.hello({ clientId: 105 });
    thief.sync(2, forged.updates[0]!);
    await thief.hears("ack", ({ frames }) => frames === 1);
    expect(await rooms.readDocument(room, (state) => marksOf(state).toJSON())).toEqual({
      "mark-1": { kind: "region", name: "true" },
    });
    expect(client.all("update")).toEqual([]);
  });

  it.each([
    ["deleting", (doc: Y.Doc) => marksOf(doc).delete("mark-1")],
    ["replacing", (doc: Y.Doc) => draw(doc, "mark-1", { name: "another" })],
    ["replacing by a plain value", (doc: Y.Doc) => void (marksOf(doc) as Y.Map<unknown>).set("mark-1", 5)],
  ])("P14 %s a record is refused, one's own too; setting a field of it is an edit", async (_, change) => {
    const { url, rooms } = await startServer();
    const { doc, updates } = document(106);
    draw(doc, "mark-1");
    marksOf(doc).get("mark-1")!.set("deleted", true);
    change(doc);
    const client = await RawClient.connect(url, room, "as=anna");
    client.hello({ clientId: 106 });
    for (const update of updates) client.sync(2, update);
    expect((await client.hears("closed")).code).toBe(4409);
    expect(client.all("refused")[0]!.value.code).toBe("author");
    expect(client.all("ack").at(-1)!.frames).toBe(2);
    expect(await rooms.readDocument(room, (state) => marksOf(state).toJSON())).toEqual({
      "mark-1": { kind: "region", deleted: true },
    });
  });

  it("P15 collected structs, subdocuments, jumps and doubled blocks are refused as malformed", async () => {
    const { url, rooms } = await startServer();
    const subdocument = document(107);
    subdocument.doc.getMap("annotations").set("sub", new Y.Doc());
    const doubled = document(108);
    draw(doubled.doc, "mark-1");
    const block = doubled.updates[0]!.slice(1, -1);
    const cases: Record<string, Uint8Array> = {
      // One block: client 109 from clock 0, one collected struct of length 1; no deletions.
      collected: Uint8Array.of(1, 1, 109, 0, 0, 1, 0),
      // The same with a length of 2²¹.
      jump: Uint8Array.of(1, 1, 110, 0, 1, 128, 128, 128, 1, 0),
      subdocument: subdocument.updates[0]!,
      doubled: Uint8Array.from([2, ...block, ...block, 0]),
    };
    for (const [name, update] of Object.entries(cases)) {
      const client = await RawClient.connect(url, room, `as=${name}`);
      client.hello({ clientId: 900 + name.length });
      client.sync(2, update);
      expect((await client.hears("closed")).code, name).toBe(4409);
      expect(client.all("refused")[0]!.value.code, name).toBe("malformed");
    }
    expect(await rooms.readDocument(room, (state) => state.store.clients.size)).toBe(0);
  });

  it("P18 a deleted mark makes room for another, one that is brought back takes it", async () => {
    let counted: (deleted: number) => void = () => {};
    const replay = {
      ...replayHere,
      async countDeleted(parts: Parts) {
        const deleted = await replayHere.countDeleted(parts);
        setImmediate(() => counted(deleted));
        return deleted;
      },
    };
    const counts = (wanted: number) =>
      new Promise<void>((resolve) => {
        counted = (deleted) => deleted === wanted && resolve();
      });
    const { url } = await startServer({ replay, limits: { maxRecords: 3 } });
    const { doc, updates } = document(118);
    const client = await RawClient.connect(url, room, "as=anna");
    client.hello({ clientId: 118 });
    const send = (frames: number) => {
      for (const update of updates.splice(0)) client.sync(2, update);
      return client.hears("ack", (ack) => ack.frames === frames);
    };
    const marks = openAnnotationDocument(doc);
    const create = (id: string) => marks.execute({ type: "create", id, annotation: square });
    for (let i = 0; i < 3; i++) create(`mark-${i}`);
    await send(3);
    const isCounted = counts(1);
    marks.execute({ type: "delete", ids: ["mark-0"] });
    await send(4);
    await isCounted;
    create("mark-3");
    await send(5);
    const isCountedAgain = counts(0);
    marks.execute({ type: "restore", ids: ["mark-0"] });
    await send(6);
    await isCountedAgain;
    create("mark-4");
    for (const update of updates.splice(0)) client.sync(2, update);
    expect((await client.hears("closed")).code).toBe(4409);
    expect(client.all("refused").at(-1)!.value).toMatchObject({
      code: "quota",
      what: expect.stringContaining("this one has 4 and would get 1 more"),
    });
  });

  it("P18 a room that is full, and new documents by the hundred, are refused as quota; who is here goes on", async () => {
    const { url, rooms } = await startServer({ limits: { maxRoomBytes: 5_000, newClientIdsPerHour: 3 } });
    const { doc, updates } = document(120);
    draw(doc, "mark-1", { name: "x".repeat(4_000) });
    draw(doc, "mark-2", { name: "x".repeat(2_000) });
    const client = await RawClient.connect(url, room, "as=anna");
    client.hello({ clientId: 120 });
    for (const update of updates) client.sync(2, update);
    expect((await client.hears("closed")).code).toBe(4409);
    expect(client.all("refused")[0]!.value).toMatchObject({
      code: "quota",
      what: expect.stringContaining("5000 bytes"),
    });
    // By hello, by awareness, by structs: an id is an id, whichever way it comes.
    const greeted = await RawClient.connect(url, room, "as=anna");
    greeted.hello({ clientId: 121 });
    greeted.awareness([{ clientId: 121, clock: 1, state: {} }]);
    const shown = await RawClient.connect(url, room, "as=anna");
    shown.awareness([{ clientId: 122, clock: 1, state: {} }]);
    await greeted.hears("awareness", ({ entries }) => entries.some(({ clientId }) => clientId === 122));
    const refused = await RawClient.connect(url, room, "as=anna");
    refused.hello({ clientId: 123 });
    expect((await refused.hears("closed")).code).toBe(4409);
    expect(refused.all("refused")[0]!.value).toMatchObject({ code: "quota" });
    const drawn = document(124);
    draw(drawn.doc, "small");
    greeted.sync(2, drawn.updates[0]!);
    expect((await greeted.hears("closed")).code).toBe(4409);
    expect([...(await rooms.authors(room)).keys()].sort()).toEqual([120, 121, 122]);
    // Somebody else has a count of their own.
    const ben = await RawClient.connect(url, room, "as=ben");
    ben.hello({ clientId: 130 });
    await ben.hears("hello");
  });

  it("P16 a copy of another epoch is refused before anything of it is taken", async () => {
    const { url } = await startServer();
    const client = await RawClient.connect(url, room, "as=anna");
    client.hello({ clientId: 111, epoch: "before-the-restore" });
    expect((await client.hears("closed")).code).toBe(4409);
    expect(client.all("refused")[0]!.value.code).toBe("epoch");
    const old = await RawClient.connect(url, room, "as=anna");
    old.hello({ clientId: 112, protocolVersion: 999 });
    expect((await old.hears("closed")).code).toBe(4406);
  });

  it("P17 the server's own writing is bound to whom it writes for, seen by all, and survives", async () => {
    const { url, rooms, log } = await startServer();
    const a = stockProvider(url, room, { as: "anna" });
    await synced(a.provider);
    await Promise.all([
      rooms.writeAsServer(room, "p-import", (doc) => draw(doc, "imported-1")),
      rooms.writeAsServer(room, "p-import", (doc) => draw(doc, "imported-2")),
    ]);
    await whenDocuments([a.doc], () => marksOf(a.doc).size === 2);
    expect([...(await rooms.authors(room)).values()].filter((owner) => owner === "p-import")).toHaveLength(2);
    const history = await log.history(room, 0, 10);
    expect(history.map(({ principalId, touched }) => [principalId, touched])).toEqual([
      ["p-import", ["imported-1"]],
      ["p-import", ["imported-2"]],
    ]);
  });
});
