/** How many things of a kind one socket may do: so many at once, and so many a second from then on. */
export class Allowance {
  readonly #atOnce: number;
  readonly #perSecond: number;
  #left: number;
  #sinceMs: number;

  constructor(atOnce: number, perSecond: number, nowMs: number) {
    this.#atOnce = atOnce;
    this.#perSecond = perSecond;
    this.#left = atOnce;
    this.#sinceMs = nowMs;
  }

  take(nowMs: number): boolean {
    this.#left = Math.min(this.#atOnce, this.#left + ((nowMs - this.#sinceMs) / 1000) * this.#perSecond);
    this.#sinceMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
