import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AnnotationSession, openAnnotationSession } from "#client/session/annotation-session.ts";
import { openSharedSession } from "#client/session/shared-session.ts";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { foldOutlines } from "#core/document/fold.ts";
import { putClass } from "#core/document/shared-document.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";
import { defaultClasses } from "#core/schema/default-classes.ts";
import { MemoryDocumentLog } from "#server/storage/memory/memory-document-log.ts";
import type { RoomLimits } from "#server/sync/limits.ts";
import { RoomServer } from "#server/sync/room-server.ts";
import { listen } from "#tests/server/sync/running-server.ts";
import { reaches, until } from "./session-states.ts";

const room = "micrograph:micrograph1:annotations";
const region: NewAnnotation = {
  kind: "region",
  origin: [{ by: "drawn", tool: "polygon", version: "1" }],
  rings: [
    {
      closed: true,
      hole: false,
      points: [
        [0, 0],
        [90, 0],
        [90, 40],
        [0, 40],
      ],
    },
  ],
};

let log: MemoryDocumentLog;
let rooms: RoomServer;
let serverUrl: string;
const closing: (() => Promise<void>)[] = [];

async function start(limits: Partial<RoomLimits> = {}): Promise<void> {
  rooms = new RoomServer({
    log,
    limits,
    authorise: async (request) => {
      const who = new URL(request.url ?? "/", "http://localhost").searchParams.get("ticket") ?? "";
      const principal = { principalId: `person-${who}`, name: who, colour: "#224466" };
      return { admit: true, principal, mayWrite: who !== "reader" };
    },
  });
  const { url, stop } = await listen(rooms);
  serverUrl = url.replace(/\/sync$/, "");
  closing.unshift(stop);
}

beforeEach(async () => {
  log = new MemoryDocumentLog();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function open(who: string): AnnotationSession {
  const session = openAnnotationSession({
    micrographId: "micrograph1",
    serverUrl,
    principalId: `person-${who}`,
    localCopy: false,
    ticket: async () => who,
  });
  closing.push(() => session.close());
  return session;
}

const saved = (session: AnnotationSession) => reaches(session, "saved");
function shows(session: AnnotationSession, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return;
      stop();
      resolve();
    };
    const stop = session.document.subscribe(look);
    look();
  });
}
const committed = <Value>(read: (document: ReturnType<typeof openAnnotationDocument>) => Value) =>
  rooms.readDocument(room, (doc) => {
    const document = openAnnotationDocument(doc);
    const value = read(document);
    document.close();
    return value;
  });

describe("a session with the room server", () => {
  it("takes every kind of command, undo included, and each is on disk when it says saved", async () => {
    await start();
    const [ana, ben] = [open("ana"), open("ben")];
    await Promise.all([saved(ana), saved(ben)]);
    ana.document.execute({ type: "create", id: "mark", annotation: region });
    ana.document.execute({ type: "insert-vertex", id: "mark", leftId: 0, x: 45, y: -2 });
    ana.document.execute({ type: "remove-vertices", id: "mark", vertexIds: [2] });
    ana.document.execute({ type: "transform", ids: ["mark"], affine: [1, 0, 0, 1, 5, 5] });
    ana.document.undo();
    ana.document.execute({ type: "delete", ids: ["mark"] });
    ana.document.undo();
    await saved(ana);
    expect(await committed((d) => d.get("mark"))).toEqual(ana.document.get("mark"));
    await shows(ben, () => ben.document.get("mark")?.outline.rings[0]?.vertices.length === 4);
    ben.document.execute({ type: "move-vertices", id: "mark", vertices: [{ id: 1, x: 99, y: 1 }] });
    await saved(ben);
    // Undoing the creation deletes by an edit: the server would refuse the deletion of a record.
    while (ana.document.canUndo) ana.document.undo();
    await saved(ana);
    expect(await committed((d) => [d.annotations().size, d.deletedAnnotations().size])).toEqual([0, 1]);
    expect(ana.rescues.getState().rescues).toEqual([]);
  });

  it("accepts the server's own fold while people edit on", async () => {
    await start();
    const ana = open("ana");
    await saved(ana);
    ana.document.execute({ type: "create", id: "mark", annotation: region });
    ana.document.execute({ type: "move-vertices", id: "mark", vertices: [{ id: 1, x: 99, y: 1 }] });
    await saved(ana);
    await rooms.writeAsServer(room, "server", (doc) => void foldOutlines(doc));
    ana.document.execute({ type: "move-vertices", id: "mark", vertices: [{ id: 1, x: 98, y: 2 }] });
    expect(ana.document.undo().state).toBe("done");
    await saved(ana);
    expect(await committed((d) => d.get("mark")!.outline.rings[0]!.vertices[1])).toEqual({
      id: 1,
      x: 99,
      y: 1,
    });
  });

  it("keeps what is refused for its size as a rescue, and what others drew in the fresh document", async () => {
    await start({ maxUpdateBytes: 2_000 });
    const ana = open("ana");
    await saved(ana);
    ana.document.execute({ type: "create", id: "small", annotation: region });
    await saved(ana);
    const points = Array.from({ length: 2_000 }, (_, i) => [i * 3, (i * i) % 977] as const);
    ana.document.execute({
      type: "create",
      id: "large",
      annotation: { ...region, rings: [{ ...region.rings[0]!, points }] },
    });
    const state = await until(ana.connection, (s) => s.state === "refused");
    expect(state).toMatchObject({ code: "size" });
    const { rescues } = await until(ana.rescues, ({ rescues }) => (rescues[0]?.marks().length ?? 0) > 0);
    expect(rescues[0]!.marks().map(({ annotation }) => annotation.id)).toEqual(["large"]);
    expect([...ana.document.annotations().keys()]).toEqual(["small"]);
    await rescues[0]!.discard();
    await saved(ana);
  });

  it("shows presence with the server's name, and a reader that may not write", async () => {
    await start();
    const [ana, reader] = [open("ana"), open("reader")];
    expect(await saved(reader)).toEqual({ state: "saved", mayWrite: false });
    await saved(ana);
    ana.presence.setLocal({ cursor: { x: 3, y: 4, frame: 0 } });
    await new Promise<void>((resolve) => {
      const look = () => {
        const seen = [...reader.presence.others().values()].some(
          ({ user, cursor }) => user?.name === "ana" && cursor?.x === 3,
        );
        if (seen) resolve();
      };
      reader.presence.subscribe(look);
      look();
    });
  });

  it("counts what is drawn while the server is away", async () => {
    await start();
    const ana = open("ana");
    await saved(ana);
    ana.document.execute({ type: "create", id: "before", annotation: region });
    await saved(ana);
    await rooms.close();
    await until(ana.connection, ({ state }) => state === "offline");
    ana.document.execute({ type: "create", id: "while-away", annotation: region });
    expect(ana.connection.getState()).toMatchObject({ state: "offline", waiting: 1 });
  });

  it("reads the shared room as the server writes it", async () => {
    await start();
    const session = openSharedSession({
      projectId: "project-one",
      serverUrl,
      principalId: "person-ana",
      localCopy: false,
      ticket: async () => "ana",
    });
    closing.push(() => session.close());
    await until(session.store, ({ synced }) => synced);
    await rooms.writeAsServer("project:project-one:shared", "server", (doc) => {
      for (const value of defaultClasses) putClass(doc, value);
    });
    await until(session.store, ({ value }) => value.classes.size === defaultClasses.length);
  });
});
