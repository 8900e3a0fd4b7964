import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket as NodeSocket } from "ws";
import { openAnnotationSession } from "#client/session/annotation-session.ts";
import type { ConnectionState } from "#client/session/connection-state.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { failingStore } from "#tests/server/http/failing-store.ts";
import { phantomTiff } from "#tests/server/http/phantom-tiff.ts";
import {
  admin,
  cookieOf,
  json,
  linkSecret,
  makePerson,
  makeProject,
  startTestServer,
  type TestServer,
} from "#tests/server/http/running-server.ts";
import { sentMicrograph } from "#tests/server/http/sent-micrograph.ts";
import { square } from "#tests/server/sync/square.ts";
import { reaches, until } from "./session-states.ts";

/** Sign-in, role and disk change while somebody draws: what the screen says, on the whole server. */
const { disk, openStore } = failingStore();
let server: TestServer;
let projectId: string;
let micrographId: string;
let ana: Awaited<ReturnType<typeof makePerson>>;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startTestServer({}, { openStore });
  projectId = await makeProject(server, "p");
  ({ micrographId } = await sentMicrograph(server, projectId, await phantomTiff(3)));
});
afterAll(() => server.stop());
beforeEach(async (context) => {
  ana = await makePerson(server, `Ana ${context.task.id}`);
  await setRole("annotator");
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const setRole = (role: string) =>
  server.call("PUT", `/projects/${projectId}/members/${ana.id}`, admin, { role });
const stored = async () => {
  const { annotations } = await json<{ annotations: Annotation[] }>(
    server.call("GET", `/micrographs/${micrographId}/annotations`, admin),
  );
  return new Set(annotations.map(({ id }) => id));
};

function open() {
  let { cookie } = ana.visitor;
  const session = openAnnotationSession({
    ...{ micrographId, principalId: ana.id, localCopy: false },
    serverUrl: server.url.replace("http", "ws"),
    WebSocketImpl: class extends NodeSocket {
      constructor(address: string | URL) {
        super(address, { headers: { cookie: cookie!, origin: server.url } });
      }
    } as never,
  });
  const states: ConnectionState["state"][] = [];
  session.connection.subscribe(({ state }) => states.push(state));
  closing.push(() => session.close());
  return {
    session,
    states,
    draw: (id: string) => session.document.execute({ type: "create", id, annotation: square }),
    signIn: (fresh: string) => {
      cookie = fresh;
      session.reconnect();
    },
  };
}

describe("what the screen says when rights change under one's hands", () => {
  it("signed out while drawing: says so, keeps the edits, and sends them after signing in again", async () => {
    const { session, states, draw, signIn } = open();
    await reaches(session, "saved");
    const before = states.length;
    await server.call("DELETE", "/session", ana.visitor);
    draw("while-out");
    expect(await reaches(session, "signed-out")).toMatchObject({ waiting: 1 });
    draw("later");
    expect(session.connection.getState()).toEqual({ state: "signed-out", waiting: 2 });
    expect(states.slice(before)).not.toContain("saved");
    expect([...(await stored())].filter((id) => id === "while-out" || id === "later")).toEqual([]);

    const { url } = await json<{ url: string }>(server.call("POST", `/people/${ana.id}/link`, admin));
    const again = await server.call(
      "POST",
      "/session/link",
      { "x-lamella": "1" },
      { token: linkSecret(url) },
    );
    signIn(cookieOf(again));
    await reaches(session, "saved");
    expect(await stored()).toContain("while-out");
    expect(await stored()).toContain("later");
    expect(session.rescues.getState().rescues).toEqual([]);
  });

  it("another person signs in meanwhile: nothing of mine is sent in their name", async () => {
    const { session, draw, signIn } = open();
    await reaches(session, "saved");
    await server.call("DELETE", "/session", ana.visitor);
    draw("mine");
    await reaches(session, "signed-out");
    const ben = await makePerson(server, "Ben");
    await server.call("PUT", `/projects/${projectId}/members/${ben.id}`, admin, { role: "annotator" });
    signIn(ben.visitor.cookie!);
    // Refused as drawn under another name, and the fresh copy does not speak for Ben either.
    const state = await until(
      session.connection,
      (now) => now.state === "refused" && now.since.state === "signed-out",
    );
    expect(state).toMatchObject({ code: "author" });
    expect(await stored()).not.toContain("mine");
    expect(session.rescues.getState().rescues).toHaveLength(1);
    // Whoever drew it comes back, and it is there.
    const { url } = await json<{ url: string }>(server.call("POST", `/people/${ana.id}/link`, admin));
    const again = await server.call(
      "POST",
      "/session/link",
      { "x-lamella": "1" },
      { token: linkSecret(url) },
    );
    signIn(cookieOf(again));
    const { rescues } = await until(session.rescues, ({ rescues }) => (rescues[0]?.marks().length ?? 0) > 0);
    expect(rescues[0]!.marks().map(({ annotation }) => annotation.id)).toEqual(["mine"]);
    await rescues[0]!.retry();
    await reaches(session, "saved");
    expect(await stored()).toContain("mine");
  });

  it("made a reader while drawing: refused for the role, and the rescue holds exactly what is missing", async () => {
    const { session, states, draw } = open();
    await reaches(session, "saved");
    draw("before");
    await reaches(session, "saved");
    const before = states.length;
    await setRole("reader");
    for (let i = 0; i < 5; i++) draw(`as-reader-${i}`);
    // The server has ended the connection; who comes back does so with other rights.
    await until(session.connection, ({ state }) => state === "no-right" || state === "offline");
    session.reconnect();
    expect(await reaches(session, "refused")).toMatchObject({ code: "role" });
    await until(session.rescues, ({ rescues }) => (rescues[0]?.marks().length ?? 0) > 0);
    const missing = session.rescues
      .getState()
      .rescues[0]!.marks()
      .map(({ annotation }) => annotation.id);
    expect(missing.sort()).toEqual([0, 1, 2, 3, 4].map((i) => `as-reader-${i}`));
    const there = await stored();
    expect([there.has("before"), missing.some((id) => there.has(id))]).toEqual([true, false]);
    expect(states.slice(before)).not.toContain("saved");
    expect(session.connection.getState()).toMatchObject({ since: { state: "saved", mayWrite: false } });
    // Given the right again, all of it can be brought in.
    await setRole("annotator");
    await until(session.connection, (now) => now.state === "refused" && now.since.state !== "saved");
    session.reconnect();
    await until(
      session.connection,
      (now) => now.state === "refused" && now.since.state === "saved" && now.since.mayWrite,
    );
    expect(await session.rescues.getState().rescues[0]!.retry()).toBe(5);
    await reaches(session, "saved");
    const after = await stored();
    expect(missing.filter((id) => !after.has(id))).toEqual([]);
  });

  it("a full disk: says that the server cannot store, and everything is there once it can", async () => {
    const { session, states, draw } = open();
    await reaches(session, "saved");
    const before = states.length;
    disk.trouble = "full";
    draw("full");
    expect(await reaches(session, "not-stored")).toMatchObject({ waiting: 1 });
    expect(states.slice(before)).not.toContain("saved");
    expect(await stored()).not.toContain("full");
    disk.trouble = null;
    await reaches(session, "saved");
    expect(await stored()).toContain("full");
  });
});
