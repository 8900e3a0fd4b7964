import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Histogram } from "#server/sync/metrics.ts";

/** What was asked over HTTP since the start, for /metrics: pages and API together, tiles apart. */
export class Traffic {
  /** Answers by the first digit of their status. */
  readonly answers = { api: new Map<string, number>(), tiles: new Map<string, number>() };
  readonly apiMs = new Histogram([2, 8, 32, 128, 512, 2048, 8192]);
  readonly tileMs = new Histogram([1, 2, 4, 8, 16, 32, 64, 256]);

  count(kind: "api" | "tiles", status: number, ms: number): void {
    const family = `${Math.floor(status / 100)}xx`;
    const counts = this.answers[kind];
    counts.set(family, (counts.get(family) ?? 0) + 1);
    (kind === "tiles" ? this.tileMs : this.apiMs).record(ms);
  }
}

const ids = new WeakMap<IncomingMessage, string>();

/** A request's id, the same wherever it is logged. A proxy's own is kept, so that its log and ours can be joined. */
export function requestIdOf(request: IncomingMessage, behindProxy = false): string {
  let id = ids.get(request);
  if (id === undefined) {
    const given = behindProxy ? request.headers["x-request-id"] : undefined;
    id = typeof given === "string" && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
    ids.set(request, id);
  }
  return id;
}

/** Tells the client the id, and `done` when the answer has gone out or the client has. */
export function watchAnswer(
  response: ServerResponse,
  id: string,
  done: (facts: { readonly status: number; readonly ms: number; readonly aborted: boolean }) => void,
): void {
  const started = performance.now();
  response.setHeader("x-request-id", id);
  response.once("close", () => {
    const ms = Math.round((performance.now() - started) * 10) / 10;
    done({ status: response.statusCode, ms, aborted: !response.writableFinished });
  });
}
