import * as Y from "yjs";

/** How long a socket's questions rest after an answer, as a multiple of what the answer took. */
const restFactor = 9;

/**
 * What one socket asks for by its step 1s. To ask costs nothing, and an answer out of a large room takes milliseconds: so
 * each answer is followed by a rest of nine times as long, and of the questions that come meanwhile the last is answered,
 * whose vector says all that the others said. However many there are, a tenth of the server's time goes into them.
 */
export class SynchronisationTurns {
  #restUntilMs = 0;
  #waiting: Uint8Array | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @throws where the vector is none */
  ask(vector: Uint8Array, answer: (vector: Uint8Array) => void): void {
    const restMs = this.#restUntilMs - performance.now();
    if (restMs <= 0 && this.#waiting === null) {
      this.#take(vector, answer);
      return;
    }
    // Here, while there is somebody to hear of it.
    Y.decodeStateVector(vector);
    // Its own memory: what ws hands over is a slice of a larger buffer.
    this.#waiting = Uint8Array.from(vector);
    this.#timer ??= setTimeout(() => {
      const last = this.#waiting!;
      this.#timer = this.#waiting = null;
      this.#take(last, answer);
    }, restMs);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = this.#waiting = null;
  }

  #take(vector: Uint8Array, answer: (vector: Uint8Array) => void): void {
    const startedMs = performance.now();
    answer(vector);
    const endedMs = performance.now();
    this.#restUntilMs = endedMs + restFactor * (endedMs - startedMs);
  }
}
