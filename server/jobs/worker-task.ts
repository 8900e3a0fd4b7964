import { isDomainError } from "#core/errors/domain-error.ts";

/** How a task's outcome crosses over: copying keeps an error's message and loses its code. */
export type TaskOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly context: unknown };

/** Where a task's progress goes. */
export interface TaskPort {
  postMessage(fraction: number): void;
  close(): void;
}

/** Reports go out at most this often. */
const reportMs = 100;

/** Makes a function a task of a worker pool: progress through the port, refusals with their codes. */
export function workerTask<Payload, Result>(
  work: (payload: Payload, report: (fraction: number) => void) => Promise<Result>,
): (message: { readonly payload: Payload; readonly port: TaskPort }) => Promise<TaskOutcome> {
  return async ({ payload, port }) => {
    let last = 0;
    port.postMessage(0);
    try {
      const value = await work(payload, (fraction) => {
        const now = performance.now();
        if (now - last < reportMs) return;
        last = now;
        port.postMessage(fraction);
      });
      return { ok: true, value };
    } catch (error) {
      if (isDomainError(error)) {
        return { ok: false, code: error.code, message: error.message, context: plain(error.context) };
      }
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, code: "internal", message, context: {} };
    } finally {
      port.close();
    }
  };
}

/** Contexts are facts for people; what cannot be copied is left out. */
function plain(context: Readonly<Record<string, unknown>>): unknown {
  try {
    return structuredClone(context);
  } catch {
    return {};
  }
}
