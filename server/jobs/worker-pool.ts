import { availableParallelism, totalmem } from "node:os";
import { DomainError } from "#core/errors/domain-error.ts";
import type { Report } from "#server/report.ts";
import { createTaskProcesses } from "./task-processes.ts";
import { createTaskThreads } from "./task-threads.ts";
import { WorkError } from "./work-error.ts";

export interface WorkerPoolOptions {
  /** Module whose exported functions are the tasks; each takes (payload, report) through `workerTask`. */
  readonly module: URL;
  /**
   * Where tasks run. Processes for what decodes bytes of strangers: a decoder that crashes or hangs in native code takes
   * nothing with it. Threads for our own computations on large data, which would have to be copied through a pipe.
   */
  readonly apart: "processes" | "threads";
  /** So many at a time. */
  readonly most?: number;
  /** All work together may take so much more memory than idle workers do; default: half of the machine's memory. */
  readonly memoryLimitBytes?: number;
  readonly report?: Report;
}

export interface RunOptions {
  /** Longest silence: the clock starts anew with every report of progress. */
  readonly silenceMs: number;
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

export interface WorkerPool {
  /** @throws DomainError with the code that the task threw, or WorkError */
  run<Result>(task: string, payload: unknown, options: RunOptions): Promise<Result>;
  /** Work is about to come: a worker may start meanwhile. */
  prepare(): void;
  close(): Promise<void>;
}

/** Workers whose work is ended, wherever it is, when it goes silent or outgrows its memory; the server goes on. */
export function createWorkerPool({
  module,
  apart,
  most = Math.max(1, Math.min(4, availableParallelism())),
  memoryLimitBytes = Math.floor(totalmem() / 2),
  report = (event, facts) => console.error(event, facts),
}: WorkerPoolOptions): WorkerPool {
  const create = apart === "processes" ? createTaskProcesses : createTaskThreads;
  const runner = create(module, { most, memoryLimitBytes, report });

  return {
    async run<Result>(task: string, payload: unknown, { silenceMs, onProgress, signal }: RunOptions) {
      const stop = new AbortController();
      const end = (error: WorkError) => stop.abort(error);
      const onStop = () => end(WorkError.stopped());
      signal?.addEventListener("abort", onStop, { once: true });
      if (signal?.aborted) onStop();

      // The clock starts with the first word from a worker: waiting for a free one is no silence.
      let silence: NodeJS.Timeout | undefined;
      const onSilence = () =>
        end(
          new WorkError(
            "took-too-long",
            `Reading this gave no sign of progress for ${silenceMs / 1000} s and was stopped. Hand it in again when less is read at the same time; if it stops again, the file is damaged.`,
            { silenceMs },
          ),
        );

      try {
        const outcome = await runner.run(task, payload, {
          signal: stop.signal,
          onWord(fraction) {
            if (silence) silence.refresh();
            else silence = setTimeout(onSilence, silenceMs);
            onProgress?.(fraction);
          },
          onGrowth(bytes) {
            if (bytes > memoryLimitBytes) end(WorkError.outOfMemory(memoryLimitBytes));
          },
        });
        if (outcome.ok) return outcome.value as Result;
        throw new DomainError(outcome.code, outcome.message, outcome.context as Record<string, unknown>);
      } finally {
        clearTimeout(silence);
        signal?.removeEventListener("abort", onStop);
      }
    },
    prepare: () => runner.prepare(),
    close: () => runner.close(),
  };
}
