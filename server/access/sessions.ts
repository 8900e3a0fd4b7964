import type { RoomServer } from "#server/sync/room-server.ts";
import type { Access } from "./access.ts";

/** How soon a session that ran out, or that another process ended, takes its open sockets along. */
const lookEveryMs = 5_000;

/** The end of sessions and tokens: no longer accepted by the next request, and every socket opened by them closed. */
export class Sessions {
  readonly #access: Access;
  readonly #rooms: Pick<RoomServer, "revokeCredential" | "credentials">;

  constructor(access: Access, rooms: Pick<RoomServer, "revokeCredential" | "credentials">) {
    this.#access = access;
    this.#rooms = rooms;
  }

  async end(...hashes: readonly string[]): Promise<void> {
    for (const hash of hashes) await this.#access.catalogue.endSession(hash);
    this.#forget(hashes);
  }

  /** @param exceptHash the session that stays, where one does */
  async endAllOf(principalId: string, exceptHash: string | null = null): Promise<void> {
    const open = await this.#access.catalogue.sessionsOf(principalId);
    await this.end(...open.map(({ hash }) => hash).filter((hash) => hash !== exceptHash));
  }

  /** @returns false where this person has no such token */
  async revokeToken(id: string, principalId: string): Promise<boolean> {
    const hash = await this.#access.catalogue.revokeToken(id, principalId);
    if (hash === undefined) return false;
    this.#forget([hash]);
    return true;
  }

  /** Closes sockets whose session or token has run out. @returns stops looking */
  watch(): () => void {
    const look = async () => {
      for (const credential of this.#rooms.credentials()) {
        if (!(await this.#access.isLive(credential))) this.#rooms.revokeCredential(credential);
      }
    };
    // A look that fails (the store is closing) is followed by another.
    const timer = setInterval(() => void look().catch(() => undefined), lookEveryMs);
    timer.unref();
    return () => clearInterval(timer);
  }

  #forget(hashes: readonly string[]): void {
    this.#access.forget();
    for (const hash of hashes) this.#rooms.revokeCredential(hash);
  }
}
