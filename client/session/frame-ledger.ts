/** What a sent sync frame holds: the answer to the server's step 1, or one update. */
export type SyncFrame = "step-2" | "update";

/**
 * Which edits have reached the server's disk. The server confirms frames, not edits ("the first n of this socket's sync
 * frames are committed"), because a state vector could not confirm deletions; so the ledger notes how many edits each
 * unconfirmed frame carries. An edit made offline waits until the next step 2, which carries all of them.
 */
export class FrameLedger {
  /** Edits in each frame sent on this socket and not confirmed yet, oldest first. */
  #unconfirmed: number[] = [];
  #unsent: number;
  #confirmedFrames = 0;
  #sentStep2 = false;
  constructor(waitingFromBefore = 0) {
    this.#unsent = waitingFromBefore;
  }

  /** Edits the server has not confirmed. */
  get waiting(): number {
    return this.#unsent + this.#unconfirmed.reduce((sum, edits) => sum + edits, 0);
  }

  /** True where everything this document holds has been offered on this socket and confirmed. */
  get settled(): boolean {
    return this.#sentStep2 && this.#unconfirmed.length === 0 && this.#unsent === 0;
  }

  /** Edits found waiting in the local copy. */
  restore(waiting: number): void {
    this.#unsent += waiting;
  }

  edited(): void {
    this.#unsent++;
  }

  sent(frame: SyncFrame): void {
    const carried = frame === "step-2" ? this.#unsent : Math.min(1, this.#unsent);
    if (frame === "step-2") this.#sentStep2 = true;
    this.#unsent -= carried;
    this.#unconfirmed.push(carried);
  }

  /** The first `frames` sync frames of this socket are on the server's disk. */
  confirmed(frames: number): void {
    this.#unconfirmed.splice(0, Math.max(0, frames - this.#confirmedFrames));
    this.#confirmedFrames = Math.max(frames, this.#confirmedFrames);
  }

  /** A new socket begins: what the last one did not confirm waits again. */
  reopened(): void {
    this.#unsent = this.waiting;
    this.#unconfirmed = [];
    this.#confirmedFrames = 0;
    this.#sentStep2 = false;
  }
}
