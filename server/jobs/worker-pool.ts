import { availableParallelism, totalmem } from "node:os";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { Piscina } from "piscina";
import { DomainError } from "#core/errors/domain-error.ts";

export type WorkErrorCode = "took-too-long" | "out-of-memory" | "stopped" | "worker-failed";

/** Work that a worker did not finish; refusals of the work itself keep their own codes. */
export class WorkError extends DomainError {}

export interface WorkerPoolOptions {
  /** Module whose exported functions are the tasks; each takes (payload, report) through `serveTasks`. */
  readonly module: URL;
  readonly threads?: number;
  /** The process may grow by this much while work is under way; default: half of the machine's memory. */
  readonly memoryLimitBytes?: number;
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
  close(): Promise<void>;
}

/** How a task's outcome crosses the thread: structured cloning keeps an error's message and loses its code. */
export type TaskOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly context: unknown };

const memoryCheckMs = 250;

/**
 * Worker threads for work that decodes what strangers sent. A thread that goes silent, or whose work lets the process
 * outgrow its limit, is ended and replaced; the server goes on.
 */
export function createWorkerPool({
  module,
  threads = Math.max(1, Math.min(4, availableParallelism())),
  memoryLimitBytes = Math.floor(totalmem() / 2),
}: WorkerPoolOptions): WorkerPool {
  const pool = new Piscina({
    filename: module.href,
    minThreads: 1,
    maxThreads: threads,
    idleTimeout: 30_000,
    resourceLimits: { maxOldGenerationSizeMb: 2048 },
  });

  // A thread that dies between tasks reaches nobody who waits; unheard, it would end the process.
  pool.on("error", (error: Error) => console.error("A worker thread stopped:", error.message));

  return {
    async run<Result>(task: string, payload: unknown, { silenceMs, onProgress, signal }: RunOptions) {
      const stop = new AbortController();
      let cause: WorkError | undefined;
      const end = (error: WorkError) => {
        cause ??= error;
        stop.abort();
      };
      const onStop = () => end(new WorkError("stopped", "The work was stopped before it was finished."));
      signal?.addEventListener("abort", onStop, { once: true });
      if (signal?.aborted) onStop();

      const { port1, port2 } = new MessageChannel();
      // The clock starts with the first word from a thread: waiting for a free one is no silence.
      let silence: NodeJS.Timeout | undefined;
      const onSilence = () =>
        end(
          new WorkError(
            "took-too-long",
            `Reading this gave no sign of progress for ${silenceMs / 1000} s and was stopped. Hand it in again when less is read at the same time; if it stops again, the file is damaged.`,
            { silenceMs },
          ),
        );
      port1.on("message", (fraction: number) => {
        if (silence) silence.refresh();
        else silence = setTimeout(onSilence, silenceMs);
        onProgress?.(fraction);
      });
      const idleBytes = process.memoryUsage.rss();
      const memory = setInterval(() => {
        if (process.memoryUsage.rss() - idleBytes <= memoryLimitBytes) return;
        end(
          new WorkError(
            "out-of-memory",
            `Reading this needed more than ${Math.round(memoryLimitBytes / 2 ** 20)} MiB of memory and was stopped. Save the picture as TIFF with tiles or strips, or crop it.`,
            { memoryLimitBytes },
          ),
        );
      }, memoryCheckMs);

      try {
        const outcome = (await pool.run(
          { payload, port: port2 },
          { name: task, signal: stop.signal, transferList: [port2] },
        )) as TaskOutcome;
        // The result travels on another port and may overtake the last words of progress.
        for (let word = receiveMessageOnPort(port1); word; word = receiveMessageOnPort(port1)) {
          onProgress?.(word.message as number);
        }
        if (outcome.ok) return outcome.value as Result;
        throw new DomainError(outcome.code, outcome.message, outcome.context as Record<string, unknown>);
      } catch (error) {
        if (cause) throw cause;
        if (error instanceof DomainError) throw error;
        const message = error instanceof Error ? error.message : String(error);
        const outOfMemory = (error as { code?: string }).code === "ERR_WORKER_OUT_OF_MEMORY";
        throw new WorkError(
          outOfMemory ? "out-of-memory" : "worker-failed",
          `The worker stopped: ${message}`,
        );
      } finally {
        clearTimeout(silence);
        clearInterval(memory);
        signal?.removeEventListener("abort", onStop);
        port1.close();
      }
    },
    close: () => pool.destroy(),
  };
}
