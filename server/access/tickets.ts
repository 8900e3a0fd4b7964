import type { Caller } from "./access.ts";
import { hashSecret, newSecret } from "./secrets.ts";

export const ticketLifetimeS = 30;
const limit = 10_000;

/**
 * One-time tickets for sockets of clients that cannot send a cookie or a header with an upgrade. A ticket is good for
 * one upgrade within half a minute, so that one caught in a log opens nothing. Held in memory: a restart spends them all.
 */
export class Tickets {
  readonly #held = new Map<string, { readonly caller: Caller; readonly until: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  issue(caller: Caller): string {
    const now = this.#now();
    for (const [hash, held] of this.#held) {
      if (held.until > now && this.#held.size < limit) break; // oldest first: all others are younger
      this.#held.delete(hash);
    }
    const secret = newSecret();
    this.#held.set(hashSecret(secret), {
      caller: { ...caller, via: "ticket" },
      until: now + ticketLifetimeS * 1000,
    });
    return secret;
  }

  /** Who was given this ticket; it is spent by asking. */
  use(secret: string): Caller | undefined {
    const hash = hashSecret(secret);
    const held = this.#held.get(hash);
    this.#held.delete(hash);
    return held && held.until > this.#now() ? held.caller : undefined;
  }
}
