import type { DocumentLog } from "#server/storage/document-log.ts";

/**
 * Whose each Yjs client id of a room is. The first to be met under an id, in any form, owns it for ever; what comes
 * under it is passed on only once that is on disk.
 */
export class ClientBindings {
  readonly #log: DocumentLog;
  readonly #room: string;
  readonly #owners: Map<number, string>;
  readonly #storing = new Map<number, Promise<boolean>>();
  readonly #introduced = new Map<string, number[]>();

  constructor(
    log: DocumentLog,
    room: string,
    known: readonly { readonly clientId: number; readonly principalId: string }[],
  ) {
    this.#log = log;
    this.#room = room;
    this.#owners = new Map(known.map(({ clientId, principalId }) => [clientId, principalId]));
  }

  ownerOf(clientId: number): string | undefined {
    return this.#owners.get(clientId);
  }

  all(): ReadonlyMap<number, string> {
    return this.#owners;
  }

  /** New ids this person introduced in the hour before `nowMs`. */
  introducedLately(principalId: string, nowMs: number): number {
    const times = this.#introduced.get(principalId);
    while (times && times.length > 0 && times[0]! < nowMs - 3_600_000) times.shift();
    return times?.length ?? 0;
  }

  /** Own the ids from now on; the caller commits that with the update that introduced them. */
  claim(clientIds: readonly number[], principalId: string, nowMs: number): void {
    for (const clientId of clientIds) {
      if (this.#owners.has(clientId)) continue;
      this.#owners.set(clientId, principalId);
      const times = this.#introduced.get(principalId);
      if (times) times.push(nowMs);
      else this.#introduced.set(principalId, [nowMs]);
    }
  }

  /** Own an id that came by hello or awareness. @returns once it is on disk, whether it is this person's */
  async bind(clientId: number, principalId: string, nowMs: number): Promise<boolean> {
    const owner = this.#owners.get(clientId);
    if (owner !== undefined) return owner === principalId && (await (this.#storing.get(clientId) ?? true));
    this.claim([clientId], principalId, nowMs);
    const stored = this.#log.bind(this.#room, [clientId], principalId).then(
      ([first]) => {
        this.#owners.set(clientId, first!);
        this.#storing.delete(clientId);
        return first === principalId;
      },
      () => {
        this.forget([clientId]);
        return false;
      },
    );
    this.#storing.set(clientId, stored);
    return stored;
  }

  /** Claims whose commit failed. */
  forget(clientIds: readonly number[]): void {
    for (const clientId of clientIds) {
      this.#owners.delete(clientId);
      this.#storing.delete(clientId);
    }
  }

  isStoring(clientId: number): boolean {
    return this.#storing.has(clientId);
  }
}
