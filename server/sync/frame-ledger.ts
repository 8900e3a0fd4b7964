/**
 * Which of one socket's frames [sync, 1|2] are on disk. Frames finish out of order only where one was passed over for a
 * gap; a later whole synchronisation holds everything before it.
 */
export class FrameLedger {
  #received = 0;
  /** Not yet finished, in the order received. */
  readonly #open = new Set<number>();

  receive(): number {
    this.#open.add(++this.#received);
    return this.#received;
  }

  finish(frame: number): void {
    this.#open.delete(frame);
  }

  /** This frame and all before it. */
  finishUpTo(frame: number): void {
    for (const open of this.#open) if (open <= frame) this.#open.delete(open);
  }

  /** "The first n are committed." */
  get committed(): number {
    for (const first of this.#open) return first - 1;
    return this.#received;
  }
}
