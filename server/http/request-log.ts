import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import pino, { type Logger } from "pino";

export type { Logger } from "pino";

/** Structured log lines on stdout. "silent" in tests. */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** An address as it may be kept: tickets and link secrets are keys, and a log is read by many. */
export function withoutSecrets(url: string): string {
  return url
    .replace(/([?&](?:ticket|token)=)[^&#]*/gi, "$1…")
    .replace(/(\/(?:invitations|join|sign-in)\/)[^/?#]+/g, "$1…");
}

/** Gives each request an id, tells it to the client, and writes one line when it is answered. */
export function requestLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const id = randomUUID();
    const started = performance.now();
    response.locals["requestId"] = id;
    response.setHeader("x-request-id", id);
    response.on("finish", () => {
      const { method, originalUrl } = request;
      const ms = Math.round((performance.now() - started) * 10) / 10;
      logger.info(
        { id, method, url: withoutSecrets(originalUrl), status: response.statusCode, ms },
        "request",
      );
    });
    next();
  };
}
