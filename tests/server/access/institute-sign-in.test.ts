import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  adminToken,
  byCookie,
  byToken,
  errorCode,
  json,
  makeGuest,
  makeProject,
  startTestServer,
  type TestServer,
} from "../http/running-server.ts";
import { client, startProvider, Walker } from "./institute-provider.ts";

let server: TestServer;
let provider: Awaited<ReturnType<typeof startProvider>>;
const openId = {
  name: "Example Institute",
  newAccounts: true,
  clientId: client.id,
  clientSecret: client.secret,
};
const settings: {
  issuer: string;
  name: string;
  newAccounts: boolean;
  clientId: string;
  clientSecret: string;
} = {
  ...openId,
  issuer: "",
};
let callback: string;

beforeAll(async () => {
  // The provider must know the server's address and the server the provider's: the settings are read at each sign-in.
  server = await startTestServer({ openId: settings });
  callback = `${server.url}/api/v1/session/institute/callback`;
  provider = await startProvider(callback);
  settings.issuer = provider.issuer;
});
afterAll(async () => {
  await server.stop();
  await provider.stop();
});

const begin = (path = "/") => `${server.url}/api/v1/session/institute?path=${encodeURIComponent(path)}`;
const whoIs = async (walker: Walker) =>
  json<{ principal: { id: string; kind: string; name: string } | null; institute: { name: string } }>(
    server.call("GET", "/session", { cookie: walker.cookies(server.url) }),
  );

describe("signing in by the institute", () => {
  it("makes an account once, finds it again by issuer and subject, and goes to the page asked for", async () => {
    const anna = new Walker();
    expect((await whoIs(anna)).institute.name).toBe("Example Institute");
    const back = await anna.signInAt(begin("/projects?sort=name"), "a1:Anna", callback);
    const done = await anna.go(back);
    expect(done.status).toBe(302);
    expect(done.headers.get("location")).toBe("/projects?sort=name");
    const { principal } = await whoIs(anna);
    expect(principal).toMatchObject({ kind: "person", name: "Anna" });

    const again = new Walker();
    await again.go(await again.signInAt(begin(), "a1:Anna", callback));
    expect((await whoIs(again)).principal!.id).toBe(principal!.id);
    const other = new Walker();
    await other.go(await other.signInAt(begin(), "a2:Anna", callback));
    expect((await whoIs(other)).principal!.id).not.toBe(principal!.id);
    expect((await whoIs(other)).principal!.name).toBe("Anna (2)");
  });

  it("a guest who signs in keeps identity and memberships as a person", async () => {
    const projectId = await makeProject(server, "p");
    const guest = await makeGuest(server, projectId, "annotator", "Gwen");
    const gwen = new Walker();
    gwen.set(server.url, (guest.visitor as { cookie: string }).cookie);
    await gwen.go(await gwen.signInAt(begin(), "g1:Gwen", callback));
    const { principal } = await whoIs(gwen);
    expect(principal).toMatchObject({ id: guest.id, kind: "person" });
    const now = byCookie(gwen.cookies(server.url));
    expect((await server.call("GET", `/projects/${projectId}/gallery`, now)).status).toBe(200);
    expect((await server.call("GET", "/projects", guest.visitor)).status).toBe(401);
  });

  it("is finished only by the browser that began it, once, with its own state", async () => {
    const victim = new Walker();
    const attacker = new Walker();
    const back = await attacker.signInAt(begin(), "evil:Eve", callback);
    expect(await errorCode(victim.go(back))).toBe("institute-refused");
    await victim.go(begin());
    expect(await errorCode(victim.go(back))).toBe("institute-refused");
    expect((await whoIs(victim)).principal).toBeNull();
    expect((await attacker.go(back)).status).toBe(302);
    expect(await errorCode(attacker.go(back))).toBe("institute-refused");
    const forged = new Walker();
    const own = new URL(await forged.signInAt(begin(), "f:Fay", callback));
    own.searchParams.set("code", "made-up");
    const answer = await forged.go(own.href);
    expect(answer.status).toBe(401);
    expect((await whoIs(forged)).principal).toBeNull();
  });

  it("carries a state, a nonce and a PKCE challenge of its own each time; a stolen code is worth nothing elsewhere", async () => {
    const asked = async (walker: Walker) =>
      new URL((await walker.go(begin())).headers.get("location")!).searchParams;
    const [first, second] = [await asked(new Walker()), await asked(new Walker())];
    expect(first.get("code_challenge_method")).toBe("S256");
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(first.get(name)!.length, name).toBeGreaterThanOrEqual(43);
      expect(first.get(name), name).not.toBe(second.get(name));
    }
    // A good code of the provider's, given to another sign-in with that one's own state: its verifier does not fit.
    const victim = new Walker();
    const stolen = new URL(await victim.signInAt(begin(), "v:Vic", callback)).searchParams.get("code")!;
    const thief = new Walker();
    const own = new URL(await thief.signInAt(begin(), "t:Theo", callback));
    own.searchParams.set("code", stolen);
    expect(await errorCode(thief.go(own.href))).toBe("institute-refused");
    expect((await whoIs(thief)).principal).toBeNull();
  });

  it.each(["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])(
    "sends nobody to %s",
    async (path) => {
      const walker = new Walker();
      const done = await walker.go(await walker.signInAt(begin(path), "p:Pat", callback));
      expect(done.headers.get("location")).toBe("/");
    },
  );

  it("with new accounts forbidden, only who is known comes in", async () => {
    settings.newAccounts = false;
    try {
      const known = new Walker();
      expect((await known.go(await known.signInAt(begin(), "a1:Anna", callback))).status).toBe(302);
      const stranger = new Walker();
      expect(await errorCode(stranger.go(await stranger.signInAt(begin(), "new:New", callback)))).toBe(
        "institute-refused",
      );
    } finally {
      settings.newAccounts = true;
    }
  });

  it("a person whom it refuses is back on the sign-in page, with the reason and nothing of it in the address", async () => {
    const eve = new Walker();
    await eve.signInAt(begin(), "e:Eve", callback);
    const answer = await fetch(`${callback}?error=access_denied`, {
      redirect: "manual",
      headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8", cookie: eve.cookies(server.url) },
    });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/sign-in"]);
    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith("lamella-refused="))!;
    expect(cookie).toContain("Path=/sign-in");
    expect(decodeURIComponent(cookie)).toMatch(
      /Example Institute did not confirm who you are .*Begin again\./,
    );
    expect((await whoIs(eve)).principal).toBeNull();
  });

  it("a provider that is down is said so and keeps nobody else out", async () => {
    const down = await startTestServer({ openId: { ...openId, issuer: "http://127.0.0.1:9" } });
    try {
      const answer = await fetch(`${down.url}/api/v1/session/institute`, { redirect: "manual" });
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain("Example Institute cannot be reached");
      expect((await down.call("GET", "/projects", byToken(adminToken))).status).toBe(200);
    } finally {
      await down.stop();
    }
  });
});
