import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { promptMs } from "#tests/patience.ts";
import {
  admin,
  byCookie,
  cookieOf,
  errorCode,
  json,
  makeGuest,
  makePerson,
  makeProject,
  startTestServer,
  type TestServer,
  type Visitor,
} from "../http/running-server.ts";

let server: TestServer;
let projectId: string;
beforeAll(async () => {
  server = await startTestServer();
  projectId = await makeProject(server, "Invited");
});
afterAll(() => server.stop());

const page = { "x-lamella": "1" };
const invite = async (body: Record<string, unknown>) => {
  const made = await json<{ id: string; url: string }>(
    server.call("POST", `/projects/${projectId}/invitations`, admin, body),
  );
  return { id: made.id, secret: made.url.split("/join/")[1]! };
};
const accept = (secret: string, name: string, as: Visitor = page) =>
  server.call("POST", `/invitations/${secret}/accept`, as, { name });

/** Close code of a socket, or 0 once it is open and has said something. */
function knock(room: string, headers: Visitor, query = ""): Promise<{ code: number; socket: WebSocket }> {
  const socket = new WebSocket(`${server.syncUrl}/${room}${query}`, { headers });
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", () => resolve({ code: 0, socket }));
    socket.on("close", (code) => resolve({ code, socket }));
  });
}

describe("a link", () => {
  it("offers what it says and lets a guest in under a name that names the host", async () => {
    const { secret } = await invite({
      role: "commenter",
      waitingRoom: false,
      path: "/micrographs/abcdefgh1?view=1,2,3",
    });
    const offer = await json<Record<string, unknown>>(server.call("GET", `/invitations/${secret}`));
    expect(offer).toMatchObject({
      projectName: "Invited",
      role: "commenter",
      invitedBy: "Administrator",
      waitingRoom: false,
    });
    const answer = await accept(secret, "Gu\u202eest\u0000 One");
    expect(await answer.clone().json()).toEqual({ state: "in", path: "/micrographs/abcdefgh1?view=1,2,3" });
    const guest = byCookie(cookieOf(answer));
    const { principal } = await json<{ principal: { kind: string; name: string } }>(
      server.call("GET", "/session", guest),
    );
    expect(principal).toMatchObject({ kind: "guest", name: "Guest One (guest of Administrator)" });
    expect((await server.call("GET", `/projects/${projectId}/gallery`, guest)).status).toBe(200);
  });

  it("keeps a guest at the door until a member opens, and a refused one out", async () => {
    const { secret } = await invite({ role: "annotator" });
    const visitors = [];
    for (const name of ["Wanda", "Rufus"]) {
      const answer = await accept(secret, name);
      expect(await answer.clone().json()).toMatchObject({ state: "waiting" });
      visitors.push(byCookie(cookieOf(answer)));
    }
    const [wanda, rufus] = visitors as [Visitor, Visitor];
    expect((await server.call("GET", `/projects/${projectId}/gallery`, wanda)).status).toBe(404);
    expect((await knock(`project:${projectId}:shared`, wanda)).code).toBe(4403);

    const { waiting } = await json<{ waiting: { id: string; name: string }[] }>(
      server.call("GET", `/projects/${projectId}/waiting`, admin),
    );
    expect(waiting.map(({ name }) => name)).toEqual([
      "Wanda (guest of Administrator)",
      "Rufus (guest of Administrator)",
    ]);
    await server.call("POST", `/projects/${projectId}/waiting/${waiting[0]!.id}`, admin, { admit: true });
    await server.call("POST", `/projects/${projectId}/waiting/${waiting[1]!.id}`, admin, { admit: false });
    expect((await server.call("GET", `/projects/${projectId}/gallery`, wanda)).status).toBe(200);
    expect((await server.call("GET", `/projects/${projectId}/gallery`, rufus)).status).toBe(404);
    expect(await (await accept(secret, "Wanda", wanda)).json()).toMatchObject({ state: "in" });
    expect(await errorCode(accept(secret, "Rufus", rufus))).toBe("invitation-spent");
  });

  it("ends: used up, revoked, over, unknown, all told alike", async () => {
    const once = await invite({ role: "reader", maxUses: 1, waitingRoom: false });
    const answers = await Promise.all([1, 2, 3, 4].map((n) => accept(once.secret, `Racer ${n}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410]);
    const revoked = await invite({ role: "reader" });
    await server.call("DELETE", `/projects/${projectId}/invitations/${revoked.id}`, admin);
    // A link that ends within the millisecond: its role was good, its time is over.
    const over = await invite({ role: "owner", expiresInDays: 1e-9, waitingRoom: false });
    const told = await Promise.all(
      [once.secret, revoked.secret, over.secret, "unknown"].map(async (s) =>
        (await accept(s, "Late")).text(),
      ),
    );
    expect(new Set(told).size).toBe(1);
  });

  it("waits or does not, each link as it was made, whatever others say", async () => {
    const [open, guarded] = [await invite({ waitingRoom: false }), await invite({ waitingRoom: true })];
    const stateOf = async (secret: string) =>
      (await json<{ state: string }>(accept(secret, "Per Link"))).state;
    expect(await stateOf(open.secret)).toBe("in");
    expect(await stateOf(guarded.secret)).toBe("waiting");
    expect(await stateOf(open.secret)).toBe("in");
    const { invitations } = await json<{ invitations: { id: string; uses: number; waitingRoom: boolean }[] }>(
      server.call("GET", `/projects/${projectId}/invitations`, admin),
    );
    const shown = (id: string) => invitations.find((one) => one.id === id);
    expect(shown(open.id)).toMatchObject({ uses: 2, waitingRoom: false });
    expect(shown(guarded.id)).toMatchObject({ uses: 1, waitingRoom: true });
  });

  it("an account passes straight in with the link's role, a guest never gets more than an annotator's", async () => {
    const { secret } = await invite({ role: "reviewer" });
    const { visitor } = await makePerson(server, "Ada Reviewer");
    expect(await (await accept(secret, "ignored", visitor)).json()).toMatchObject({ state: "in" });
    const guest = await makeGuest(server, projectId, "owner", "Ona");
    const { members } = await json<{ members: { principal: { id: string; name: string }; role: string }[] }>(
      server.call("GET", `/projects/${projectId}/members`, admin),
    );
    expect(members.find(({ principal }) => principal.name === "Ada Reviewer")?.role).toBe("reviewer");
    expect(members.find(({ principal }) => principal.id === guest.id)?.role).toBe("annotator");
  });
});

describe("sockets", () => {
  it("say why not: nobody, a stranger, no room; and nothing but an own page comes near", async () => {
    const room = `project:${projectId}:shared`;
    const stranger = await makePerson(server, "Stan Stranger");
    expect((await knock(room, {})).code).toBe(4401);
    expect((await knock(room, stranger.visitor)).code).toBe(4404);
    expect((await knock("nonsense", stranger.visitor)).code).toBe(4404);
    await expect(knock(room, { ...stranger.visitor, origin: "https://evil.example" })).rejects.toThrow("403");
  });

  it("a ticket opens once", async () => {
    const { ticket } = await json<{ ticket: string }>(server.call("POST", "/tickets", admin));
    const first = await knock(`project:${projectId}:shared`, {}, `?ticket=${ticket}`);
    expect(first.code).toBe(0);
    first.socket.terminate();
    expect((await knock(`project:${projectId}:shared`, {}, `?ticket=${ticket}`)).code).toBe(4401);
  });

  it("taking somebody out closes what they have open, and the door", async () => {
    const guest = await makeGuest(server, projectId, "annotator", "Rita Revoked");
    const { code, socket } = await knock(`project:${projectId}:shared`, guest.visitor);
    expect(code).toBe(0);
    const closed = new Promise<number>((resolve) => socket.on("close", resolve));
    const started = performance.now();
    expect((await server.call("DELETE", `/projects/${projectId}/members/${guest.id}`, admin)).status).toBe(
      204,
    );
    expect(await closed).toBe(4403);
    expect(performance.now() - started).toBeLessThan(promptMs);
    expect((await server.call("GET", `/projects/${projectId}/gallery`, guest.visitor)).status).toBe(404);
  });

  it("the last owner stays", async () => {
    const { principal } = await json<{ principal: { id: string } }>(server.call("GET", "/session", admin));
    expect(
      await errorCode(server.call("DELETE", `/projects/${projectId}/members/${principal.id}`, admin)),
    ).toBe("last-owner");
  });
});
