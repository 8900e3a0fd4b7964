import type { IncomingMessage, ServerResponse } from "node:http";
import pino, { type Logger } from "pino";
import { currentRequestId } from "#server/request-context.ts";
import { requestIdOf, type Traffic, watchAnswer } from "./traffic.ts";

export type { Logger } from "pino";

/** Structured log lines on stdout, each with the id of the request it goes back to. "silent" in tests. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin() {
      const id = currentRequestId();
      return id === undefined ? {} : { id };
    },
  });
}

/** An address as it may be kept: tickets, codes and link secrets are keys, and a log is read by many. */
export function withoutSecrets(url: string): string {
  return url
    .replace(/([?&](?:ticket|token|code|state)=)[^&#]*/gi, "$1…")
    .replace(/(\/(?:invitations|join|sign-in)\/)[^/?#]+/g, "$1…");
}

export interface RequestLogOptions {
  readonly logger: Logger;
  readonly traffic: Traffic;
  readonly behindProxy: boolean;
}

/** Gives each request an id, tells it to the client, counts it, and writes one line when it is answered. */
export function logRequest(
  { logger, traffic, behindProxy }: RequestLogOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const id = requestIdOf(request, behindProxy);
  const { method, url = "" } = request;
  const isTile = url.startsWith("/tiles/");
  watchAnswer(response, id, ({ status, ms, aborted }) => {
    traffic.count(isTile ? "tiles" : "api", status, ms);
    const facts = { id, method, url: withoutSecrets(url), status, ms, ...(aborted ? { aborted } : {}) };
    // A page asks for hundreds of tiles: their lines are for whoever looks for one.
    if (isTile && status < 500) logger.debug(facts, "tile");
    else logger.info(facts, "request");
  });
}

/** A socket's one line: it has an id like any request. */
export function logUpgrade({ logger, behindProxy }: RequestLogOptions, request: IncomingMessage): void {
  const facts = { id: requestIdOf(request, behindProxy), url: withoutSecrets(request.url ?? "") };
  logger.info(facts, "socket");
}
