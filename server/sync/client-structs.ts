import { ClockRanges } from "./clock-ranges.ts";
import { MarkRanges } from "./mark-ranges.ts";

/** What a room holds of one client, without its content. All in one place: to find it is half the cost of a judgement. */
export class ClientStructs {
  /** How far it has written. */
  clock = 0;
  readonly marks = new MarkRanges();
  readonly deleted = new ClockRanges();
  /** Places of the records that live, by clock; few clients have any. */
  #records: Map<number, string> | null = null;

  addRecord(clock: number, place: string): void {
    this.#records ??= new Map();
    this.#records.set(clock, place);
  }

  /** Clocks in [start, end) at which a record lives. */
  recordClocksWithin(start: number, end: number): readonly number[] {
    const records = this.#records;
    if (!records || records.size === 0) return none;
    // A drag deletes one clock of a client with thousands of records; a purge deletes a long range of one with few.
    if (end - start > records.size)
      return [...records.keys()].filter((clock) => clock >= start && clock < end);
    const found: number[] = [];
    for (let clock = start; clock < end; clock++) if (records.has(clock)) found.push(clock);
    return found;
  }

  /** @returns the places that are free now */
  dropRecordsWithin(start: number, end: number): readonly string[] {
    const clocks = this.recordClocksWithin(start, end);
    if (clocks.length === 0) return none;
    return clocks.map((clock) => {
      const place = this.#records!.get(clock)!;
      this.#records!.delete(clock);
      return place;
    });
  }
}

const none: readonly never[] = [];
