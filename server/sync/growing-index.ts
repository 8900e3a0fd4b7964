import { setTimeout as elapsed } from "node:timers/promises";
import { RoomIndex } from "./room-index.ts";

/** Takes one part of what is stored into the index. @throws where the part cannot be read or does not fit */
export type ReadPart = (index: RoomIndex) => void;

/**
 * The index of a room that has been opened for reading already: to read a large one takes a second of processor time,
 * which nobody's cursor shall wait for in one go. Whoever needs the index has the rest read at once.
 */
export class GrowingIndex {
  readonly #unread: ReadPart[];
  #index = RoomIndex.of([], () => {});

  /** @param parts in the order to apply */
  constructor(parts: readonly ReadPart[]) {
    this.#unread = [...parts];
  }

  get isWhole(): boolean {
    return this.#unread.length === 0;
  }

  /** @throws where a part cannot be read */
  whole(): RoomIndex {
    while (this.#readOne());
    return this.#index;
  }

  /** Read on, part by part, and leave as much time to others as each took. @throws where a part cannot be read */
  async readOn(afterMs: number, signal: AbortSignal): Promise<void> {
    for (let restMs = afterMs; !this.isWhole; ) {
      await elapsed(restMs, undefined, { signal, ref: false });
      const startedMs = performance.now();
      this.#readOne();
      restMs = performance.now() - startedMs;
    }
  }

  #readOne(): boolean {
    const read = this.#unread[0];
    if (!read) return false;
    read(this.#index);
    this.#unread.shift();
    return true;
  }
}
