import type { CloseCode } from "#core/protocol/close-codes.ts";

/** An end of rights: whose sockets in which rooms, or those that one credential opened. */
export interface Revocation {
  readonly concerns: (entrant: Entrant) => boolean;
  readonly closeCode: CloseCode;
  readonly reason: string;
}

export interface Entrant {
  readonly principalId: string;
  readonly credential: string | undefined;
  readonly room: string;
}

/**
 * Revocations that come while somebody is being looked up. Until the look-up ends there is no socket to close, and what
 * it read may be older than the revocation: so whoever enters is held against all that came meanwhile.
 */
export class Revocations {
  readonly #meanwhile: Revocation[] = [];
  #lookUps = 0;

  note(revocation: Revocation): void {
    if (this.#lookUps > 0) this.#meanwhile.push(revocation);
  }

  /** A look-up begins. Ask `revoked` in the turn in which the socket is registered, then `end` it. */
  begin(): { revoked(entrant: Entrant): Revocation | undefined; end(): void } {
    const from = this.#meanwhile.length;
    this.#lookUps++;
    return {
      revoked: (entrant) => this.#meanwhile.slice(from).find(({ concerns }) => concerns(entrant)),
      end: () => {
        // The list is emptied only when no look-up counts in it.
        if (--this.#lookUps === 0) this.#meanwhile.length = 0;
      },
    };
  }
}
