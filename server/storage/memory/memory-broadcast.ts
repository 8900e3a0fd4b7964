import type { Broadcast } from "../broadcast.ts";

/** The doorbell within one process. */
export class MemoryBroadcast implements Broadcast {
  readonly #listeners = new Set<(room: string, seq: number) => void>();

  ring(room: string, seq: number): void {
    for (const listener of this.#listeners) listener(room, seq);
  }

  subscribe(listener: (room: string, seq: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}
