import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { makeAdministratorLink } from "#server/access/administrator-link.ts";
import {
  adminToken,
  byCookie,
  byToken,
  cookieOf,
  errorCode,
  json,
  linkSecret,
  makePerson,
  startTestServer,
  testServer,
} from "../http/running-server.ts";

const server = await testServer();

const page = { "x-lamella": "1" };
type State = { principal: { id: string; name: string; administrator: boolean } | null };

describe("the administrator's link", () => {
  it("signs in once, by a cookie that scripts of a page cannot read", async () => {
    const token = linkSecret(server.adminLink);
    const first = await server.call("POST", "/session/link", page, { token });
    expect(first.status).toBe(200);
    const cookie = first.headers.getSetCookie()[0]!;
    expect(cookie).toMatch(
      /^__Host-lamella=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=\d+$/,
    );
    const state = await json<State>(server.call("GET", "/session", byCookie(cookieOf(first))));
    expect(state.principal).toMatchObject({ name: "Administrator", administrator: true });

    const second = await server.call("POST", "/session/link", page, { token });
    expect(second.status).toBe(410);
    expect(await errorCode(second)).toBe("link-spent");
  });

  it("of two that come at once, one is let in", async () => {
    const token = await makeAdministratorLink(server.dataDir);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => server.call("POST", "/session/link", page, { token })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410]);
  });

  it("made anew, the one before does not open any more", async () => {
    const old = await makeAdministratorLink(server.dataDir);
    const fresh = await makeAdministratorLink(server.dataDir);
    expect((await server.call("POST", "/session/link", page, { token: old })).status).toBe(410);
    expect((await server.call("POST", "/session/link", page, { token: fresh })).status).toBe(200);
  });

  it("lost, is made anew by command while the server runs; a folder without a server is told so", async () => {
    const run = (dataDir: string, ...options: string[]) =>
      promisify(execFile)(process.execPath, [
        "server/cli.ts",
        "admin-link",
        "--data",
        dataDir,
        ...options,
      ]).then(
        ({ stdout }) => ({ code: 0, said: stdout }),
        (cause: { code: number; stderr: string }) => ({ code: cause.code, said: cause.stderr }),
      );
    const own = await startTestServer();
    try {
      const { code, said } = await run(own.dataDir);
      expect(code).toBe(0);
      expect(new URL(said.trim()).origin).toBe(own.url);
      expect((await run(own.dataDir, "--port", "4001")).said).toContain("//127.0.0.1:4001/sign-in#");
      const { said: last } = await run(own.dataDir);
      const open = (address: string) =>
        own.call("POST", "/session/link", { "x-lamella": "1" }, { token: linkSecret(address) });
      expect((await open(own.adminLink)).status).toBe(410);
      const answer = await open(last.trim());
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ principal: { administrator: true } });
      const nowhere = await run(`${own.dataDir}/nothing-here`);
      expect(nowhere.code).toBe(2);
      expect(nowhere.said).toContain("There is no Lamella in");
    } finally {
      await own.stop();
    }
  });
});

describe("sessions", () => {
  it("nobody is signed in without one, or with one that was made up", async () => {
    for (const visitor of [{}, byCookie("__Host-lamella=made-up"), byToken("made-up")]) {
      expect((await json<State>(server.call("GET", "/session", visitor))).principal).toBeNull();
      expect((await server.call("GET", "/projects", visitor)).status).toBe(401);
    }
  });

  it("end at once when signed out", async () => {
    const { visitor } = await makePerson(server, "Sofia Out");
    expect((await server.call("GET", "/projects", visitor)).status).toBe(200);
    expect((await server.call("DELETE", "/session", visitor)).status).toBe(204);
    expect((await server.call("GET", "/projects", visitor)).status).toBe(401);
  });

  it("a password signs in, a wrong one and an unknown name are told the same, a new one ends other sessions", async () => {
    const { visitor } = await makePerson(server, "Pia Word");
    expect(await errorCode(server.call("PUT", "/session/password", visitor, { password: "short" }))).toBe(
      "weak-password",
    );
    const password = "correct horse battery";
    expect((await server.call("PUT", "/session/password", visitor, { password })).status).toBe(204);
    const other = await server.call("POST", "/session/password", page, { name: "pia word", password });
    expect(other.status).toBe(200);
    const wrong = await server.call("POST", "/session/password", page, {
      name: "Pia Word",
      password: `${password}!`,
    });
    const unknown = await server.call("POST", "/session/password", page, { name: "Nobody Here", password });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(await wrong.text()).toBe(await unknown.text());
    await server.call("PUT", "/session/password", visitor, { password: "another horse battery" });
    expect((await server.call("GET", "/projects", byCookie(cookieOf(other)))).status).toBe(401);
    expect((await server.call("GET", "/projects", visitor)).status).toBe(200);
  });
});

describe("writes that ride on a cookie", () => {
  it("are refused without the header, from another site's page, and from a look-alike port", async () => {
    const { visitor } = await makePerson(server, "Cora Site");
    const { "x-lamella": _, ...bare } = visitor as Record<string, string>;
    const body = { name: "p" };
    expect(await errorCode(server.call("POST", "/projects", bare, body))).toBe("header-missing");
    for (const origin of [
      "https://evil.example",
      "http://127.0.0.1:1",
      "null",
      server.url.replace("http:", "https:"),
    ]) {
      expect(await errorCode(server.call("POST", "/projects", visitor, body, { origin }))).toBe(
        "foreign-origin",
      );
    }
    expect((await server.call("POST", "/projects", visitor, body, { origin: server.url })).status).toBe(201);
  });

  it("a token needs neither, and a forged header does not replace it", async () => {
    expect((await server.call("POST", "/projects", byToken(adminToken), { name: "by token" })).status).toBe(
      201,
    );
    expect((await server.call("POST", "/projects", byToken("forged"), { name: "x" })).status).toBe(401);
  });
});

describe("tokens", () => {
  it("are shown once, reach what they say, and end when revoked", async () => {
    const { visitor } = await makePerson(server, "Toma Ken");
    const mine = await json<{ id: string }>(server.call("POST", "/projects", visitor, { name: "mine" }));
    const other = await json<{ id: string }>(server.call("POST", "/projects", visitor, { name: "other" }));
    const made = await json<{ id: string; token: string }>(
      server.call("POST", "/tokens", visitor, { name: "script", projectId: mine.id, role: "reader" }),
    );
    const listed = await (await server.call("GET", "/tokens", visitor)).text();
    expect(listed).toContain(made.id);
    expect(listed).not.toContain(made.token);
    const script = byToken(made.token);
    expect((await server.call("GET", `/projects/${mine.id}/gallery`, script)).status).toBe(200);
    expect((await server.call("GET", `/projects/${other.id}/gallery`, script)).status).toBe(404);
    expect((await server.call("DELETE", `/projects/${mine.id}`, script)).status).toBe(403);
    expect((await server.call("POST", "/tokens", script, { name: "more" })).status).toBe(403);
    const { url } = await json<{ url: string }>(
      server.call("POST", `/projects/${other.id}/invitations`, visitor, { role: "owner" }),
    );
    const accept = `/invitations/${url.split("/").at(-1)}/accept`;
    expect((await server.call("POST", accept, script, { name: "Script" })).status).toBe(403);
    const { projects } = await json<{ projects: { id: string }[] }>(server.call("GET", "/projects", script));
    expect(projects.map(({ id }) => id)).toEqual([mine.id]);
    expect((await server.call("DELETE", `/tokens/${made.id}`, visitor)).status).toBe(204);
    expect((await server.call("GET", `/projects/${mine.id}/gallery`, script)).status).toBe(401);
  });
});

describe("tokens that end by themselves", () => {
  it("open nothing once their time is over, over HTTP and at a room", async () => {
    const { visitor } = await makePerson(server, "Tem Porary");
    const mine = await json<{ id: string }>(server.call("POST", "/projects", visitor, { name: "mine" }));
    const make = async (expiresInDays: number | null) =>
      byToken(
        (await json<{ token: string }>(server.call("POST", "/tokens", visitor, { name: "t", expiresInDays })))
          .token,
      );
    const [over, lasting] = [await make(1e-9), await make(null)];
    const status = async (as: ReturnType<typeof byToken>) =>
      (await server.call("GET", `/projects/${mine.id}/gallery`, as)).status;
    expect([await status(over), await status(lasting)]).toEqual([401, 200]);
    const socket = new WebSocket(`${server.syncUrl}/project:${mine.id}:shared`, {
      headers: over,
    });
    expect((await once(socket, "close"))[0]).toBe(4401);
  });
});

describe("guessing", () => {
  it("is stopped after some attempts, and says for how long; who has signed in goes on", async () => {
    const guessed = await startTestServer();
    try {
      const guess = (n: number) =>
        guessed.call("POST", "/session/link", { "x-lamella": "1" }, { token: `guess-${n}` });
      const statuses: number[] = [];
      for (let n = 0; n < 45; n++) statuses.push((await guess(n)).status);
      expect(statuses.slice(0, 40).every((status) => status === 410)).toBe(true);
      expect(statuses.slice(40).every((status) => status === 429)).toBe(true);
      const last = await guess(99);
      expect(await last.text()).toContain("Wait a quarter of an hour");
      expect(last.headers.get("retry-after")).not.toBeNull();
      expect((await guessed.call("GET", "/projects", byToken(adminToken))).status).toBe(200);
    } finally {
      await guessed.stop();
    }
  });
});

describe("plain HTTP under another name", () => {
  it("answers in one page and one error why nobody can sign in, and how", async () => {
    const port = new URL(server.url).port;
    const { request } = await import("node:http");
    const ask = (method: string, path: string, accept: string, body = "") =>
      new Promise<{ status: number; text: string }>((resolve, reject) => {
        const sent = request(
          {
            host: "127.0.0.1",
            port,
            method,
            path,
            headers: { host: "lab-pc:8080", accept, "x-lamella": "1", "content-type": "application/json" },
          },
          async (answer) => {
            let text = "";
            for await (const chunk of answer) text += chunk;
            resolve({ status: answer.statusCode!, text });
          },
        );
        sent.on("error", reject);
        sent.end(body);
      });
    const shown = await ask("GET", "/projects", "text/html");
    expect(shown.status).toBe(403);
    expect(shown.text).toContain("--lan");
    const told = await ask("POST", "/api/v1/session/link", "application/json", '{"token":"x"}');
    expect(told.status).toBe(403);
    expect(JSON.parse(told.text).error.code).toBe("insecure-connection");
  });
});
