/**
 * Rooms whose presence has changed send it at the same moments: one timer, and one turn of the loop, for all of them. What
 * comes first opens the window; everybody is told when it ends.
 */
export class SharedWindow {
  readonly #windowMs: number;
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | null = null;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Be told once, when the window ends. */
  join(told: () => void): void {
    this.#waiting.add(told);
    this.#timer ??= setTimeout(() => this.#end(), this.#windowMs);
  }

  leave(told: () => void): void {
    this.#waiting.delete(told);
  }

  #end(): void {
    this.#timer = null;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const told of waiting) told();
  }
}
