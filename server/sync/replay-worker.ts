// The thread in which large rooms are replayed.
import { parentPort } from "node:worker_threads";
import { isDomainError } from "#core/errors/domain-error.ts";
import { type Replay, replayHere } from "./replay.ts";
import { isWritten } from "./written-json.ts";

/** One request: a method of Replay and what it is given. */
export interface ReplayRequest {
  readonly id: number;
  readonly method: keyof Replay;
  readonly args: readonly unknown[];
}

export type ReplayAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: ReplayFailure };

export interface ReplayFailure {
  /** Of a DomainError; null of anything else. */
  readonly code: string | null;
  readonly message: string;
  readonly context: Readonly<Record<string, unknown>>;
}

parentPort!.on("message", async ({ id, method, args }: ReplayRequest) => {
  try {
    const work = replayHere[method] as (...args: unknown[]) => Promise<unknown>;
    const value = await work(...args);
    // A long answer is handed over, not copied.
    parentPort!.postMessage(
      { id, value } satisfies ReplayAnswer,
      isWritten(value) ? value.map(({ buffer }) => buffer) : [],
    );
  } catch (cause) {
    parentPort!.postMessage({ id, failure: failureOf(cause) } satisfies ReplayAnswer);
  }
});

function failureOf(cause: unknown): ReplayFailure {
  if (!isDomainError(cause)) return { code: null, message: String(cause), context: {} };
  const { code, message, context } = cause;
  return { code, message, context: context ?? {} };
}
