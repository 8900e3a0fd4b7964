import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DomainError } from "#core/errors/domain-error.ts";
import { createJobQueue, type JobContext } from "#server/jobs/job-queue.ts";
import { createJobTable, jobMigrations } from "#server/jobs/job-table.ts";
import { type EmbeddedStore, openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { inOrder } from "#server/storage/embedded/migrations.ts";

let folder: string;
let store: EmbeddedStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lamella-jobs-"));
  store = await openEmbeddedStore({ dataDir: folder, migrations: [inOrder("jobs", jobMigrations)] });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const job = (kind: string, payload: unknown = null, urgent = false) => ({
  kind,
  payload,
  urgent,
  projectId: "project1",
  principalId: "person01",
});
const open = (concurrency = 1) => createJobQueue({ sql: store.sql, concurrency });

describe("job queue", () => {
  it("does what it is given, urgent ones first, and keeps results", async () => {
    const queue = open();
    const order: unknown[] = [];
    queue.handle("note", async ({ job, progress }) => {
      progress(0.5);
      order.push(job.payload);
      return { heard: job.payload };
    });
    const ids = [await queue.enqueue(job("note", 1)), await queue.enqueue(job("note", 2))];
    const urgent = await queue.enqueue(job("note", 3, true));
    await queue.start();
    const done = await Promise.all([...ids, urgent].map((id) => queue.settled(id)));
    expect(order).toEqual([3, 1, 2]);
    expect(done.map((j) => [j.status, j.result])).toEqual([1, 2, 3].map((n) => ["done", { heard: n }]));
    await queue.close();
  });

  it("runs as many at a time as it may, not more", async () => {
    const queue = open(2);
    let now = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    queue.handle("wait", async () => {
      most = Math.max(most, ++now);
      if (now === 2) setImmediate(gate.resolve);
      await gate.promise;
      now--;
    });
    await queue.start();
    const ids = await Promise.all([1, 2, 3, 4].map((n) => queue.enqueue(job("wait", n))));
    await Promise.all(ids.map((id) => queue.settled(id)));
    expect(most).toBe(2);
    await queue.close();
  });

  it("a failed job has its code and sentence, and says so before it counts as failed", async () => {
    const queue = open();
    const told: unknown[] = [];
    queue.handle(
      "fail",
      async () => {
        throw new DomainError("truncated", "Expected more.");
      },
      async (j, refusal) => void told.push([j.kind, refusal]),
    );
    await queue.start();
    const failed = await queue.settled(await queue.enqueue(job("fail")));
    expect(failed).toMatchObject({ status: "failed", code: "truncated", reason: "Expected more." });
    expect(told).toEqual([["fail", { code: "truncated", reason: "Expected more." }]]);
    await queue.close();
  });

  it("a job that was running when the process went down runs again", async () => {
    const first = open();
    const started = Promise.withResolvers<JobContext>();
    first.handle("long", async (context) => {
      started.resolve(context);
      await new Promise((_, reject) =>
        context.signal.addEventListener("abort", () => reject(new Error("down"))),
      );
    });
    await first.start();
    const id = await first.enqueue(job("long"));
    await started.promise;
    await first.close();
    expect((await first.get(id))?.status).toBe("running");

    const second = open();
    second.handle("long", async () => "finished");
    await second.start();
    expect(await second.settled(id)).toMatchObject({ status: "done", result: "finished", attempts: 2 });
    await second.close();
  });

  it("a job on which the process died three times is given up with a reason", async () => {
    const table = createJobTable(store.sql);
    const id = await table.add(job("deadly"));
    for (let i = 0; i < 3; i++) await table.start((await table.get(id))!);
    const queue = open();
    const told: string[] = [];
    queue.handle(
      "deadly",
      async () => expect.unreachable(),
      async (_, { code }) => void told.push(code),
    );
    await queue.start();
    expect(await queue.settled(id)).toMatchObject({ status: "failed", code: "interrupted" });
    expect(told).toEqual(["interrupted"]);
    await queue.close();
  });
});
