import { randomUUID } from "node:crypto";
import type {
  Batch,
  DocumentLog,
  HistoryPart,
  HistoryStretch,
  LastTouch,
  LoggedUpdate,
  RoomContents,
} from "../document-log.ts";
import { StorageError } from "../storage-error.ts";

interface MemoryRoom {
  epoch: string;
  checkpoint: { seq: number; bytes: Uint8Array } | null;
  packed: { readonly seq: number; readonly bytes: Uint8Array } | null;
  /** Checkpoints that are the start of an epoch: no replay may reach across one. */
  readonly starts: { readonly seq: number; readonly bytes: Uint8Array }[];
  readonly updates: (LoggedUpdate & { readonly touched: readonly string[] })[];
  readonly owners: Map<number, string>;
}

/** Rooms that last as long as the process: for tests and for benches without a disk. */
export class MemoryDocumentLog implements DocumentLog {
  readonly #rooms = new Map<string, MemoryRoom>();
  #lastSeq = 0;

  async rooms(after: string, limit: number): Promise<readonly string[]> {
    return [...this.#rooms.keys()]
      .filter((name) => name > after)
      .sort()
      .slice(0, limit);
  }

  async open(room: string): Promise<RoomContents> {
    const { epoch, checkpoint, packed, updates, owners } = this.#room(room);
    const since = packed && updates.filter(({ seq }) => seq > packed.seq);
    return {
      epoch,
      checkpoint,
      packed: packed && { bytes: packed.bytes, since: since!.map(({ bytes }) => bytes) },
      updates: updates
        .filter(({ seq }) => seq > (checkpoint?.seq ?? 0))
        .map(({ touched: _, ...update }) => update),
      bindings: [...owners].map(([clientId, principalId]) => ({ clientId, principalId })),
    };
  }

  async append(given: Batch): Promise<readonly number[]> {
    const batch = typeof given === "function" ? given() : given;
    if (batch.some((entry) => this.#room(entry.room).epoch !== entry.epoch)) {
      throw new StorageError("epoch", "The room has started anew since this edit was made; reload it.");
    }
    return batch.map(({ bind, room: name, bytes, principalId, receivedAtMs, touched }) => {
      const room = this.#room(name);
      for (const { clientId, principalId } of bind) {
        if (!room.owners.has(clientId)) room.owners.set(clientId, principalId);
      }
      const seq = ++this.#lastSeq;
      room.updates.push({ seq, room: name, bytes, principalId, receivedAtMs, touched });
      return seq;
    });
  }

  async bind(room: string, clientIds: readonly number[], principalId: string): Promise<readonly string[]> {
    const { owners } = this.#room(room);
    return clientIds.map((clientId) => {
      const owner = owners.get(clientId);
      if (owner === undefined) owners.set(clientId, principalId);
      return owner ?? principalId;
    });
  }

  async checkpoint(room: string, seq: number, bytes: Uint8Array): Promise<void> {
    const target = this.#room(room);
    if (seq >= (target.checkpoint?.seq ?? 0)) target.checkpoint = { seq, bytes };
  }

  async keepPacked(name: string, epoch: string, seq: number, bytes: Uint8Array): Promise<void> {
    const room = this.#rooms.get(name);
    if (room?.epoch === epoch) room.packed = { seq, bytes };
  }

  async history(room: string, afterSeq: number, limit: number, { before, mark }: HistoryPart = {}) {
    const found = this.#room(room).updates.filter(
      ({ seq, touched }) =>
        seq > afterSeq &&
        seq < (before ?? Number.POSITIVE_INFINITY) &&
        (mark === undefined || touched.includes(mark)),
    );
    const page = before === undefined ? found.slice(0, limit) : found.slice(-limit);
    return page.map(({ seq, principalId, receivedAtMs, touched, bytes }) => ({
      ...{ seq, principalId, receivedAtMs, touched },
      byteLength: bytes.length,
    }));
  }

  async stretches(room: string, fromSeq: number, toSeq: number): Promise<readonly HistoryStretch[]> {
    const { updates, starts } = this.#room(room);
    const wanted = updates.filter(({ seq }) => seq >= fromSeq && seq <= toSeq);
    const startOf = (seq: number) => starts.findLast((state) => state.seq < seq);
    const begins = wanted.flatMap(({ seq }, i) =>
      i > 0 && startOf(seq) === startOf(wanted[i - 1]!.seq) ? [] : [i],
    );
    return begins.map((begin, n) => {
      const stretch = wanted.slice(begin, begins[n + 1]);
      const first = stretch[0]!.seq;
      const start = startOf(first);
      const before = updates.filter(({ seq }) => seq > (start?.seq ?? 0) && seq < first);
      return {
        base: [...(start ? [start.bytes] : []), ...before.map(({ bytes }) => bytes)],
        updates: stretch.map(({ seq, bytes }) => ({ seq, bytes })),
      };
    });
  }

  async lastTouches(room: string, marks?: readonly string[]): Promise<ReadonlyMap<string, LastTouch>> {
    const wanted = marks && new Set(marks);
    const last = new Map<string, LastTouch>();
    for (const { seq, principalId, receivedAtMs, touched } of this.#room(room).updates) {
      for (const mark of touched) {
        if (!wanted || wanted.has(mark)) last.set(mark, { seq, principalId, receivedAtMs });
      }
    }
    return last;
  }

  async stateAt(room: string, seq: number): Promise<readonly Uint8Array[] | undefined> {
    const { updates, starts } = this.#room(room);
    if (!updates.some((update) => update.seq === seq)) return undefined;
    const start = starts.findLast((state) => state.seq < seq);
    const since = updates.filter((update) => update.seq > (start?.seq ?? 0) && update.seq <= seq);
    return [...(start ? [start.bytes] : []), ...since.map(({ bytes }) => bytes)];
  }

  async newEpoch(room: string, bytes: Uint8Array): Promise<string> {
    const target = this.#room(room);
    target.epoch = randomUUID();
    target.packed = null;
    target.checkpoint = { seq: target.updates.at(-1)?.seq ?? 0, bytes };
    target.starts.push(target.checkpoint);
    return target.epoch;
  }

  async erase(rooms: readonly string[]): Promise<void> {
    for (const room of rooms) this.#rooms.delete(room);
  }

  async close(): Promise<void> {}

  #room(name: string): MemoryRoom {
    let room = this.#rooms.get(name);
    if (!room) {
      this.#rooms.set(
        name,
        (room = {
          ...{ epoch: randomUUID(), checkpoint: null, packed: null },
          ...{ starts: [], updates: [], owners: new Map() },
        }),
      );
    }
    return room;
  }
}
