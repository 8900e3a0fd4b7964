import type { RoomHistory } from "#server/history/room-history.ts";
import type { RoomServer } from "#server/sync/room-server.ts";

export type RoomDoc = Parameters<Parameters<RoomServer["readDocument"]>[1]>[0];

interface Digest {
  /** The last update it includes; a newer one in the log makes it stale. */
  readonly seq: number;
  readonly value: unknown;
}

/** A room is asked again whether it has moved on at most this often. */
const freshMs = 2000;
/** Whoever asks waits this long for what is not known yet, and has the rest with the next answer. */
const patienceMs = 250;
const entriesAPage = 1000;

/**
 * Short answers about many rooms, such as the marks of every micrograph in a gallery: made once, and anew only when the
 * room's log has grown. Rooms are read one after the other, so that a gallery never loads them all into memory at once.
 */
export class RoomDigests {
  readonly #history: Pick<RoomHistory, "page">;
  readonly #rooms: Pick<RoomServer, "readDocument">;
  readonly #known = new Map<string, Digest>();
  readonly #checkedAtMs = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ports: {
    readonly history: Pick<RoomHistory, "page">;
    readonly rooms: Pick<RoomServer, "readDocument">;
  }) {
    this.#history = ports.history;
    this.#rooms = ports.rooms;
  }

  /** By room, what `read` made of it; a room that is not known yet is missing. One room is always read in one way. */
  async of<T>(rooms: readonly string[], read: (doc: RoomDoc) => T): Promise<ReadonlyMap<string, T>> {
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

  async #catchUp(room: string, read: (doc: RoomDoc) => unknown): Promise<void> {
    const known = this.#known.get(room);
    let seq = known?.seq ?? 0;
    for (;;) {
      const { entries, next } = await this.#history.page(room, seq, entriesAPage);
      seq = entries.at(-1)?.seq ?? seq;
      if (next === null) break;
    }
    if (known && known.seq === seq) return;
    // Read after the log: at least as new as `seq`, never older.
    this.#known.set(room, { seq, value: await this.#rooms.readDocument(room, read) });
  }
}

function waited(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
