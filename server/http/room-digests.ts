import type { RoomHistory } from "#server/history/room-history.ts";

interface Digest {
  /** The last update it includes; a newer one in the log makes it stale. */
  readonly seq: number;
  readonly value: unknown;
}

/** A room is asked again whether it has moved on at most this often. */
const freshMs = 2000;
/** Whoever asks waits this long for what is not known yet, and has the rest with the next answer. */
const patienceMs = 250;

/**
 * Short answers about many rooms, such as the marks of every micrograph in a gallery: made once, and anew only when the
 * room's log has grown. Rooms are read one after the other, so that a gallery never loads them all into memory at once.
 */
export class RoomDigests {
  readonly #history: Pick<RoomHistory, "lastSeq">;
  readonly #known = new Map<string, Digest>();
  readonly #checkedAtMs = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ history }: { readonly history: Pick<RoomHistory, "lastSeq"> }) {
    this.#history = history;
  }

  /**
   * By room, what `read` made of it; a room that is not known yet is missing. One room is always read in one way.
   * @param read is given the last moment of the room, and answers for it or a later one
   */
  async of<T>(
    rooms: readonly string[],
    read: (room: string, seq: number) => Promise<T>,
  ): Promise<ReadonlyMap<string, T>> {
    const due = rooms.filter((room) => Date.now() - (this.#checkedAtMs.get(room) ?? 0) > freshMs);
    const caughtUp = due.map((room) => {
      this.#checkedAtMs.set(room, Date.now());
      const turn = this.#turn.then(() => this.#catchUp(room, read));
      // A room that cannot be read now is asked for again with the next gallery.
      this.#turn = turn.catch(() => this.#checkedAtMs.delete(room));
      return this.#turn;
    });
    await Promise.race([Promise.all(caughtUp), waited(patienceMs)]);
    const answers = new Map<string, T>();
    for (const room of rooms) {
      const known = this.#known.get(room);
      if (known) answers.set(room, known.value as T);
    }
    return answers;
  }

  async #catchUp(room: string, read: (room: string, seq: number) => Promise<unknown>): Promise<void> {
    const seq = await this.#history.lastSeq(room);
    if (this.#known.get(room)?.seq === seq) return;
    this.#known.set(room, { seq, value: await read(room, seq) });
  }
}

function waited(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
