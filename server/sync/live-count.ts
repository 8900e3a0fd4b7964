import { setTimeout as elapsed } from "node:timers/promises";
import type { Parts, Replay } from "./replay.ts";

/** Below this share of the quota it does not matter how many marks are deleted. */
const nearFrom = 0.9;
/** After a count that took a second it rests for three. */
const restFactor = 3;

export interface LiveCountPorts {
  readonly replay: Pick<Replay, "countDeleted">;
  /** The committed content, and the number of its last update. */
  readonly contents: () => { readonly parts: Parts; readonly seq: number };
  readonly mostRecords: number;
  readonly failed: (cause: unknown) => void;
}

/**
 * How many marks of a room count for its quota: the live ones. The room's index knows its records, not which of them are
 * deleted, and shall not read every field that passes to learn it; so near the quota the deleted ones are counted in the
 * replay thread, anew as long as something is written. What was deleted or restored in the last seconds may not be
 * counted yet.
 */
export class LiveCount {
  readonly #ports: LiveCountPorts;
  readonly #nearRecords: number;
  #deleted = 0;
  #countedSeq = -1;
  #isCounting = false;

  constructor(ports: LiveCountPorts) {
    this.#ports = ports;
    this.#nearRecords = ports.mostRecords * nearFrom;
  }

  /** @param records of the room, deleted ones among them */
  of(records: number): number {
    if (records < this.#nearRecords) return records;
    if (!this.#isCounting) void this.#count();
    return Math.max(0, records - this.#deleted);
  }

  /** Counts until what was counted is what there is. */
  async #count(): Promise<void> {
    const { contents, replay, failed } = this.#ports;
    this.#isCounting = true;
    try {
      for (let now = contents(); now.seq !== this.#countedSeq; now = contents()) {
        const startedMs = performance.now();
        this.#deleted = await replay.countDeleted(now.parts);
        this.#countedSeq = now.seq;
        await elapsed((performance.now() - startedMs) * restFactor, undefined, { ref: false });
      }
    } catch (cause) {
      failed(cause);
    } finally {
      this.#isCounting = false;
    }
  }
}
