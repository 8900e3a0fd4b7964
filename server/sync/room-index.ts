import * as Y from "yjs";
import type { Refusal, RefusalCode } from "#core/protocol/messages.ts";
import { ClockRanges } from "./clock-ranges.ts";
import { type DecodedUpdate, decodeUpdate, type Struct } from "./decoded-update.ts";
import { MarkRanges } from "./mark-ranges.ts";
import { stateVector } from "./messages.ts";
import { refusals } from "./refusals.ts";

/** What becomes of an update. Nothing of the room has changed until `accept` is called. */
export type Verdict =
  | { readonly type: "nothing-new" }
  /** It builds on something this room does not have: synchronise first. */
  | { readonly type: "gap" }
  | { readonly type: "refused"; readonly code: RefusalCode; readonly what: string }
  | {
      readonly type: "new";
      readonly touched: readonly string[];
      readonly newClients: readonly number[];
      readonly hasNewStructs: boolean;
      /** How many records (marks) it brings. */
      readonly newRecords: number;
      readonly accept: () => void;
    };

export interface Author {
  readonly principalId: string;
  readonly ownerOf: (clientId: number) => string | undefined;
  /** The server itself: it may purge marks and bring in collected structs. */
  readonly isServer: boolean;
  readonly maxClockJump: number;
}

interface NewStruct {
  readonly clock: number;
  readonly end: number;
  readonly place: string | null;
  readonly placed: boolean;
  readonly isRecord: boolean;
}

/** Separates a root's name from a key within it; neither the names nor the keys of this program hold it. */
const separator = "\0";

/**
 * What a room holds, without its content: how far each client has written, what is deleted, and which mark each struct
 * belongs to, waiting commits included. Enough to judge an update in microseconds with no Y.Doc in memory.
 * Rules P10-P17 of PROTOCOL.md.
 */
export class RoomIndex {
  readonly #clocks = new Map<number, number>();
  readonly #marks = new Map<number, MarkRanges>();
  readonly #deleted = new Map<number, ClockRanges>();
  /** Records (a type in a root map) that live, by client and clock, and by place. */
  readonly #records = new Map<number, Map<number, string>>();
  readonly #takenPlaces = new Set<string>();

  /** The index of what a room has stored. @param misfit is told of a part that does not fit: none should */
  static of(parts: readonly Uint8Array[], misfit: (verdict: string) => void): RoomIndex {
    const index = new RoomIndex();
    for (const part of parts) RoomIndex.extend(index, part, misfit);
    return index;
  }

  /** Take in a part that is stored. */
  static extend(
    index: RoomIndex,
    stored: Uint8Array | DecodedUpdate,
    misfit: (verdict: string) => void,
  ): void {
    const verdict =
      stored instanceof Uint8Array ? index.judgeBytes(stored, asStored) : index.judge(stored, asStored);
    if (verdict.type === "new") verdict.accept();
    else if (verdict.type !== "nothing-new") misfit(verdict.type);
  }

  judgeBytes(bytes: Uint8Array, author: Author): Verdict {
    let update: DecodedUpdate;
    try {
      update = decodeUpdate(bytes);
    } catch {
      return verdictOf(refusals.unreadable);
    }
    return this.judge(update, author);
  }

  judge(update: DecodedUpdate, author: Author): Verdict {
    const clients = this.#newStructsByClient(update, author);
    if ("type" in clients) return clients;
    const reached = this.#integrate(clients);
    if (!reached) return gap;

    const added = new Map<number, NewStruct[]>();
    const touchedPlaces: string[] = [];
    let placesTaken: Set<string> | null = null;
    let list: NewStruct[] | undefined;
    let listOf = -1;
    for (const struct of reached.order) {
      const entry = this.#locate(struct, added);
      if (entry.placed && !author.isServer) {
        if (this.#takenPlaces.has(entry.place!) || placesTaken?.has(entry.place!)) return refusedReplacement;
      }
      if (entry.isRecord) (placesTaken ??= new Set()).add(entry.place!);
      if (entry.place !== null) noteLast(touchedPlaces, entry.place);
      if (listOf !== struct.id.client) {
        listOf = struct.id.client;
        list = setIfMissing(added, listOf, () => []);
      }
      list!.push(entry);
    }

    const deletions: [client: number, start: number, end: number][] = [];
    for (const [client, ranges] of update.ds.clients) {
      for (const { clock: start, len } of ranges) {
        const end = start + len;
        if (end > (reached.clocks.get(client) ?? this.clockOf(client))) return gap;
        if (this.#deleted.get(client)?.covers(start, end)) continue;
        if (!author.isServer && this.#holdsRecord(client, start, end, added)) return refusedDeletion;
        deletions.push([client, start, end]);
        for (const place of this.#marks.get(client)?.within(start, end) ?? []) noteLast(touchedPlaces, place);
      }
    }
    if (reached.order.length === 0 && deletions.length === 0) return { type: "nothing-new" };
    return {
      type: "new",
      touched:
        touchedPlaces.length === 1 ? [keyOf(touchedPlaces[0]!)] : [...new Set(touchedPlaces)].map(keyOf),
      newClients: unowned(clients, author),
      hasNewStructs: reached.order.length > 0,
      newRecords: placesTaken?.size ?? 0,
      accept: () => this.#accept(reached.clocks, added, deletions),
    };
  }

  clockOf(client: number): number {
    return this.#clocks.get(client) ?? 0;
  }

  /** Records of the room, those whose `deleted` field is set among them: they go when they are purged. */
  get records(): number {
    return this.#takenPlaces.size;
  }

  /** The state vector as Yjs encodes it: what a step 1 says. */
  encodeStateVector(): Uint8Array {
    return stateVector(this.#clocks);
  }

  /** New structs by client, in order. Structs that are known, whatever they hold, are passed over, as Yjs does. */
  #newStructsByClient(update: DecodedUpdate, author: Author): Map<number, Struct[]> | Verdict {
    const clients = new Map<number, Struct[]>();
    // A client's structs stand together, so two numbers tell where the last of them ended.
    let [last, lastEnd, blocks] = [-1, 0, 0];
    let seen: Set<number> | null = null;
    let list: Struct[] | undefined;
    for (const struct of update.structs) {
      const { client, clock } = struct.id;
      const known = this.clockOf(client);
      const end = clock + struct.length;
      if (client !== last) {
        if (blocks++ > 0) {
          // Yjs keeps only the last of two blocks of one client: such an update would mean different things to us and to it.
          seen ??= new Set();
          if (seen.add(last).has(client)) return refusedMalformed;
        }
        last = client;
        list = undefined;
        if (clock > known) return clock - known > author.maxClockJump ? refusedJump : gap;
      } else if (lastEnd !== clock) {
        return refusedMalformed;
      }
      if (struct.length <= 0 || struct instanceof Y.Skip) return refusedMalformed;
      lastEnd = end;
      if (end <= known) continue;
      if (end - known > author.maxClockJump && !author.isServer) return refusedJump;
      const owner = author.ownerOf(client);
      if (owner !== undefined && owner !== author.principalId) return refusedAuthor;
      if (!author.isServer && (!(struct instanceof Y.Item) || struct.content instanceof Y.ContentDoc)) {
        return refusedMalformed;
      }
      if (list) list.push(struct);
      else clients.set(client, (list = [struct]));
    }
    // A block without structs, too, is none that Yjs writes.
    return update.blocks === blocks ? clients : refusedMalformed;
  }

  /** Let structs follow each other as Yjs would, by clocks alone. @returns undefined where one can never follow */
  #integrate(clients: ReadonlyMap<number, readonly Struct[]>) {
    const clocks = new Map<number, number>();
    if (clients.size === 0) return { clocks, order: [] };
    const order: Struct[] = [];
    const queues = [...clients.values()].map((structs) => ({ structs, next: 0 }));
    const has = (id: Y.ID | null) =>
      id === null || id.clock < (clocks.get(id.client) ?? this.clockOf(id.client));
    let waiting = queues;
    while (waiting.length > 0) {
      const before = order.length;
      for (const queue of waiting) {
        while (queue.next < queue.structs.length) {
          const struct = queue.structs[queue.next]!;
          if (struct instanceof Y.Item) {
            const parent = struct.parent instanceof Y.ID ? struct.parent : null;
            if (!has(struct.origin) || !has(struct.rightOrigin) || !has(parent)) break;
          }
          clocks.set(struct.id.client, struct.id.clock + struct.length);
          order.push(struct);
          queue.next++;
        }
      }
      if (order.length === before) return undefined;
      waiting = waiting.filter((queue) => queue.next < queue.structs.length);
    }
    return { clocks, order };
  }

  /** Where a struct lies: its parent is written in it, or is that of the neighbour it was set beside. */
  #locate(struct: Struct, added: ReadonlyMap<number, readonly NewStruct[]>): NewStruct {
    const clock = struct.id.clock;
    const end = clock + struct.length;
    if (!(struct instanceof Y.Item)) return { clock, end, place: null, placed: false, isRecord: false };
    const parent = struct.parent as unknown;
    if (parent instanceof Y.ID) {
      return { clock, end, place: this.#placeOf(parent, added).place, placed: false, isRecord: false };
    }
    const isType = struct.content instanceof Y.ContentType;
    if (typeof parent === "string") {
      const isEntry = struct.parentSub !== null;
      const place = isEntry ? parent + separator + struct.parentSub : null;
      return { clock, end, place, placed: isEntry, isRecord: isEntry && isType };
    }
    const neighbour = struct.origin ?? struct.rightOrigin;
    const { place, placed } = neighbour ? this.#placeOf(neighbour, added) : nowhere;
    return { clock, end, place, placed, isRecord: placed && isType };
  }

  #placeOf(id: Y.ID, added: ReadonlyMap<number, readonly NewStruct[]>) {
    const list = added.get(id.client);
    if (list && list[0]!.clock <= id.clock) {
      let [low, high] = [0, list.length - 1];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (id.clock < list[middle]!.end) high = middle;
        else low = middle + 1;
      }
      return list[low]!;
    }
    return this.#marks.get(id.client)?.at(id.clock) ?? nowhere;
  }

  #holdsRecord(
    client: number,
    start: number,
    end: number,
    added: ReadonlyMap<number, readonly NewStruct[]>,
  ): boolean {
    if (added.get(client)?.some((entry) => entry.isRecord && entry.clock < end && entry.end > start))
      return true;
    return this.#recordClocksWithin(client, start, end).length > 0;
  }

  #recordClocksWithin(client: number, start: number, end: number): number[] {
    const records = this.#records.get(client);
    if (!records) return [];
    // A drag deletes one clock of a client with thousands of records; a purge deletes a long range of one with few.
    if (end - start > records.size)
      return [...records.keys()].filter((clock) => clock >= start && clock < end);
    const found: number[] = [];
    for (let clock = start; clock < end; clock++) if (records.has(clock)) found.push(clock);
    return found;
  }

  #accept(
    clocks: ReadonlyMap<number, number>,
    added: ReadonlyMap<number, readonly NewStruct[]>,
    deletions: readonly (readonly [number, number, number])[],
  ): void {
    for (const [client, clock] of clocks) this.#clocks.set(client, clock);
    for (const [client, entries] of added) {
      const marks = setIfMissing(this.#marks, client, () => new MarkRanges());
      for (const entry of entries) {
        marks.append(entry.clock, entry.place, entry.placed);
        if (!entry.isRecord) continue;
        setIfMissing(this.#records, client, () => new Map<number, string>()).set(entry.clock, entry.place!);
        this.#takenPlaces.add(entry.place!);
      }
    }
    for (const [client, start, end] of deletions) {
      setIfMissing(this.#deleted, client, () => new ClockRanges()).add(start, end);
      for (const clock of this.#recordClocksWithin(client, start, end)) {
        const records = this.#records.get(client)!;
        this.#takenPlaces.delete(records.get(clock)!);
        records.delete(clock);
      }
    }
  }
}

const nowhere = { place: null, placed: false } as const;
const gap: Verdict = { type: "gap" };
const verdictOf = (refusal: Refusal): Verdict => ({ type: "refused", ...refusal });
const refusedMalformed = verdictOf(refusals.malformed);
const refusedJump = verdictOf(refusals.jump);
const refusedAuthor = verdictOf(refusals.author);
const refusedDeletion = verdictOf(refusals.deletion);
const refusedReplacement = verdictOf(refusals.replacement);

/** What the room itself has stored was judged when it came. */
const asStored: Author = {
  principalId: "",
  ownerOf: () => undefined,
  isServer: true,
  maxClockJump: Number.POSITIVE_INFINITY,
};

/** Places come in runs: mostly it is the one noted last. */
function noteLast(places: string[], place: string): void {
  if (places.at(-1) !== place) places.push(place);
}

function unowned(clients: ReadonlyMap<number, unknown>, author: Author): number[] {
  const found: number[] = [];
  for (const client of clients.keys()) if (author.ownerOf(client) === undefined) found.push(client);
  return found;
}

function keyOf(place: string): string {
  return place.slice(place.indexOf(separator) + 1);
}

function setIfMissing<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
