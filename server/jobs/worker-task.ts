import type { MessagePort } from "node:worker_threads";
import { isDomainError } from "#core/errors/domain-error.ts";
import type { TaskOutcome } from "./worker-pool.ts";

/** Reports go out at most this often. */
const reportMs = 100;

/** Makes a function a task of a worker pool: progress through the port, refusals with their codes. */
export function workerTask<Payload, Result>(
  work: (payload: Payload, report: (fraction: number) => void) => Promise<Result>,
): (message: { readonly payload: Payload; readonly port: MessagePort }) => Promise<TaskOutcome> {
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

/** Contexts are facts for people; what cannot cross a thread is left out. */
function plain(context: Readonly<Record<string, unknown>>): unknown {
  try {
    return structuredClone(context);
  } catch {
    return {};
  }
}
