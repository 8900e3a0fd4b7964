/**
 * The updates since a whole state, in one piece of memory: an object each would live until the next whole state, and the
 * collector would carry every one of them through its generations.
 */
export class UpdateTail {
  #bytes = new Uint8Array(0);
  /** Where each update ends. */
  #ends: number[] = [];

  get length(): number {
    return this.#ends.length;
  }

  get byteLength(): number {
    return this.#ends.at(-1) ?? 0;
  }

  push(update: Uint8Array): void {
    const start = this.byteLength;
    const end = start + update.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(512, 2 * this.#bytes.length, end));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    this.#bytes.set(update, start);
    this.#ends.push(end);
  }

  /** Views of the updates from one on; they stay as they are whatever comes later. */
  from(first: number): Uint8Array[] {
    return this.#ends.slice(first).map((end, i) => this.#bytes.subarray(this.#ends[first + i - 1] ?? 0, end));
  }

  /** Let the first ones go. */
  drop(count: number): void {
    const start = this.#ends[count - 1] ?? 0;
    // A copy, never moved in place: views may be in use.
    this.#bytes = this.#bytes.slice(start, this.byteLength);
    this.#ends = this.#ends.slice(count).map((end) => end - start);
  }
}
