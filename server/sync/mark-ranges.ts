/**
 * Which mark each struct of one client belongs to, as rising runs of clocks. A run is cheap because people work on one
 * mark at a time. `placed` runs are the entries of a root map themselves (the mark's place), the others lie inside.
 */
export class MarkRanges {
  readonly #starts: number[] = [];
  readonly #places: (string | null)[] = [];
  readonly #placed: boolean[] = [];

  /** Clocks from `start` on belong to `place`, until the next call. Calls come in rising order. */
  append(start: number, place: string | null, placed: boolean): void {
    const last = this.#starts.length - 1;
    if (last >= 0 && this.#places[last] === place && this.#placed[last] === placed) return;
    this.#starts.push(start);
    this.#places.push(place);
    this.#placed.push(placed);
  }

  at(clock: number): { readonly place: string | null; readonly placed: boolean } {
    const i = this.#runAt(clock);
    return i < 0 ? { place: null, placed: false } : { place: this.#places[i]!, placed: this.#placed[i]! };
  }

  /** Be told the places of all runs that meet [start, end). */
  eachWithin(start: number, end: number, tell: (place: string) => void): void {
    for (let i = Math.max(0, this.#runAt(start)); i < this.#starts.length && this.#starts[i]! < end; i++) {
      const place = this.#places[i];
      if (place != null) tell(place);
    }
  }

  #runAt(clock: number): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= clock) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
