import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createWorkerPool, type WorkerPool } from "#server/jobs/worker-pool.ts";

const patience = { silenceMs: 20_000 };
const mebibyte = 2 ** 20;
let pool: WorkerPool;
let folder: string;
let said: [string, unknown][];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lamella-processes-"));
  said = [];
  pool = createWorkerPool({
    module: new URL("./troubled-worker.ts", import.meta.url),
    apart: "processes",
    most: 2,
    memoryLimitBytes: 500 * mebibyte,
    report: (event, facts) => void said.push([event, facts]),
  });
});
afterEach(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it("work over which a process crashed is done by another, and the log says so", async () => {
  expect(await pool.run("crashOnce", join(folder, "crashed"), patience)).toBe("done");
  expect(existsSync(join(folder, "crashed"))).toBe(true);
  const facts = { how: "SIGSEGV", task: "crashOnce", triedAgain: true, grownBytes: expect.any(Number) };
  expect(said).toEqual([["worker process died", facts]]);
});

it("what crashes it every time is refused with a sentence, and work beside it goes on", async () => {
  const beside = pool.run("keep", { bytes: 1, ms: 1500 }, patience);
  await expect(pool.run("crash", null, patience)).rejects.toMatchObject({
    code: "worker-failed",
    message: expect.stringMatching(/^The program that reads this file crashed over it, twice \(SIGSEGV\)\./),
  });
  expect(await beside).toBe(1);
  expect(said).toHaveLength(2);
});

it("the one that takes most is ended when all together take too much", async () => {
  const outcomes = await Promise.allSettled([
    pool.run("keep", { bytes: 200 * mebibyte, ms: 4000 }, patience),
    pool.run("keep", { bytes: 400 * mebibyte, ms: 4000 }, patience),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(outcomes[1]).toMatchObject({ reason: { code: "out-of-memory" } });
});

it("one process takes task after task, and is replaced once it has grown", async () => {
  const first = await pool.run<number>("whoRuns", null, patience);
  expect(first).not.toBe(process.pid);
  expect(await pool.run("whoRuns", null, patience)).toBe(first);
  await pool.run("keep", { bytes: 300 * mebibyte, ms: 1500 }, patience);
  expect(await pool.run("whoRuns", null, patience)).not.toBe(first);
});

it("what means the server means it alone: the readers stay until it ends them", async () => {
  const pid = await pool.run<number>("whoRuns", null, patience);
  const running = pool.run("keep", { bytes: 1, ms: 500 }, patience);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(pid, signal);
  expect(await running).toBe(1);
  await pool.close();
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
});

it("readers do not know the server's secrets", async () => {
  vi.stubEnv("LAMELLA_ADMIN_TOKEN", "secret");
  vi.stubEnv("LAMELLA_FFMPEG", "/opt/ffmpeg");
  try {
    expect(await pool.run("settings", null, patience)).toEqual(["LAMELLA_FFMPEG"]);
  } finally {
    vi.unstubAllEnvs();
  }
});

it("no reader outlives its server, not even one that never yields", async () => {
  const script = fileURLToPath(new URL("./spinning-server.ts", import.meta.url));
  const server = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
  const pid = Number(line);
  expect(isAlive(pid)).toBe(true);
  server.kill("SIGKILL");
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 20 });
});

it("whoever closes it hears of the end", async () => {
  const script = fileURLToPath(new URL("./spinning-server.ts", import.meta.url));
  const server = spawn(process.execPath, [script, "close"], { stdio: ["ignore", "pipe", "inherit"] });
  let words = "";
  server.stdout.on("data", (chunk: Buffer) => void (words += chunk));
  expect(await once(server, "close")).toEqual([0, null]);
  expect(words).toMatch(/^\d+\nclosed\n$/);
});

it("a program whose work is done may end while its readers rest", async () => {
  const script = fileURLToPath(new URL("./spinning-server.ts", import.meta.url));
  const server = spawn(process.execPath, [script, "rest"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
  expect(await once(server, "exit")).toEqual([0, null]);
  await vi.waitFor(() => expect(isAlive(Number(line))).toBe(false), { timeout: 10_000, interval: 20 });
});
