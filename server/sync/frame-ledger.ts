/**
 * Which of one socket's frames [sync, 1|2] are on disk. Frames finish out of order only where one was passed over for a
 * gap; a later whole synchronisation holds everything before it.
 */
export class FrameLedger {
  #received = 0;
  #committed = 0;
  /** Finished before one that came earlier: nearly always none. */
  readonly #ahead = new Set<number>();

  receive(): number {
    return ++this.#received;
  }

  finish(frame: number): void {
    if (frame === this.#committed + 1) this.#reach(frame);
    else if (frame > this.#committed) this.#ahead.add(frame);
  }

  /** This frame and all before it. */
  finishUpTo(frame: number): void {
    if (frame > this.#committed) this.#reach(frame);
  }

  /** "The first n are committed." */
  get committed(): number {
    return this.#committed;
  }

  #reach(frame: number): void {
    this.#committed = frame;
    if (this.#ahead.size === 0) return;
    while (this.#ahead.delete(this.#committed + 1)) this.#committed++;
    for (const finished of this.#ahead) if (finished <= this.#committed) this.#ahead.delete(finished);
  }
}
