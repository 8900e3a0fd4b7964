import * as Y from "yjs";
import { decodeUpdate } from "./decoded-update.ts";
import { RoomIndex } from "./room-index.ts";

/**
 * Reads a room's log from its beginning as the server would, and says what does not fit: an update that cannot be read
 * or builds on something missing, and a whole state that lacks what the updates before it brought.
 */
export class RoomLogCheck {
  readonly faults: string[] = [];
  readonly #room: string;
  #index = RoomIndex.of([], () => {});

  constructor(room: string) {
    this.#room = room;
  }

  update(seq: number, bytes: Uint8Array): void {
    this.#take(`update ${seq}`, bytes);
  }

  /** @param startsEpoch it need not hold what came before */
  wholeState(seq: number, bytes: Uint8Array, startsEpoch: boolean): void {
    const before = Y.decodeStateVector(this.#index.encodeStateVector());
    this.#index = RoomIndex.of([], () => {});
    this.#take(`the whole state at ${seq}`, bytes);
    if (startsEpoch) return;
    const now = Y.decodeStateVector(this.#index.encodeStateVector());
    for (const [client, clock] of before) {
      if ((now.get(client) ?? 0) < clock)
        this.#fault(`the whole state at ${seq} lacks what client ${client} wrote before it`);
    }
  }

  #take(what: string, bytes: Uint8Array): void {
    try {
      decodeUpdate(bytes);
    } catch (cause) {
      this.#fault(`${what} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`);
      return;
    }
    RoomIndex.extend(this.#index, bytes, (verdict) => this.#fault(`${what} does not fit (${verdict})`));
  }

  #fault(what: string): void {
    this.faults.push(`room ${this.#room}: ${what}`);
  }
}
