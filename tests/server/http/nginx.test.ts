import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { type Certificate, ownCertificate } from "#server/http/certificate.ts";
import { patienceMs } from "#tests/patience.ts";
import { phantomTiff } from "./phantom-tiff.ts";
import { adminToken, linkSecret, startTestServer, type TestServer } from "./running-server.ts";

const nginx = [
  process.env["LAMELLA_NGINX"],
  "/usr/sbin/nginx",
  "/usr/bin/nginx",
  "/usr/local/sbin/nginx",
].find((path) => path !== undefined && existsSync(path));
if (!nginx) console.info("nginx is not installed here: the tests of server/nginx.conf are skipped.");

const freePort = async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
};

describe.skipIf(!nginx)("server/nginx.conf", () => {
  let folder: string;
  let certificate: Certificate;
  let server: TestServer;
  let proxy: ChildProcess;
  let origin: string;
  let plainPort: number;
  let projectId: string;
  let cookie = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lamella-nginx-"));
    certificate = await ownCertificate(folder);
    const [port, plain] = [await freePort(), await freePort()];
    plainPort = plain;
    origin = `https://localhost:${port}`;
    server = await startTestServer({ behindProxy: true, publicUrl: origin });
    // The file as it is shipped, but for the addresses that its first lines tell people to change.
    const shipped = await readFile(resolve(import.meta.dirname, "../../../server/nginx.conf"), "utf8");
    const here = shipped
      .replace("127.0.0.1:8080", new URL(server.url).host)
      .replace("listen 443", `listen 127.0.0.1:${port}`)
      .replace("listen 80", `listen 127.0.0.1:${plain}`)
      .replaceAll("lamella.example.org;", "localhost;")
      .replaceAll("/etc/ssl/lamella", join(folder, "tls"));
    await mkdir(join(folder, "logs"));
    await writeFile(join(folder, "lamella.conf"), here);
    const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const temporary = kinds.map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join("\n");
    await writeFile(
      join(folder, "nginx.conf"),
      `${process.getuid?.() === 0 ? "user root;" : ""} daemon off; worker_processes 1; pid ${join(folder, "pid")};
       error_log stderr warn; events {} http { access_log off; ${temporary} include ${join(folder, "lamella.conf")}; }`,
    );
    proxy = spawn(nginx!, ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    proxy.stderr!.on("data", (chunk) => void (said += String(chunk)));
    await vi.waitUntil(
      async () => {
        if (proxy.exitCode !== null) throw new Error(`nginx ended: ${said}`);
        return (await ask("GET", "/healthz").catch(() => ({ status: 0 }))).status === 200;
      },
      { timeout: patienceMs },
    );
  });
  afterAll(async () => {
    if (!nginx) return;
    if (proxy && proxy.exitCode === null) {
      proxy.kill("SIGTERM");
      await once(proxy, "exit");
    }
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function ask(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Uint8Array | string,
  ): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
    return new Promise((done, failed) => {
      const sent = request(`${origin}${path}`, { method, headers, ca: certificate.cert }, async (answer) => {
        let text = "";
        for await (const chunk of answer) text += String(chunk);
        done({ status: answer.statusCode!, headers: answer.headers, text });
      });
      sent.on("error", failed);
      sent.end(body);
    });
  }
  const page = () => ({ cookie, "x-lamella": "1", origin, "content-type": "application/json" });

  it("signs in with a secure cookie, on links that carry the public address", async () => {
    expect(server.adminLink.startsWith(`${origin}/sign-in#`)).toBe(true);
    const token = JSON.stringify({ token: linkSecret(server.adminLink) });
    const answer = await ask("POST", "/api/v1/session/link", page(), token);
    expect(answer.status).toBe(200);
    const [set] = answer.headers["set-cookie"] as string[];
    expect(set).toMatch(/^__Host-lamella=.*Secure/);
    cookie = set!.split(";")[0]!;
    const made = await ask("POST", "/api/v1/projects", page(), '{"name":"p"}');
    expect(made.status).toBe(201);
    projectId = (JSON.parse(made.text) as { id: string }).id;
    const foreign = { ...page(), origin: "https://evil.example" };
    expect((await ask("POST", "/api/v1/projects", foreign, '{"name":"p"}')).status).toBe(403);
    // A client cannot make itself look local or another origin through the proxy.
    const claimed = { ...foreign, "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" };
    expect((await ask("POST", "/api/v1/projects", claimed, '{"name":"p"}')).status).toBe(403);
  });

  it("takes a file larger than nginx's own limit, whole and resumed, and gives it back", async () => {
    const bytes = await phantomTiff(5, 2000, 1100);
    expect(bytes.length).toBeGreaterThan(2 ** 21);
    const path = `/api/v1/projects/${projectId}/micrographs?name=a.tif`;
    const sent = await ask("POST", path, { ...page(), "content-type": "application/octet-stream" }, bytes);
    expect(sent.status).toBe(201);
    const { source } = JSON.parse(sent.text) as { source: string };
    const back = await ask("GET", `/api/v1/sources/${source}/original`, { cookie });
    expect(back.headers["content-length"]).toBe(String(bytes.length));

    const tus = { ...page(), "tus-resumable": "1.0.0" };
    const begun = await ask("POST", "/api/v1/uploads", {
      ...tus,
      "upload-length": String(bytes.length),
      "upload-metadata": `filename ${btoa("b.tif")},projectId ${btoa(projectId)}`,
    });
    expect(begun.status).toBe(201);
    const at = new URL(String(begun.headers["location"]), `${origin}/api/v1/uploads`).pathname;
    const half = bytes.length >> 1;
    const patch = (from: number, part: Uint8Array) =>
      ask(
        "PATCH",
        at,
        { ...tus, "upload-offset": String(from), "content-type": "application/offset+octet-stream" },
        part,
      );
    expect((await patch(0, bytes.subarray(0, half))).status).toBe(204);
    expect((await ask("HEAD", at, tus)).headers["upload-offset"]).toBe(String(half));
    const finished = await patch(half, bytes.subarray(half));
    expect(finished.status).toBe(204);
    expect(finished.headers["x-lamella-source"]).toMatch(/^[\w-]{8,}$/);
  });

  it("carries a room's socket, and not a foreign page's", async () => {
    const open = (from: string) =>
      new WebSocket(`${origin.replace("https", "wss")}/sync/project:${projectId}:shared`, {
        headers: { cookie, origin: from },
        ca: certificate.cert,
      });
    const socket = open(origin);
    const [first] = (await once(socket, "message")) as [Buffer];
    expect(first[0]).toBe(0);
    const heard = once(socket, "message");
    const object = JSON.stringify({ type: "put-object", object: { id: "o1", name: "x" } });
    expect((await ask("POST", `/api/v1/projects/${projectId}/shared`, page(), object)).status).toBe(204);
    const [update] = (await heard) as [Buffer];
    expect([...update.subarray(0, 2)]).toEqual([0, 2]);
    const closed = once(socket, "close");
    expect((await ask("DELETE", "/api/v1/session", page())).status).toBe(204);
    expect((await closed)[0]).toBe(4401);
    const foreign = open("https://evil.example");
    foreign.on("error", () => undefined);
    const [, answer] = (await once(foreign, "unexpected-response")) as [unknown, { statusCode: number }];
    expect(answer.statusCode).toBe(403);
  });

  it("keeps one request id through both, hides the counters, and sends plain HTTP to HTTPS", async () => {
    const answer = await ask("GET", "/api/v1/session", { "x-request-id": "made-up-by-a-client" });
    expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
    expect((await ask("GET", "/metrics", { authorization: `Bearer ${adminToken}` })).status).toBe(404);
    const plain = await fetch(`http://127.0.0.1:${plainPort}/projects`, {
      redirect: "manual",
      headers: { host: "localhost" },
    });
    expect(plain.status).toBe(301);
  });
});
