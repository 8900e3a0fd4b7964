import type { IncomingMessage } from "node:http";

/** The prefix makes browsers insist on Secure, Path=/ and no Domain: no neighbour on the network can plant it. */
export const sessionCookieName = "__Host-lamella";
export const sessionLifetimeMs = 30 * 24 * 3600_000;

const attributes = "Path=/; HttpOnly; Secure; SameSite=Lax";

export function sessionCookie(secret: string): string {
  return `${sessionCookieName}=${secret}; ${attributes}; Max-Age=${sessionLifetimeMs / 1000}`;
}

export const endedSessionCookie = `${sessionCookieName}=; ${attributes}; Max-Age=0`;

/** The session's secret as the browser sent it. */
export function readSessionCookie(request: IncomingMessage): string | undefined {
  return readCookie(request, sessionCookieName);
}

export function readCookie(request: IncomingMessage, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim() || undefined;
  }
  return undefined;
}
