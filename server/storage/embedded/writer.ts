import { Worker } from "node:worker_threads";
import { StorageError } from "../storage-error.ts";
import type { Statement, StatementResult } from "./statement.ts";
import type { FromWriter, ToWriter, WriterFailure, WriterSetup } from "./writer-protocol.ts";

interface Waiting {
  /** A function: may be committed with what comes in the next few milliseconds, and is asked then. */
  readonly statements: readonly Statement[] | (() => readonly Statement[]);
  readonly resolve: (results: readonly StatementResult[]) => void;
  readonly reject: (error: StorageError) => void;
}

/** A group is one fsync and one message each way; beyond this, latency grows and nothing is saved. */
const maxRequestsInGroup = 2_000;

/**
 * Requests that may wait are committed at most so often while they follow each other: each commit costs an fsync and a
 * message each way, whatever it carries. Half a window is what an edit waits for on average; a lone one does not wait.
 */
const paceMs = 20;

/**
 * This side of the writer thread. Requests that arrive while a group commits make the next group; an idle writer starts
 * at once.
 */
export class Writer {
  readonly pragmas: Readonly<Record<string, unknown>>;
  readonly #worker: Worker;
  #collecting: Waiting[] = [];
  #committing: Waiting[] = [];
  #ended: StorageError | undefined;
  #lastStartMs = 0;
  #pace: NodeJS.Timeout | null = null;

  private constructor(worker: Worker, pragmas: Readonly<Record<string, unknown>>) {
    this.#worker = worker;
    this.pragmas = pragmas;
    worker.on("message", (message: FromWriter) => {
      if (message.type === "done") this.#finish(message.outcomes);
    });
    worker.on("error", (cause) =>
      this.#end(new StorageError("broken", `The storage thread failed: ${cause}`)),
    );
    worker.on("exit", () => this.#end(new StorageError("closed", "The store has been closed.")));
  }

  /** @throws StorageError where the store cannot be taken */
  static async start(setup: WriterSetup): Promise<Writer> {
    const worker = new Worker(new URL("./writer-worker.ts", import.meta.url), { workerData: setup });
    const first = await new Promise<FromWriter>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    if (first.type === "ready") return new Writer(worker, first.pragmas);
    await worker.terminate();
    throw errorOf(
      first.type === "refused"
        ? first.failure
        : { code: "broken", message: "The storage thread did not start." },
    );
  }

  write(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    return this.#take(statements);
  }

  /** Commit with whatever else comes within the pace. @param statements is asked when the commit begins */
  writeTogether(statements: () => readonly Statement[]): Promise<readonly StatementResult[]> {
    return this.#take(statements);
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    while (this.#committing.length > 0 || this.#collecting.length > 0) {
      await this.write([]).catch(() => undefined);
    }
    this.#ended = new StorageError("closed", "The store has been closed.");
    await new Promise<void>((resolve) => {
      this.#worker.once("exit", () => resolve());
      this.#post({ type: "close" });
    });
  }

  #take(statements: Waiting["statements"]): Promise<readonly StatementResult[]> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#collecting.push({ statements, resolve, reject });
      if (this.#committing.length === 0) this.#schedule();
    });
  }

  #schedule(): void {
    const waitMs = this.#lastStartMs + paceMs - performance.now();
    if (waitMs <= 0 || this.#collecting.some(({ statements }) => typeof statements !== "function"))
      this.#next();
    else this.#pace ??= setTimeout(() => this.#next(), waitMs);
  }

  #next(): void {
    if (this.#pace) clearTimeout(this.#pace);
    this.#pace = null;
    this.#lastStartMs = performance.now();
    this.#committing = this.#collecting.splice(0, maxRequestsInGroup);
    if (this.#committing.length === 0) return;
    const requests = this.#committing.map(({ statements }) =>
      typeof statements === "function" ? statements() : statements,
    );
    this.#post({ type: "group", requests });
  }

  #post(message: ToWriter): void {
    this.#worker.postMessage(message);
  }

  #finish(outcomes: Extract<FromWriter, { type: "done" }>["outcomes"]): void {
    const finished = this.#committing;
    // The next group starts before anybody is told of this one: the disk is never idle while something waits.
    this.#committing = [];
    if (this.#collecting.length > 0) this.#schedule();
    finished.forEach((waiting, i) => {
      const outcome = outcomes[i]!;
      if ("results" in outcome) waiting.resolve(outcome.results);
      else waiting.reject(errorOf(outcome.failure));
    });
  }

  #end(error: StorageError): void {
    this.#ended ??= error;
    for (const waiting of [...this.#committing, ...this.#collecting]) waiting.reject(error);
    this.#committing = [];
    this.#collecting = [];
  }
}

function errorOf({ code, message }: WriterFailure): StorageError {
  return new StorageError(code, message);
}
