import { afterAll, describe, expect, it } from "vitest";
import { createWorkerPool, type WorkerPool } from "#server/jobs/worker-pool.ts";

const patience = { silenceMs: 20_000 };
const module = new URL("./troubled-worker.ts", import.meta.url);
const memoryLimitBytes = 400 * 2 ** 20;

/** After any trouble the pool must still answer. */
const stillWorks = async (pool: WorkerPool) =>
  expect(await pool.run("echo", { a: 1 }, patience)).toEqual({ a: 1 });

describe.each(["threads", "processes"] as const)("worker pool of %s", (apart) => {
  const pool = createWorkerPool({ module, apart, most: 1, memoryLimitBytes, report: () => undefined });
  afterAll(() => pool.close());

  it("reports progress and hands the result over", async () => {
    const seen: number[] = [];
    expect(await pool.run("echo", 7, { ...patience, onProgress: (f) => seen.push(f) })).toBe(7);
    expect(seen[0]).toBe(0);
  });

  it("hands over what numbers and bytes there are", async () => {
    const value = {
      pixels: Float32Array.of(1, Number.NaN, -0),
      text: new Uint8Array([0xc3, 0xa4]),
      none: undefined,
    };
    expect(await pool.run("echo", value, patience)).toEqual(value);
    const many = new Uint8Array(9 * 2 ** 20).map((_, i) => i * 7);
    expect(Buffer.compare(await pool.run<Uint8Array>("echo", many, patience), many)).toBe(0);
  });

  it("refusals keep their code and facts", async () => {
    await expect(pool.run("refuse", null, patience)).rejects.toMatchObject({
      code: "truncated",
      message: "Expected 10 bytes, received 3.",
      context: { offset: 3 },
    });
  });

  it("ends work that is silent for too long, even a loop that never yields", async () => {
    await expect(pool.run("spin", null, { silenceMs: 300 })).rejects.toMatchObject({ code: "took-too-long" });
    await stillWorks(pool);
  });

  it("ends work that outgrows its memory", async () => {
    await expect(pool.run("hoard", null, patience)).rejects.toMatchObject({ code: "out-of-memory" });
    await stillWorks(pool);
  });

  it("survives a worker that goes away", async () => {
    await expect(pool.run("leave", null, patience)).rejects.toMatchObject({ code: "worker-failed" });
    await stillWorks(pool);
  });

  it("stops when asked", async () => {
    const stop = new AbortController();
    const running = pool.run("spin", null, {
      ...patience,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: "stopped" });
    await stillWorks(pool);
  });

  it("stops what has not begun", async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const running = pool.run("spin", null, { ...patience, signal: first.signal });
    const waiting = pool.run("echo", 1, { ...patience, signal: second.signal });
    second.abort();
    await expect(waiting).rejects.toMatchObject({ code: "stopped" });
    first.abort();
    await expect(running).rejects.toMatchObject({ code: "stopped" });
    await stillWorks(pool);
  });

  it("closed, it ends what runs and what waits", async () => {
    const closing = createWorkerPool({ module, apart, most: 1 });
    const begun = Promise.withResolvers<void>();
    const running = closing.run("spin", null, { ...patience, onProgress: () => begun.resolve() });
    const waiting = closing.run("echo", 1, patience);
    const outcomes = Promise.allSettled([running, waiting]);
    await begun.promise;
    await closing.close();
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});
