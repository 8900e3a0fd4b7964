import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { readConfig } from "#server/config.ts";
import { ownCertificate } from "#server/http/certificate.ts";
import { startServer } from "#server/main.ts";
import { promptMs } from "#tests/patience.ts";
import { adminToken, byToken, json, makeProject, startTestServer } from "./running-server.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lamella-life-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("configuration", () => {
  const read = (...args: string[]) => readConfig(args, {}, "/somewhere");
  it("has safe defaults, and paths start where the person stands", () => {
    expect(read()).toMatchObject({
      host: "127.0.0.1",
      port: 8080,
      demo: true,
      lan: false,
      tls: { kind: "none" },
    });
    expect(read("--data", "d", "--tls", "c.pem,k.pem")).toMatchObject({
      dataDir: "/somewhere/d",
      tls: { kind: "files", certificate: "/somewhere/c.pem", key: "/somewhere/k.pem" },
    });
    expect(read("--lan")).toMatchObject({ host: "0.0.0.0", tls: { kind: "own" } });
    expect(read("--behind-proxy", "--public-url", "https://lab.example/").publicUrl).toBe(
      "https://lab.example",
    );
  });

  it.each([
    [["--port", "abc"], /--port to be a number/],
    [["--port", "70000"], /--port to be a number/],
    [["--tls", "only-one"], /CERT,KEY/],
    [["--lan", "--behind-proxy"], /at most one/],
    [["--public-url", "lab.example"], /--public-url/],
    [["--public-url", "https://lab.example/path"], /without a path/],
    [["--unknown"], /Unknown option/],
    [["stray"], /Unexpected argument/],
  ])("%j is refused with a sentence and the usage", (args, sentence) => {
    expect(() => read(...args)).toThrow(sentence);
    expect(() => read(...args)).toThrow(/Usage: lamella serve/);
  });

  it("a token with spaces is refused", () => {
    expect(() => readConfig([], { LAMELLA_ADMIN_TOKEN: "two words" })).toThrow(/without spaces/);
  });
});

describe("a store", () => {
  it("keeps people, projects and tokens over a restart; another LAMELLA_ADMIN_TOKEN then changes nothing", async () => {
    const dataDir = join(folder, "kept");
    const first = await startTestServer({ dataDir });
    const projectId = await makeProject(first, "kept");
    await first.close();
    const second = await startTestServer({ dataDir, adminToken: "another-token" });
    expect((await second.call("GET", `/projects/${projectId}/gallery`, byToken(adminToken))).status).toBe(
      200,
    );
    expect((await second.call("GET", "/projects", byToken("another-token"))).status).toBe(401);
    await second.close();
  });

  it("is held by one process at a time, and a taken port is told with a way out", async () => {
    const server = await startTestServer();
    await expect(startServer({ ...server.config })).rejects.toMatchObject({ code: "held" });
    const { port } = new URL(server.url);
    const dataDir = join(folder, "other");
    await expect(startServer({ ...server.config, dataDir, port: Number(port) })).rejects.toThrow(
      new RegExp(`Port ${port} is taken.*--port ${Number(port) + 1}`),
    );
    // What the failed start had opened is closed again.
    await (await startServer({ ...server.config, dataDir })).close();
    await server.stop();
  });
});

describe("HTTPS of its own", () => {
  it("answers under the certificate made at first start, whose key nobody else can read", async () => {
    const server = await startTestServer({ tls: { kind: "own" } });
    const stored = await ownCertificate(server.dataDir);
    expect(server.fingerprint).toBe(stored.fingerprint);
    expect(server.url).toMatch(/^https:/);
    for (const name of ["key.pem", "certificate.pem"]) {
      expect((await stat(join(server.dataDir, "tls", name))).mode & 0o777).toBe(0o600);
    }
    const names = new X509Certificate(stored.cert).subjectAltName!;
    expect(names).toContain("DNS:localhost");
    expect(names).toContain("IP Address:127.0.0.1");
    // Verified against the certificate itself: name and signature must fit.
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${server.url}/healthz`, { ca: stored.cert }, (answer) =>
        resolve(answer.statusCode),
      );
      sent.on("error", reject);
      sent.end();
    });
    expect(status).toBe(200);
    await server.stop();
  });
});

describe("the process", () => {
  it("prints address, link and folder; SIGTERM closes sockets with 1012 and ends it in time, with status 0", async () => {
    const dataDir = join(folder, "process");
    const child = spawn(
      process.execPath,
      ["server/cli.ts", "serve", "--port", "0", "--no-demo", "--data", dataDir],
      {
        env: { ...process.env, LAMELLA_ADMIN_TOKEN: adminToken, INIT_CWD: process.cwd() },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let printed = "";
    for await (const chunk of child.stdout) {
      printed += chunk;
      if (printed.includes(dataDir)) break;
    }
    const url = /Address\s+(http:\S+)/.exec(printed)![1]!;
    expect(printed).toMatch(new RegExp(`Sign in\\s+${url}/sign-in#[\\w-]{43}`));
    const headers = { ...byToken(adminToken), "content-type": "application/json" };
    const { id } = await json<{ id: string }>(
      fetch(`${url}/api/v1/projects`, { method: "POST", headers, body: '{"name":"p"}' }),
    );
    const socket = new WebSocket(`${url.replace("http", "ws")}/sync/project:${id}:shared`, { headers });
    await once(socket, "message");
    const closed = once(socket, "close");
    const exited = once(child, "exit");
    const started = performance.now();
    child.kill("SIGTERM");
    expect((await closed)[0]).toBe(1012);
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - started).toBeLessThan(promptMs);
  });

  it("an unknown command and a bad option end with a sentence and status 2", async () => {
    for (const [args, sentence] of [
      [["fly"], 'There is no command "fly"'],
      [["serve", "--port", "x"], "Expected --port"],
    ] as const) {
      const child = spawn(process.execPath, ["server/cli.ts", ...args], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.on("data", (chunk) => {
        said += chunk;
      });
      expect((await once(child, "close"))[0]).toBe(2);
      expect(said).toContain(sentence);
      expect(said).not.toMatch(/^\s+at /m);
    }
  });
});
