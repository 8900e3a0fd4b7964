/** A set of clocks as disjoint rising ranges [start, end): what is deleted of one client. */
export class ClockRanges {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  covers(start: number, end: number): boolean {
    const i = this.#firstEndingAfter(start);
    return i < this.#starts.length && this.#starts[i]! <= start && end <= this.#ends[i]!;
  }

  add(start: number, end: number): void {
    // Ranges that touch [start, end) become one with it.
    let from = this.#firstEndingAfter(start - 1);
    let to = from;
    while (to < this.#starts.length && this.#starts[to]! <= end) to++;
    if (to > from) {
      start = Math.min(start, this.#starts[from]!);
      end = Math.max(end, this.#ends[to - 1]!);
    } else {
      from = to;
    }
    if (to - from === 1) {
      // Nearly always: what was overwritten stands beside what was overwritten before.
      this.#starts[from] = start;
      this.#ends[from] = end;
      return;
    }
    this.#starts.splice(from, to - from, start);
    this.#ends.splice(from, to - from, end);
  }

  #firstEndingAfter(clock: number): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ends[middle]! > clock) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
