import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { readConfig, type ServerConfig } from "#server/config.ts";
import { type Drivers, type RunningServer, startServer } from "#server/main.ts";

export const adminToken = "fixed-token-of-the-tests-0123456789abcdef";

export interface TestServer extends RunningServer {
  readonly config: ServerConfig;
  /** Where its rooms are: a room's socket is `${syncUrl}/${room}`. */
  readonly syncUrl: string;
  /** One call of the API by whoever the headers say. */
  call(
    method: string,
    path: string,
    as?: Visitor,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>;
  stop(): Promise<void>;
}

/** Headers that prove who somebody is. */
export type Visitor = Readonly<Record<string, string>>;

export const byToken = (token: string): Visitor => ({ authorization: `Bearer ${token}` });
/** The administrator, by the token that every test server knows. */
export const admin = byToken(adminToken);
export const byCookie = (cookie: string): Visitor => ({ cookie, "x-lamella": "1" });

/** A real server on a free port and a folder of its own. */
export async function startTestServer(
  change: Partial<ServerConfig> = {},
  drivers: Partial<Drivers> = {},
): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "lamella-test-"));
  const env = { LAMELLA_ADMIN_TOKEN: adminToken, LAMELLA_LOG: "silent" };
  const config = { ...readConfig(["--port", "0", "--data", dataDir, "--no-demo"], env), ...change };
  const server = await startServer(config, drivers);
  return {
    ...server,
    config,
    syncUrl: `${server.url.replace("http", "ws")}/sync`,
    call: (method, path, as = {}, body, headers = {}) =>
      fetch(`${server.url}/api/v1${path}`, {
        method,
        redirect: "manual",
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...as, ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    async stop() {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The server of a test file: there before its first test, gone after its last. */
export async function testServer(): Promise<TestServer> {
  const server = await startTestServer();
  afterAll(() => server.stop());
  return server;
}

export const linkSecret = (address: string) => address.split("#")[1]!;

/** The session cookie an answer sets, as a browser would send it back. */
export function cookieOf(response: Response): string {
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0];
  if (!cookie) throw new Error(`No cookie in an answer of status ${response.status}.`);
  return cookie;
}

export async function json<T>(response: Response | Promise<Response>): Promise<T> {
  const answer = await response;
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

export async function errorCode(response: Response | Promise<Response>): Promise<string> {
  const body = (await (await response).json()) as { error: { code: string } };
  return body.error.code;
}

/** An account made by the administrator, signed in by its link. */
export async function makePerson(
  server: TestServer,
  name: string,
): Promise<{ id: string; visitor: Visitor }> {
  const made = await json<{ principal: { id: string }; url: string }>(
    server.call("POST", "/people", admin, { name }),
  );
  const signedIn = await server.call(
    "POST",
    "/session/link",
    { "x-lamella": "1" },
    { token: linkSecret(made.url) },
  );
  return { id: made.principal.id, visitor: byCookie(cookieOf(signedIn)) };
}

/** An account that the administrator gave a role in a project. */
export async function makeMember(
  server: TestServer,
  projectId: string,
  role: string,
  name: string,
): Promise<{ id: string; visitor: Visitor }> {
  const person = await makePerson(server, name);
  const path = `/projects/${projectId}/members/${person.id}`;
  const given = await server.call("PUT", path, admin, { role });
  if (!given.ok) throw new Error(`${name} did not become ${role}: ${given.status} ${await given.text()}`);
  return person;
}

/** A guest who came in by a link of this role, without waiting. */
export async function makeGuest(
  server: TestServer,
  projectId: string,
  role: string,
  name = "Gwen",
): Promise<{ id: string; visitor: Visitor }> {
  const { url } = await json<{ url: string }>(
    server.call("POST", `/projects/${projectId}/invitations`, admin, {
      role,
      waitingRoom: false,
    }),
  );
  const accepted = await server.call(
    "POST",
    `/invitations/${url.split("/").at(-1)}/accept`,
    { "x-lamella": "1" },
    { name },
  );
  const visitor = byCookie(cookieOf(accepted));
  const { principal } = await json<{ principal: { id: string } }>(server.call("GET", "/session", visitor));
  return { id: principal.id, visitor };
}

export async function makeProject(server: TestServer, name: string, as: Visitor = admin): Promise<string> {
  return (await json<{ id: string }>(server.call("POST", "/projects", as, { name }))).id;
}
