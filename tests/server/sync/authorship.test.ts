import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import * as Y from "yjs";
import { type AnnotationDocument, openAnnotationDocument } from "#core/document/annotation-document.ts";
import { annotationsMap } from "#core/document/record-layout.ts";
import type { HistoryPageBody, LastEditors } from "#core/protocol/api/history.ts";
import { createRandom } from "#core/random/generator.ts";
import { bareMicrograph } from "../http/bare-micrograph.ts";
import {
  json,
  makeMember,
  makeProject,
  startTestServer,
  type TestServer,
  type Visitor,
} from "../http/running-server.ts";
import { recordUpdates } from "./marks.ts";
import { RawClient } from "./raw-client.ts";
import { square } from "./square.ts";

let server: TestServer;
let project: string;
const people = new Map<string, { readonly id: string; readonly visitor: Visitor }>();

beforeAll(async () => {
  server = await startTestServer();
  project = await makeProject(server, "p");
  for (const name of ["anna", "ben", "mallory"])
    people.set(name, await makeMember(server, project, "annotator", name));
});
afterAll(() => server.stop());

const random = createRandom(Number(process.env.SEED ?? 5));

/** Somebody at a page: their replica, which takes in what the server sends and sends what they do. */
class Replica {
  readonly doc = new Y.Doc();
  readonly document: AnnotationDocument;
  readonly updates = recordUpdates(this.doc);
  client!: RawClient;
  #taken = 0;
  #sent = 0;

  constructor(clientId?: number) {
    if (clientId !== undefined) this.doc.clientID = clientId;
    this.document = openAnnotationDocument(this.doc, { random });
    onTestFinished(() => this.doc.destroy());
  }

  async join(name: string, room: string): Promise<this> {
    this.client = await RawClient.connect(server.syncUrl, room, "", people.get(name)!.visitor);
    this.client.hello({ clientId: this.doc.clientID });
    await this.client.hears("hello");
    this.client.sync(0, Y.encodeStateVector(this.doc));
    await this.client.hears("step2");
    this.take();
    return this;
  }

  /** Everything heard so far, as the provider would apply it. */
  take(): void {
    for (const heard of this.client.heard.slice(this.#taken)) {
      if (heard.type === "update" || heard.type === "step2") Y.applyUpdate(this.doc, heard.bytes, "server");
    }
    this.#taken = this.client.heard.length;
  }

  /** Do something and send it. @returns once it is acknowledged */
  async act(act: (document: AnnotationDocument) => void): Promise<void> {
    const before = this.updates.length;
    act(this.document);
    for (const update of this.updates.slice(before)) {
      this.client.sync(2, update);
      this.#sent++;
    }
    await this.client.hears("ack", ({ frames }) => frames >= this.#sent);
  }

  /** Take in what was committed meanwhile, until the replica is what the server has. */
  async settle(room: string): Promise<void> {
    const state = await stateOf(room);
    while (!Buffer.from(Y.encodeStateVector(this.doc)).equals(Y.encodeStateVector(state))) {
      const heard = this.client.heard.length;
      this.take();
      if (this.client.heard.length === heard && this.#taken === heard)
        await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function stateOf(room: string): Promise<Y.Doc> {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, await server.rooms.readDocument(room, (doc) => Y.encodeStateAsUpdate(doc)));
  return copy;
}

async function roomOf(): Promise<{ readonly micrograph: string; readonly room: string }> {
  const micrograph = await bareMicrograph(server, project);
  return { micrograph, room: `micrograph:${micrograph}:annotations` };
}

/** Author, last editor and who deleted a mark, as anybody may read them. */
async function whoDid(micrograph: string, id: string) {
  const anna = people.get("anna")!.visitor;
  const room = encodeURIComponent(`micrograph:${micrograph}:annotations`);
  const { authors } = await json<{ authors: Record<string, { name: string }> }>(
    server.call("GET", `/rooms/${room}/authors`, anna),
  );
  const { editors } = await json<LastEditors>(
    server.call("GET", `/micrographs/${micrograph}/history/editors`, anna),
  );
  const { entries } = await json<HistoryPageBody>(
    server.call("GET", `/micrographs/${micrograph}/history?changes=yes&mark=${id}`, anna),
  );
  const doing = (word: string) =>
    entries
      .filter(({ changes }) =>
        changes?.some(({ annotationId, words }) => annotationId === id && words.includes(word as never)),
      )
      .at(-1)?.by.name;
  const record = openAnnotationDocument(await stateOf(`micrograph:${micrograph}:annotations`)).get(id)!;
  return {
    author: authors[String(record.authorClient)]!.name,
    lastEditor: editors[id]!.by.name,
    deleter: doing("deleted"),
    restorer: doing("brought-back"),
  };
}

/** All replicas and the server hold the same, to the last item. */
async function expectEqual(room: string, replicas: readonly Replica[]): Promise<void> {
  const state = await stateOf(room);
  for (const replica of replicas) {
    await replica.settle(room);
    expect(annotationsMap(replica.doc).toJSON()).toEqual(annotationsMap(state).toJSON());
    expect(Y.encodeStateVector(replica.doc)).toEqual(Y.encodeStateVector(state));
  }
}

it("P12 P14 an edit, a deletion and its undoing by others leave the author; each is readable by name", async () => {
  const { micrograph, room } = await roomOf();
  const anna = await new Replica().join("anna", room);
  const ben = await new Replica().join("ben", room);
  await anna.act((d) => d.execute({ type: "create", id: "mark-1", annotation: square }));
  await ben.settle(room);
  await ben.act((d) => d.execute({ type: "move-vertices", id: "mark-1", vertices: [{ id: 0, x: 9, y: 9 }] }));
  expect(await whoDid(micrograph, "mark-1")).toMatchObject({ author: "anna", lastEditor: "ben" });
  await ben.act((d) => d.execute({ type: "delete", ids: ["mark-1"] }));
  expect(await whoDid(micrograph, "mark-1")).toMatchObject({
    ...{ author: "anna", lastEditor: "ben", deleter: "ben" },
  });
  await ben.act((d) => d.undo());
  await anna.settle(room);
  await anna.act((d) => d.execute({ type: "set-fields", id: "mark-1", fields: { name: "still mine" } }));
  expect(await whoDid(micrograph, "mark-1")).toEqual({
    ...{ author: "anna", lastEditor: "anna", deleter: "ben", restorer: "ben" },
  });
  await expectEqual(room, [anna, ben]);
});

it("P12 an id that its owner only showed in awareness, squatted: the owner draws on, the squatter is refused", async () => {
  const { micrograph, room } = await roomOf();
  const anna = new Replica();
  const connection = await RawClient.connect(server.syncUrl, room, "", people.get("anna")!.visitor);
  connection.awareness([{ clientId: anna.doc.clientID, clock: 1, state: { cursor: null } }]);
  const mallory = await new Replica().join("mallory", room);
  await mallory.client.hears("awareness", ({ entries }) =>
    entries.some(({ clientId }) => clientId === anna.doc.clientID),
  );
  const squatter = new Replica(anna.doc.clientID);
  squatter.document.execute({ type: "create", id: "forged", annotation: square });
  mallory.client.sync(2, squatter.updates[0]!);
  expect((await mallory.client.hears("closed")).code).toBe(4409);
  await anna.join("anna", room);
  await anna.act((d) => d.execute({ type: "create", id: "honest", annotation: square }));
  const ben = await new Replica().join("ben", room);
  expect([...ben.document.annotations().keys()]).toEqual(["honest"]);
  expect((await whoDid(micrograph, "honest")).author).toBe("anna");
  await expectEqual(room, [anna, ben]);
});

it("P13 known clocks with other content, deletions among them: nobody's replica changes, and the victim draws on", async () => {
  const { micrograph, room } = await roomOf();
  const anna = await new Replica().join("anna", room);
  await anna.act((d) => d.execute({ type: "create", id: "mark-1", annotation: square }));
  const ben = await new Replica().join("ben", room);
  const liar = new Replica(anna.doc.clientID);
  liar.document.execute({ type: "create", id: "mark-9", annotation: { ...square, name: "lies" } });
  const mallory = await new Replica().join("mallory", room);
  const before = Buffer.from(Y.encodeStateAsUpdate(await stateOf(room)));
  // As many clocks as Anna has written, with a different mark in them; and one clock more, which is new.
  mallory.client.sync(2, liar.updates[0]!);
  await mallory.client.hears("ack", ({ frames }) => frames === 1);
  liar.document.execute({ type: "delete", ids: ["mark-9"] });
  mallory.client.sync(1, Y.encodeStateAsUpdate(liar.doc));
  expect((await mallory.client.hears("closed")).code).toBe(4409);
  expect(Buffer.from(Y.encodeStateAsUpdate(await stateOf(room)))).toEqual(before);
  expect([anna, ben].flatMap(({ client }) => client.all("update"))).toEqual([]);
  await anna.act((d) => d.execute({ type: "set-fields", id: "mark-1", fields: { name: "true" } }));
  expect((await whoDid(micrograph, "mark-1")).author).toBe("anna");
  await expectEqual(room, [anna, ben]);
});

it("P14 a record deleted outright, and put back under another's id by an undo: refused, the author stays", async () => {
  const { micrograph, room } = await roomOf();
  const anna = await new Replica().join("anna", room);
  await anna.act((d) => d.execute({ type: "create", id: "mark-1", annotation: square }));
  const mallory = await new Replica().join("mallory", room);
  const map = annotationsMap(mallory.doc);
  const undo = new Y.UndoManager(map);
  map.delete("mark-1");
  undo.undo();
  expect(mallory.document.get("mark-1")!.authorClient).toBe(mallory.doc.clientID);
  const [deletion, undone] = mallory.updates.slice(-2);
  mallory.client.sync(2, deletion!);
  mallory.client.sync(2, undone!);
  expect((await mallory.client.hears("closed")).code).toBe(4409);
  expect(mallory.client.all("ack")).toEqual([]);
  // The whole of it at once, as a later synchronisation would bring it.
  const again = await RawClient.connect(server.syncUrl, room, "", people.get("mallory")!.visitor);
  again.sync(1, Y.encodeStateAsUpdate(mallory.doc));
  expect((await again.hears("closed")).code).toBe(4409);
  expect(await whoDid(micrograph, "mark-1")).toMatchObject({ author: "anna", lastEditor: "anna" });
  await anna.act((d) => d.execute({ type: "set-fields", id: "mark-1", fields: { name: "mine" } }));
  await expectEqual(room, [anna]);
});
