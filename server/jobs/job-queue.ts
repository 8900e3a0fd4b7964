import { isDomainError } from "#core/errors/domain-error.ts";
import type { Report } from "#server/report.ts";
import { currentRequestId, onBehalfOf } from "#server/request-context.ts";
import { createJobTable, type Job, type NewJob } from "./job-table.ts";
import type { Sql } from "./sql.ts";

export interface JobContext {
  readonly job: Job;
  /** 0-1. */
  progress(fraction: number): void;
  /** Aborted when the process goes down; the job then runs again at the next start. */
  readonly signal: AbortSignal;
}

/** @returns the result, JSON; @throws DomainError with a sentence for people */
export type JobHandler = (context: JobContext) => Promise<unknown>;

export type GivenUp = (
  job: Job,
  refusal: { readonly code: string; readonly reason: string },
) => Promise<void>;

export interface JobChange {
  readonly job: Job;
  readonly progress: number;
}

export interface JobQueue {
  /**
   * Say who does jobs of a kind; before `start`.
   *
   * @param onGivenUp told before a job counts as failed, whether its handler threw or the server kept stopping on it
   */
  handle(kind: string, handler: JobHandler, onGivenUp?: GivenUp): void;
  /** @returns the job's id, once it is on disk */
  enqueue(job: NewJob): Promise<string>;
  /** Takes up what an earlier process left, and begins to work. */
  start(): Promise<void>;
  get(id: string): Promise<(Job & { readonly progress: number }) | undefined>;
  /** Progress of a running job, 0-1. */
  progressOf(id: string): number | undefined;
  /** True where a job with exactly this payload waits or runs. */
  hasOpen(kind: string, payload: unknown): Promise<boolean>;
  onChange(listener: (change: JobChange) => void): () => void;
  /** Resolves when the job is done or failed. */
  settled(id: string): Promise<Job>;
  /** Stops taking jobs and aborts the running ones, which stay to be taken up again. */
  close(): Promise<void>;
}

export interface JobQueueOptions {
  readonly sql: Sql;
  /** Jobs at a time. */
  readonly concurrency: number;
  /** A job that was running when the process died this often is not tried again: it may be what killed it. */
  readonly maxAttempts?: number;
  /** Jobs that failed, for the log; by default nothing is written. Said on behalf of the request that ordered them. */
  readonly report?: Report;
}

export function createJobQueue({
  sql,
  concurrency,
  maxAttempts = 3,
  report = () => {},
}: JobQueueOptions): JobQueue {
  const table = createJobTable(sql);
  const handlers = new Map<string, { readonly work: JobHandler; readonly onGivenUp: GivenUp | undefined }>();
  const running = new Map<string, { progress: number; done: Promise<void> }>();
  const listeners = new Set<(change: JobChange) => void>();
  const stop = new AbortController();
  let started = false;
  let looking: Promise<void> | undefined;
  let lookAgain = false;

  const announce = (job: Job, progress: number) => {
    for (const listener of listeners) listener({ job, progress });
  };

  const giveUp = async (job: Job, code: string, reason: string) => {
    const { id, kind, projectId, attempts } = job;
    report("job failed", { job: id, kind, projectId, attempts: attempts + 1, code, reason });
    await handlers.get(job.kind)?.onGivenUp?.(job, { code, reason });
    await table.fail(job.id, code, reason);
  };

  const run = async (job: Job) => {
    const entry = running.get(job.id)!;
    const handler = handlers.get(job.kind);
    try {
      await table.start(job);
      announce({ ...job, status: "running" }, 0);
      if (!handler) throw new Error(`No handler for jobs of kind "${job.kind}".`);
      const result = await handler.work({
        job,
        signal: stop.signal,
        progress(fraction) {
          entry.progress = Math.min(1, Math.max(entry.progress, fraction));
          announce({ ...job, status: "running" }, entry.progress);
        },
      });
      await table.finish(job.id, result);
    } catch (error) {
      // A process going down leaves its jobs as running: the next start takes them up.
      if (stop.signal.aborted) return;
      const [code, reason] = isDomainError(error)
        ? [error.code, error.message]
        : ["internal", error instanceof Error ? error.message : String(error)];
      await giveUp(job, code, reason);
    }
    const settled = await table.get(job.id);
    if (settled) announce(settled, settled.status === "done" ? 1 : entry.progress);
  };

  const takeWaiting = async () => {
    do {
      lookAgain = false;
      const free = concurrency - running.size;
      if (free <= 0 || stop.signal.aborted) return;
      // Running ones may still be marked as waiting for a moment, hence the surplus.
      for (const job of await table.waiting(free + running.size)) {
        if (stop.signal.aborted || running.size >= concurrency) break;
        if (running.has(job.id)) continue;
        const entry = { progress: 0, done: Promise.resolve() };
        running.set(job.id, entry);
        entry.done = onBehalfOf(job.requestId ?? undefined, () => run(job))
          .catch((error: unknown) =>
            report("job could not be recorded", { job: job.id, kind: job.kind, cause: String(error) }),
          )
          .finally(() => {
            running.delete(job.id);
            look();
          });
      }
    } while (lookAgain);
  };

  const look = () => {
    if (!started || stop.signal.aborted) return;
    lookAgain = true;
    looking ??= takeWaiting().finally(() => {
      looking = undefined;
    });
  };

  return {
    handle: (kind, work, onGivenUp) => void handlers.set(kind, { work, onGivenUp }),

    async enqueue(job) {
      const id = await table.add({ requestId: currentRequestId(), ...job });
      look();
      return id;
    },

    async start() {
      for (const job of await table.interrupted()) {
        if (running.has(job.id)) continue;
        if (job.attempts < maxAttempts) await table.requeue(job.id);
        else {
          const reason = `This was started ${job.attempts} times and the server stopped each time; it is not tried again by itself.`;
          await onBehalfOf(job.requestId ?? undefined, () => giveUp(job, "interrupted", reason));
          const failed = await table.get(job.id);
          if (failed) announce(failed, 0);
        }
      }
      started = true;
      look();
    },

    async get(id) {
      const job = await table.get(id);
      return job && { ...job, progress: job.status === "done" ? 1 : (running.get(id)?.progress ?? 0) };
    },

    progressOf: (id) => running.get(id)?.progress,
    hasOpen: (kind, payload) => table.hasOpen(kind, payload),

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async settled(id) {
      const { promise, resolve } = Promise.withResolvers<Job>();
      const check = (job: Job | undefined) => {
        if (job && (job.status === "done" || job.status === "failed")) resolve(job);
      };
      const listener = (change: JobChange) => change.job.id === id && check(change.job);
      listeners.add(listener);
      check(await table.get(id));
      return promise.finally(() => listeners.delete(listener));
    },

    async close() {
      stop.abort();
      await looking;
      await Promise.all([...running.values()].map((entry) => entry.done));
    },
  };
}
