import { Worker } from "node:worker_threads";
import { DomainError } from "#core/errors/domain-error.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { type Parts, type Replay, type ReplayedUpdate, replayHere } from "./replay.ts";
import type { ReplayAnswer, ReplayFailure, ReplayRequest } from "./replay-worker.ts";
import { type ServerEdit, weightOf } from "./server-edit.ts";

/** Below this a replay takes a few milliseconds: less than a thread costs. */
const largeBytes = 128 * 1024;
/** What costs more for each byte goes to the thread sooner: one interface is resampled in 50 ms, however short. */
const largeBytesOf: Partial<Record<keyof Replay, number>> = { annotations: 16 * 1024, measurements: 256 };
/** A thread that nobody needs any more goes, and its memory with it. */
const idleMs = 10_000;

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (cause: Error) => void;
}

/**
 * Replays small rooms where it is called and large ones in a thread of its own, one after the other. Not in the storage
 * thread: there every room's commits would wait behind it.
 */
export class ReplayThreads implements Replay {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #lastId = 0;
  #idle: NodeJS.Timeout | null = null;
  #closed = false;

  fold = (parts: Parts) => this.#run("fold", parts);
  pack = (parts: Parts) => this.#run("pack", parts);
  tidy = (parts: Parts, clientId: number) => this.#run("tidy", parts, clientId);
  countDeleted = (parts: Parts) => this.#run("countDeleted", parts);
  purge = (parts: Parts, clientId: number, marks: readonly string[]) =>
    this.#run("purge", parts, clientId, marks);
  write = <Edit extends ServerEdit>(parts: Parts, clientId: number, edit: Edit) =>
    this.#run("write", parts, clientId, edit) as ReturnType<typeof replayHere.write<Edit>>;
  changes = (parts: Parts, updates: readonly ReplayedUpdate[]) => this.#run("changes", parts, updates);
  countByClass = (parts: Parts) => this.#run("countByClass", parts);
  annotations = (parts: Parts) => this.#run("annotations", parts);
  measurements = (parts: Parts, calibration: Calibration) => this.#run("measurements", parts, calibration);
  marks = (parts: Parts, ids?: readonly string[]) => this.#run("marks", parts, ids);

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end(new Error("The server is stopping."));
  }

  #run<Method extends keyof Replay>(
    method: Method,
    ...args: Parameters<Replay[Method]>
  ): ReturnType<Replay[Method]> {
    let bytes = args[0].reduce((sum, part) => sum + part.length, 0);
    if (method === "write") bytes += weightOf(args[2] as ServerEdit);
    if (bytes < (largeBytesOf[method] ?? largeBytes) || this.#closed) {
      const work = replayHere[method] as (...args: unknown[]) => ReturnType<Replay[Method]>;
      return work(...args);
    }
    const id = ++this.#lastId;
    if (this.#idle) clearTimeout(this.#idle);
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#thread().postMessage({ id, method, args } satisfies ReplayRequest);
    return answer as ReturnType<Replay[Method]>;
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL("./replay-worker.ts", import.meta.url));
    worker.on("message", (answer: ReplayAnswer) => this.#take(answer));
    worker.on("error", (cause) => void this.#end(cause as Error));
    this.#worker = worker;
    return worker;
  }

  #take(answer: ReplayAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("failure" in answer) waiting?.reject(errorOf(answer.failure));
    else waiting?.resolve(answer.value as never);
    if (this.#waiting.size > 0) return;
    this.#idle = setTimeout(() => void this.#end(new Error("The thread has ended.")), idleMs);
    this.#idle.unref();
  }

  async #end(cause: Error): Promise<void> {
    if (this.#idle) clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(cause);
    this.#waiting.clear();
    await worker?.terminate();
  }
}

/** A refusal of the work keeps its code across the thread. */
function errorOf({ code, message, context }: ReplayFailure): Error {
  return code === null ? new Error(message) : new DomainError(code, message, context);
}
