import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type AnnotationSession, openAnnotationSession } from "#client/session/annotation-session.ts";
import { openSharedSession } from "#client/session/shared-session.ts";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { putClass } from "#core/document/shared-document.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";
import { defaultClasses } from "#core/schema/default-classes.ts";
import { type RoomServerDouble, startRoomServer } from "./room-server-double.ts";
import { reaches, until } from "./session-states.ts";

const line: NewAnnotation = {
  kind: "measurement-line",
  origin: [{ by: "drawn", tool: "line", version: "1" }],
  rings: [
    {
      closed: false,
      hole: false,
      points: [
        [1, 2],
        [30, 40],
      ],
    },
  ],
};

let server: RoomServerDouble;
let nextMicrograph = 0;
let micrographId: string;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  server = await startRoomServer();
  micrographId = `micrograph${++nextMicrograph}`;
});
afterEach(async () => {
  for (const session of opened.splice(0)) await session.close();
  await server.stop();
});

function open(options: Partial<Parameters<typeof openAnnotationSession>[0]> = {}): AnnotationSession {
  const session = openAnnotationSession({
    micrographId,
    serverUrl: server.url,
    principalId: "person-ana",
    ...options,
  });
  opened.push(session);
  return session;
}

const waitingIs = (session: AnnotationSession, waiting: number) =>
  until(session.connection, (s) => "waiting" in s && s.waiting === waiting);
function appears(session: AnnotationSession, id: string): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!session.document.annotations().has(id)) return;
      stop();
      resolve();
    };
    const stop = session.document.subscribe(check);
    check();
  });
}

describe("a session", () => {
  it("says hello first, with its client id, in the micrograph's room", async () => {
    const session = open();
    await reaches(session, "saved");
    expect(server.paths[0]).toBe(`/sync/micrograph:${micrographId}:annotations`);
    expect(server.hellos[0]).toEqual({
      protocolVersion: 1,
      clientId: session.document.doc.clientID,
      epoch: null,
      accepts: ["packed"],
    });
  });

  it("says saved only when the server has confirmed every frame", async () => {
    const session = open({ localCopy: false });
    await reaches(session, "saved");
    server.holdAcks = true;
    session.document.execute({ type: "create", id: "line1", annotation: line });
    session.document.execute({ type: "set-fields", id: "line1", fields: { name: "width" } });
    expect(await waitingIs(session, 2)).toEqual({ state: "saving", waiting: 2 });
    server.holdAcks = false;
    server.acknowledge();
    expect(await reaches(session, "saved")).toEqual({ state: "saved", mayWrite: true });
  });

  it("shows what others draw", async () => {
    const ben = open({ localCopy: false, principalId: "person-ben", ticket: async () => "person-ben" });
    const ana = open({ localCopy: false });
    await Promise.all([reaches(ana, "saved"), reaches(ben, "saved")]);
    ana.document.execute({ type: "create", id: "line1", annotation: line });
    await appears(ben, "line1");
  });

  it("keeps offline edits over a closed tab, counts them, and delivers them once", async () => {
    const first = open();
    await reaches(first, "saved");
    server.closeWith = 4503;
    server.dropSockets();
    await reaches(first, "offline");
    first.document.execute({ type: "create", id: "line1", annotation: line });
    first.document.execute({ type: "create", id: "line2", annotation: line });
    expect(await waitingIs(first, 2)).toMatchObject({ state: "offline" });
    await first.close();
    expect(openAnnotationDocument(server.doc).annotations().size).toBe(0);

    const second = open();
    expect(await waitingIs(second, 2)).toMatchObject({ waiting: 2 });
    server.closeWith = null;
    second.reconnect();
    await reaches(second, "saved");
    expect(server.hellos.at(-1)!.epoch).toBe("epoch-one");
    expect([...openAnnotationDocument(server.doc).annotations().keys()].sort()).toEqual(["line1", "line2"]);
    expect(second.document.annotations().size).toBe(2);
  });

  it("keeps a refused copy as a rescue, goes on in a fresh document, and can try again", async () => {
    const session = open();
    await reaches(session, "saved");
    session.document.execute({ type: "create", id: "kept", annotation: line });
    await reaches(session, "saved");
    const refusedDocument = session.document;
    server.refuseNext = { code: "rate", what: "Expected at most 10 edits a second." };
    session.document.execute({ type: "create", id: "refused", annotation: line });

    const state = await reaches(session, "refused");
    if (state.state !== "refused") throw new Error("unreachable");
    expect(state).toMatchObject({ code: "rate", what: "Expected at most 10 edits a second." });
    expect(session.document).not.toBe(refusedDocument);
    await appears(session, "kept");
    expect(session.document.doc.clientID).not.toBe(refusedDocument.doc.clientID);
    expect(session.document.annotations().has("refused")).toBe(false);
    expect(state.rescue.marks().map(({ annotation, lack }) => [annotation.id, lack])).toEqual([
      ["refused", "missing"],
    ]);
    expect(JSON.parse(state.rescue.download().json).annotations).toHaveLength(1);

    expect(await state.rescue.retry()).toBe(1);
    await reaches(session, "saved");
    expect([...openAnnotationDocument(server.doc).annotations().keys()].sort()).toEqual(["kept", "refused"]);
    expect(session.rescues.getState().rescues).toEqual([]);
  });

  it("does not ask a server that refuses even fresh copies on and on, and keeps what is drawn meanwhile", async () => {
    server.closeWith = 4409;
    const session = open();
    let documents = 0;
    const fourth = new Promise<void>((resolve) => {
      session.current.subscribe(() => void (++documents === 4 && resolve()));
    });
    await fourth;
    expect(server.paths).toHaveLength(4);
    session.document.execute({ type: "create", id: "meanwhile", annotation: line });
    expect(session.connection.getState()).toMatchObject({
      ...{ state: "refused", waiting: 1 },
      since: { state: "connecting", waiting: 1 },
    });
    await session.close();
    server.closeWith = null;
    // The next visit sends it.
    const again = open();
    await reaches(again, "saved");
    expect([...openAnnotationDocument(server.doc).annotations().keys()]).toEqual(["meanwhile"]);
  });

  it("keeps in the rescue what is drawn while the copy is put aside", async () => {
    const session = open();
    await reaches(session, "saved");
    server.refuseNext = { code: "rate", what: "Too fast." };
    const refusedDocument = session.document;
    refusedDocument.execute({ type: "create", id: "refused", annotation: line });
    await new Promise<void>((resolve) => {
      // The refusal has arrived when the socket is gone; the copy is still being put aside then.
      refusedDocument.doc.once("destroy", () => {
        refusedDocument.execute({ type: "create", id: "late", annotation: line });
        resolve();
      });
    });
    await reaches(session, "refused");
    const { rescues } = await until(
      session.rescues,
      ({ rescues }) => (rescues[0]?.marks().length ?? 0) === 2,
    );
    expect(rescues[0]!.marks().map(({ annotation }) => annotation.id)).toEqual(["refused", "late"]);
  });

  it("finds a rescue again after a reload", async () => {
    const first = open();
    await reaches(first, "saved");
    server.refuseNext = { code: "size", what: "Too large." };
    first.document.execute({ type: "create", id: "refused", annotation: line });
    await reaches(first, "refused");
    await first.close();
    const second = open();
    await reaches(second, "saved");
    const { rescues } = await until(second.rescues, ({ rescues }) => rescues.length === 1);
    expect(rescues[0]!.marks().map(({ annotation }) => annotation.id)).toEqual(["refused"]);
    await rescues[0]!.discard();
    expect(second.rescues.getState().rescues).toEqual([]);
  });

  it("turns a copy of another epoch into a rescue of what the restored room lacks", async () => {
    const first = open();
    await reaches(first, "saved");
    first.document.execute({ type: "create", id: "after-backup", annotation: line });
    await reaches(first, "saved");
    await first.close();
    await server.stop();

    const { url } = server;
    server = await startRoomServer();
    server.epoch = "epoch-two";
    // The copy belongs to the server's address; the restored server answers at another port here, so name it alike.
    const second = open({ WebSocketImpl: redirected(url, server.url), serverUrl: url });
    const state = await reaches(second, "refused");
    expect(state).toMatchObject({ code: "epoch" });
    await until(second.rescues, ({ rescues }) => (rescues[0]?.marks().length ?? 0) > 0);
    expect(second.rescues.getState().rescues[0]!.marks()[0]!.annotation.id).toBe("after-backup");
  });

  it.each([
    [4401, "signed-out"],
    [4403, "no-right"],
    [4404, "gone"],
    [4406, "outdated"],
    [4429, "quota"],
  ] as const)("reads close code %i as %s and does not come back by itself", async (code, name) => {
    server.closeWith = code;
    const session = open({ localCopy: false });
    expect(await reaches(session, name)).toMatchObject({ state: name, waiting: 0 });
    server.closeWith = null;
    session.reconnect();
    await reaches(session, "saved");
    expect(server.paths).toHaveLength(2);
  });

  it("fetches a fresh ticket for every connection", async () => {
    let tickets = 0;
    const session = open({ localCopy: false, ticket: async () => `t${++tickets}` });
    await reaches(session, "saved");
    server.dropSockets();
    await reaches(session, "offline");
    await reaches(session, "saved");
    expect(server.paths.map((path) => path.split("?")[1])).toEqual(["ticket=t1", "ticket=t2"]);
  });

  it("lets a reader read, and says who may write", async () => {
    server.mayWrite = false;
    openAnnotationDocument(server.doc).execute({ type: "create", id: "line1", annotation: line });
    const session = open({ localCopy: false });
    expect(await reaches(session, "saved")).toEqual({ state: "saved", mayWrite: false });
    expect(session.document.annotations().size).toBe(1);
  });
});

describe("a session of a server-written room", () => {
  it("reads classes live and shows nobody", async () => {
    putClass(server.doc, defaultClasses[0]!);
    const session = openSharedSession({
      projectId: "project-one",
      serverUrl: server.url,
      principalId: "person-ana",
      localCopy: false,
    });
    opened.push(session);
    await until(session.store, ({ synced }) => synced);
    expect([...session.store.getState().value.classes.keys()]).toEqual(["delamination"]);
    putClass(server.doc, defaultClasses[1]!);
    await until(session.store, ({ value }) => value.classes.size === 2);
  });
});

/** A WebSocket that reaches `to` where `from` is asked for: one server's name, another machine. */
function redirected(from: string, to: string): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(String(url).replace(from, to), protocols);
    }
  };
}

it("never mistakes the state vector of a document for its saved state", () => {
  // Deletions do not show in a state vector: the reason why frames are counted.
  const [a, b] = [new Y.Doc(), new Y.Doc()];
  a.getMap("m").set("k", 1);
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
  a.getMap("m").delete("k");
  expect(Y.encodeStateVector(a)).toEqual(Y.encodeStateVector(b));
});
