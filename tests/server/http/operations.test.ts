import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { WebSocket } from "ws";
import { patienceMs } from "#tests/patience.ts";
import { phantomTiff } from "./phantom-tiff.ts";
import { admin, adminToken, json, makeProject, startTestServer, type TestServer } from "./running-server.ts";
import { sentMicrograph } from "./sent-micrograph.ts";

let server: TestServer;
let projectId: string;
beforeAll(async () => {
  server = await startTestServer();
  projectId = await makeProject(server, "p");
});
afterAll(() => server.stop());

async function values(): Promise<Map<string, number>> {
  const answer = await fetch(`${server.url}/metrics`);
  expect(answer.headers.get("content-type")).toContain("version=0.0.4");
  const text = await answer.text();
  const found = new Map<string, number>();
  const declared = new Set<string>();
  for (const line of text.trimEnd().split("\n")) {
    const comment = /^# (HELP|TYPE) (lamella_\w+) (.+)$/.exec(line);
    if (comment) {
      declared.add(comment[2]!);
      continue;
    }
    const sample = /^(lamella_\w+)(\{\w+="[^"]+"\})? (-?[\d.e+-]+)$/.exec(line);
    expect(sample, line).not.toBeNull();
    expect(
      declared.has(sample![1]!.replace(/_(bucket|sum|count)$/, "")) || declared.has(sample![1]!),
      line,
    ).toBe(true);
    found.set(sample![1]! + (sample![2] ?? ""), Number(sample![3]));
  }
  return found;
}

describe("/metrics", () => {
  it("counts what really happens: people, rooms, commits, bytes, files, tiles, answers", async () => {
    const before = await values();
    const bytes = await phantomTiff(31);
    const { micrographId } = await sentMicrograph(server, projectId, bytes);
    const [signal] = (await server.ingest.catalogue.micrograph(micrographId))!.signals;
    const tile = `${server.url}/tiles/${micrographId}/${signal!.derivation}/${signal!.id}/0/0/0_0.jpg`;
    for (let n = 0; n < 3; n++) await (await fetch(tile, { headers: admin })).arrayBuffer();
    const socket = new WebSocket(`${server.syncUrl}/project:${projectId}:shared`, {
      headers: admin,
    });
    await new Promise((done) => socket.once("message", done));
    await server.call("POST", `/projects/${projectId}/shared`, admin, {
      ...{ type: "put-object", object: { id: "o1", name: "x" } },
    });
    await server.call("GET", "/projects", {});
    const after = await values();
    const grown = (name: string) => after.get(`lamella_${name}`)! - (before.get(`lamella_${name}`) ?? 0);
    expect(grown("original_bytes")).toBe(bytes.length);
    expect(grown("sources")).toBe(1);
    expect(grown("micrographs")).toBe(1);
    expect(grown("sockets")).toBe(1);
    expect(grown("people")).toBe(1);
    expect(grown("committed_updates_total")).toBeGreaterThanOrEqual(1);
    expect(grown("commit_seconds_count")).toBeGreaterThanOrEqual(1);
    expect(grown('commit_seconds_bucket{le="+Inf"}')).toBe(grown("commit_seconds_count"));
    expect(grown("echo_seconds_count")).toBeGreaterThanOrEqual(1);
    expect(grown('http_requests_total{status="4xx"}')).toBe(1);
    expect(grown("tile_seconds_count")).toBe(3);
    expect(after.get("lamella_queued_updates")).toBe(0);
    expect(after.get('lamella_jobs{state="done"}')).toBeGreaterThanOrEqual(1);
    expect(after.get('lamella_jobs{state="queued"}')).toBe(0);
    expect(after.get("lamella_disk_free_bytes")).toBeGreaterThan(0);
    expect(tile).toContain(signal!.derivation!);
    expect(grown('tile_requests_total{status="2xx"}')).toBe(3);
    expect(grown("tile_cache_hits_total")).toBe(2);
    expect(after.get("lamella_tile_cache_bytes")).toBeGreaterThan(0);
    socket.terminate();
  });
});

describe("the log of a process", () => {
  it("is JSON lines; answer, error and tile carry the id that the client was told; no secret stands in it", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "lamella-log-"));
    const child = spawn(
      process.execPath,
      [
        resolve(import.meta.dirname, "../../../server/cli.ts"),
        "serve",
        "--port",
        "0",
        "--data",
        dataDir,
        "--no-demo",
        "--behind-proxy",
      ],
      { env: { ...process.env, LAMELLA_LOG: "debug", LAMELLA_ADMIN_TOKEN: adminToken } },
    );
    const exited = new Promise((done) => child.once("exit", done));
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await exited;
      await rm(dataDir, { recursive: true, force: true });
    });
    let output = "";
    const address = await new Promise<string>((found) => {
      child.stdout.pipe(
        new Writable({
          write(chunk, _encoding, next) {
            output += String(chunk);
            const url = /Address\s+(http\S+)/.exec(output)?.[1];
            if (url && output.includes("Data ")) found(url);
            next();
          },
        }),
      );
    });
    const told: string[] = [];
    const ask = async (path: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${address}${path}`, { headers });
      await answer.arrayBuffer();
      told.push(answer.headers.get("x-request-id")!);
    };
    await ask("/api/v1/projects", admin);
    await ask("/api/v1/invitations/SECRETINVITATION");
    await ask("/tiles/nothing", { "x-request-id": "given-by-the-proxy-1" });
    const socket = new WebSocket(`${address.replace("http", "ws")}/sync/x?ticket=SECRETTICKET`);
    await new Promise((done) => socket.once("close", done));
    // What goes wrong later, in a job or on a socket, bears the id of the request that it goes back to.
    const headers = { ...admin, "content-type": "application/json" };
    const made = fetch(`${address}/api/v1/projects`, { method: "POST", headers, body: '{"name":"p"}' });
    const { id: project } = await json<{ id: string }>(made);
    const sent = await fetch(`${address}/api/v1/projects/${project}/micrographs?name=a.tif`, {
      method: "POST",
      headers: admin,
      body: "no picture at all",
    });
    const ordered = sent.headers.get("x-request-id");
    const garbage = new WebSocket(`${address.replace("http", "ws")}/sync/project:${project}:shared`, {
      headers: admin,
    });
    garbage.once("open", () => garbage.send(new Uint8Array([99, 1, 2])));
    await new Promise((done) => garbage.once("close", done));
    await vi.waitFor(() => expect(output).toContain('"job failed"'), patienceMs);
    child.kill("SIGTERM");
    await exited;
    const lines = output
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as { id?: string; time: string; msg: string; url?: string });
    expect(told[2]).toBe("given-by-the-proxy-1");
    expect(new Set(told).size).toBe(3);
    for (const id of told)
      expect(
        lines.filter((line) => line.id === id),
        id,
      ).toHaveLength(1);
    expect(lines.find(({ msg }) => msg === "job failed")!.id).toBe(ordered);
    const opened = lines.find(({ msg, url }) => msg === "socket" && url?.endsWith("shared"))!;
    expect(lines.find(({ msg }) => msg === "unreadable message")!.id).toBe(opened.id);
    expect(lines.find(({ msg }) => msg === "store opened")).toMatchObject({
      ...{ journal_mode: "wal", synchronous: 2, foreign_keys: 1 },
    });
    const socketLine = lines.find(({ msg }) => msg === "socket")!;
    expect(socketLine.url).toBe("/sync/x?ticket=…");
    expect(socketLine.id).toMatch(/^[\w-]{8,}$/);
    expect(lines.every(({ time }) => !Number.isNaN(Date.parse(time)))).toBe(true);
    for (const secret of ["SECRET", adminToken])
      expect(lines.map((l) => JSON.stringify(l)).join()).not.toContain(secret);
  });
});
