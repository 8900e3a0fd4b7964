import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { promptMs } from "#tests/patience.ts";
import {
  adminToken,
  byCookie,
  byToken,
  cookieOf,
  json,
  linkSecret,
  makePerson,
  makeProject,
  testServer,
  type Visitor,
} from "../http/running-server.ts";

const server = await testServer();

/** An open socket in the shared room, and the code it will be closed with. */
async function openSocket(projectId: string, as: Visitor, query = "") {
  const { "x-lamella": _, ...headers } = as as Record<string, string>;
  const socket = new WebSocket(`${server.syncUrl}/project:${projectId}:shared${query}`, {
    headers,
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  // The server's first words: by now it has let this socket in.
  await Promise.race([new Promise((resolve) => socket.once("message", resolve)), closed]);
  return { socket, closed };
}

/** A second sign-in of the same person, in another browser. */
async function signInAgain(id: string): Promise<Visitor> {
  const made = await json<{ url: string }>(
    server.call("POST", `/people/${id}/link`, byToken(adminToken), {}),
  );
  return byCookie(
    cookieOf(
      await server.call("POST", "/session/link", { "x-lamella": "1" }, { token: linkSecret(made.url) }),
    ),
  );
}

describe("what ends a session or a token closes the sockets it opened within 2 s, and no others", () => {
  it.each<[string, (laptop: Visitor, lab: Visitor) => Promise<Response>]>([
    ["signing out", (laptop) => server.call("DELETE", "/session", laptop)],
    [
      "a new password set elsewhere",
      (_laptop, lab) => server.call("PUT", "/session/password", lab, { password: "four random words do" }),
    ],
    [
      "signing out there from here",
      async (_laptop, lab) => {
        const { sessions } = await json<{ sessions: { id: string; current: boolean }[] }>(
          server.call("GET", "/sessions", lab),
        );
        expect(sessions).toHaveLength(2);
        return server.call("DELETE", `/sessions/${sessions.find((s) => !s.current)!.id}`, lab);
      },
    ],
  ])("%s", async (what, end) => {
    const { id, visitor: laptop } = await makePerson(server, `Rev ${what}`);
    const projectId = await makeProject(server, "p", laptop);
    const lab = await signInAgain(id);
    const [first, second] = [await openSocket(projectId, laptop), await openSocket(projectId, lab)];
    const { ticket } = await json<{ ticket: string }>(server.call("POST", "/tickets", laptop));
    const started = performance.now();
    expect((await end(laptop, lab)).status).toBe(204);
    expect(await first.closed).toBe(4401);
    expect(performance.now() - started).toBeLessThan(promptMs);
    expect(second.socket.readyState).toBe(WebSocket.OPEN);
    // What was drawn with the session before it ended opens nothing after.
    expect(await (await openSocket(projectId, {}, `?ticket=${ticket}`)).closed).toBe(4401);
    second.socket.terminate();
  });

  it("revoking a token", async () => {
    const { visitor } = await makePerson(server, "Toka");
    const projectId = await makeProject(server, "p", visitor);
    const made = await json<{ id: string; token: string }>(
      server.call("POST", "/tokens", visitor, { name: "script" }),
    );
    const byScript = await openSocket(projectId, byToken(made.token));
    const byPage = await openSocket(projectId, visitor);
    expect((await server.call("DELETE", `/tokens/${made.id}`, visitor)).status).toBe(204);
    expect(await byScript.closed).toBe(4401);
    expect(byPage.socket.readyState).toBe(WebSocket.OPEN);
    byPage.socket.terminate();
  });

  it("nobody ends the session of another", async () => {
    const [{ visitor: mine }, { visitor: theirs }] = [
      await makePerson(server, "Mine"),
      await makePerson(server, "Theirs"),
    ];
    const { sessions } = await json<{ sessions: { id: string }[] }>(server.call("GET", "/sessions", theirs));
    expect((await server.call("DELETE", `/sessions/${sessions[0]!.id}`, mine)).status).toBe(404);
    expect((await server.call("GET", "/projects", theirs)).status).toBe(200);
  });
});
