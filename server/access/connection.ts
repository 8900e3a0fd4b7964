import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { AccessError } from "./access-error.ts";

/** What decides whether a connection can carry a session. */
export interface ConnectionRules {
  /** Trust X-Forwarded-Proto, -Host and -For: a proxy in front sets them. */
  readonly behindProxy: boolean;
  /** Origin under which people reach this server, where it was given. */
  readonly publicOrigin: string | null;
}

const first = (header: string | string[] | undefined) =>
  (Array.isArray(header) ? header[0] : header)?.split(",")[0]?.trim();

/** True for a name of this machine that never leaves it: browsers keep secure cookies for it over plain HTTP too. */
export function isLoopbackName(host: string): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(name)
  );
}

export function hostOf(request: IncomingMessage, rules: ConnectionRules): string {
  return (rules.behindProxy && first(request.headers["x-forwarded-host"])) || request.headers.host || "";
}

export function isEncrypted(request: IncomingMessage, rules: ConnectionRules): boolean {
  if ((request.socket as TLSSocket).encrypted) return true;
  return rules.behindProxy && first(request.headers["x-forwarded-proto"]) === "https";
}

/** True where a browser keeps the session cookie: over HTTPS, or on this computer. */
export function canCarrySession(request: IncomingMessage, rules: ConnectionRules): boolean {
  return isEncrypted(request, rules) || isLoopbackName(hostOf(request, rules));
}

export const insecureSentence =
  "Signing in needs HTTPS: browsers keep no session for this address over plain HTTP. " +
  "Start Lamella with `npm start -- --lan` (HTTPS with a certificate of its own) or put it behind your institute's HTTPS proxy " +
  "with `--behind-proxy --public-url https://…`; on the computer that runs it, open it as http://localhost.";

/** @throws AccessError "insecure-connection" where the browser would drop the cookie anyway */
export function requireSessionCarrier(request: IncomingMessage, rules: ConnectionRules): void {
  if (!canCarrySession(request, rules)) throw new AccessError("insecure-connection", insecureSentence);
}

/** True without an Origin (scripts), from this server's own pages, or from the public address. */
export function isOwnOrigin(request: IncomingMessage, rules: ConnectionRules): boolean {
  const origin = request.headers.origin;
  if (origin === undefined) return true;
  if (rules.publicOrigin !== null && origin === rules.publicOrigin) return true;
  if (!URL.canParse(origin)) return false;
  const { protocol, host } = new URL(origin);
  const wanted = isEncrypted(request, rules) ? "https:" : "http:";
  return protocol === wanted && host === new URL(`${wanted}//${hostOf(request, rules) || "invalid"}`).host;
}

/**
 * A write that rides on a cookie must come from our own page: right Origin, and a header that a foreign page cannot set
 * without asking first.
 * @throws AccessError "foreign-origin" | "header-missing"
 */
export function requireOwnPage(request: IncomingMessage, rules: ConnectionRules): void {
  if (!isOwnOrigin(request, rules)) {
    throw new AccessError("foreign-origin", "This request came from a page of another site and was refused.");
  }
  if (request.headers["x-lamella"] === undefined) {
    throw new AccessError(
      "header-missing",
      "Writes with a session cookie carry the header `x-lamella: 1`. Scripts send `Authorization: Bearer TOKEN` instead.",
    );
  }
}
