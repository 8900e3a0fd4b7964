import { afterAll, describe, expect, it } from "vitest";
import { createWorkerPool } from "#server/jobs/worker-pool.ts";

const pool = createWorkerPool({
  module: new URL("./troubled-worker.ts", import.meta.url),
  threads: 1,
  memoryLimitBytes: 400 * 2 ** 20,
});
afterAll(() => pool.close());

/** After any trouble the pool must still answer. */
const stillWorks = async () =>
  expect(await pool.run("echo", { a: 1 }, { silenceMs: 20_000 })).toEqual({ a: 1 });

describe("worker pool", () => {
  it("reports progress and hands the result over", async () => {
    const seen: number[] = [];
    expect(await pool.run("echo", 7, { silenceMs: 20_000, onProgress: (f) => seen.push(f) })).toBe(7);
    expect(seen[0]).toBe(0);
  });

  it("refusals keep their code and facts across the thread", async () => {
    await expect(pool.run("refuse", null, { silenceMs: 20_000 })).rejects.toMatchObject({
      code: "truncated",
      message: "Expected 10 bytes, received 3.",
      context: { offset: 3 },
    });
  });

  it("ends work that is silent for too long, even a loop that never yields", async () => {
    await expect(pool.run("spin", null, { silenceMs: 300 })).rejects.toMatchObject({ code: "took-too-long" });
    await stillWorks();
  });

  it("ends work that outgrows its memory", async () => {
    await expect(pool.run("hoard", null, { silenceMs: 20_000 })).rejects.toMatchObject({
      code: "out-of-memory",
    });
    await stillWorks();
  });

  it("survives a thread that goes away", async () => {
    await expect(pool.run("leave", null, { silenceMs: 20_000 })).rejects.toMatchObject({
      code: "worker-failed",
    });
    await stillWorks();
  });

  it("stops when asked", async () => {
    const stop = new AbortController();
    const running = pool.run("spin", null, {
      silenceMs: 20_000,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: "stopped" });
    await stillWorks();
  });
});
