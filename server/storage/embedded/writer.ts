import { Worker } from "node:worker_threads";
import type { Append } from "../document-log.ts";
import { StorageError } from "../storage-error.ts";
import type { Statement, StatementResult } from "./statement.ts";
import { encodeGroup } from "./update-journal.ts";
import type { FromWriter, ToWriter, WriteRequest, WriterFailure, WriterSetup } from "./writer-protocol.ts";

interface WaitingRequest {
  readonly request: WriteRequest;
  readonly resolve: (results: readonly StatementResult[]) => void;
  readonly reject: (error: StorageError) => void;
}

interface WaitingBatch {
  /** Asked when the commit begins: until then it may grow. */
  readonly batch: () => readonly Append[];
  readonly resolve: (seqs: readonly number[]) => void;
  readonly reject: (error: StorageError) => void;
}

interface Group {
  readonly requests: readonly WaitingRequest[];
  readonly batches: readonly WaitingBatch[];
  /** How many updates each batch turned out to hold. */
  readonly sizes: readonly number[];
}

/** A group is one fsync and one message each way; beyond this, latency grows and nothing is saved. */
const maxInGroup = 2_000;

/**
 * Updates are committed at most so often while they follow each other: each commit costs an fsync and a message each
 * way, whatever it carries. Half a window is what an edit waits for on average; a lone one does not wait, nor do requests.
 */
const paceMs = 30;

/** Each further room of a group lengthens the pace by this, to at most so long: where hundreds write, each waits for fewer commits. */
const paceMsPerRoom = 1;
const longestPaceMs = 60;

/**
 * This side of the writer thread. Requests that arrive while a group commits make the next group; an idle writer starts
 * at once.
 */
export class Writer {
  readonly pragmas: Readonly<Record<string, unknown>>;
  /** The journal could not be filed when the store was opened: its disk is full. */
  readonly startedUnfiled: boolean;
  /** How many groups have been begun, and finished. */
  group = 0;
  finishedGroup = 0;
  readonly #worker: Worker;
  #requests: WaitingRequest[] = [];
  #batches: WaitingBatch[] = [];
  #committing: Group | null = null;
  #ended: StorageError | undefined;
  #lastStartMs = 0;
  #paceMs = paceMs;
  #turn: NodeJS.Immediate | null = null;
  #pace: NodeJS.Timeout | null = null;

  private constructor(worker: Worker, { pragmas, unfiled }: Extract<FromWriter, { type: "ready" }>) {
    this.#worker = worker;
    this.pragmas = pragmas;
    this.startedUnfiled = unfiled > 0;
    worker.on("message", (message: FromWriter) => {
      if (message.type === "done") this.#finish(message);
    });
    worker.on("error", (cause) =>
      this.#end(new StorageError("broken", `The storage thread failed: ${cause}`)),
    );
    worker.on("exit", () => this.#end(new StorageError("closed", "The store has been closed.")));
  }

  /** @throws StorageError where the store cannot be taken */
  static async start(setup: WriterSetup): Promise<Writer> {
    const worker = new Worker(new URL("./writer-worker.ts", import.meta.url), {
      workerData: setup,
      // What it handles lives for one commit.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    const first = await new Promise<FromWriter>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    if (first.type === "ready") return new Writer(worker, first);
    await worker.terminate();
    throw errorOf(
      first.type === "refused"
        ? first.failure
        : { code: "broken", message: "The storage thread did not start." },
    );
  }

  /** @param afterFiling for what reads or changes `room_run`: the journal is empty by then */
  write(statements: readonly Statement[], afterFiling = false): Promise<readonly StatementResult[]> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#requests.push({ request: { statements, afterFiling }, resolve, reject });
      this.#schedule();
    });
  }

  /**
   * Commit updates with whatever else comes within the pace.
   * @param batch is asked when the commit begins
   * @returns their sequence numbers
   */
  append(batch: () => readonly Append[]): Promise<readonly number[]> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#batches.push({ batch, resolve, reject });
      this.#schedule();
    });
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    while (this.#committing || this.#hasWaiting) await this.write([]).catch(() => undefined);
    this.#ended = new StorageError("closed", "The store has been closed.");
    await new Promise<void>((resolve) => {
      this.#worker.once("exit", () => resolve());
      this.#post({ type: "close" });
    });
  }

  get #hasWaiting(): boolean {
    return this.#requests.length > 0 || this.#batches.length > 0;
  }

  /** Start the next group: with what else comes in this turn, or within the pace. */
  #schedule(): void {
    if (this.#committing || this.#turn) return;
    const waitMs = this.#requests.length > 0 ? 0 : this.#lastStartMs + this.#paceMs - performance.now();
    if (waitMs <= 0) this.#turn = setImmediate(() => this.#next());
    else this.#pace ??= setTimeout(() => this.#next(), waitMs);
  }

  #next(): void {
    if (this.#pace) clearTimeout(this.#pace);
    if (this.#turn) clearImmediate(this.#turn);
    this.#pace = this.#turn = null;
    if (!this.#hasWaiting) return;
    this.#lastStartMs = performance.now();
    this.group++;
    const requests = this.#requests.splice(0, maxInGroup);
    const batches = this.#batches.splice(0, maxInGroup);
    this.#paceMs = Math.min(longestPaceMs, paceMs + Math.max(0, batches.length - 1) * paceMsPerRoom);
    const entries = batches.map(({ batch }) => batch());
    this.#committing = { requests, batches, sizes: entries.map(({ length }) => length) };
    const updates = entries.length === 0 ? null : encodeGroup(entries);
    this.#post(
      { type: "group", requests: requests.map(({ request }) => request), updates },
      updates ? [updates.buffer] : [],
    );
  }

  #post(message: ToWriter, hands: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, hands);
  }

  #finish({ outcomes, appended }: Extract<FromWriter, { type: "done" }>): void {
    const { requests, batches, sizes } = this.#committing!;
    // The next group starts before anybody is told of this one: the disk is never idle while something waits.
    this.#committing = null;
    this.finishedGroup = this.group;
    if (this.#hasWaiting) this.#schedule();
    requests.forEach(({ resolve, reject }, i) => {
      const outcome = outcomes[i]!;
      if ("results" in outcome) resolve(outcome.results);
      else reject(errorOf(outcome.failure));
    });
    if (!appended) return;
    if ("failure" in appended) {
      for (const { reject } of batches) reject(errorOf(appended.failure));
      return;
    }
    const refused = new Set(appended.refused);
    let seq = appended.firstSeq;
    for (const [i, { resolve, reject }] of batches.entries()) {
      if (refused.has(i)) {
        reject(epochError());
        continue;
      }
      const first = seq;
      seq += sizes[i]!;
      resolve(sizes[i] === 1 ? [first] : Array.from({ length: sizes[i]! }, (_, k) => first + k));
    }
  }

  #end(error: StorageError): void {
    this.#ended ??= error;
    const waiting = [
      ...[...(this.#committing?.requests ?? []), ...this.#requests],
      ...[...(this.#committing?.batches ?? []), ...this.#batches],
    ];
    for (const { reject } of waiting) reject(error);
    this.#committing = null;
    this.#requests = [];
    this.#batches = [];
  }
}

function errorOf({ code, message }: WriterFailure): StorageError {
  return new StorageError(code, message);
}

function epochError(): StorageError {
  return new StorageError(
    "epoch",
    "The room has started anew since this edit was made (a restore, or an upgrade); reload it and apply the edit again.",
  );
}
