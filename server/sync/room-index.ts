import type { Refusal, RefusalCode } from "#core/protocol/messages.ts";
import { ClientStructs } from "./client-structs.ts";
import type { DecodedUpdate } from "./decoded-update.ts";
import { stateVector } from "./messages.ts";
import { type NewBlock, NewBlocks, type NewStruct, structAt } from "./new-structs.ts";
import { asRead, type ReadUpdate, readUpdate, type StructId } from "./read-update.ts";
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

/** A range of clocks that an update deletes, of structs that are known or come with it. */
interface Deletion {
  readonly client: number;
  readonly start: number;
  readonly end: number;
}

/** Separates a root's name from a key within it; neither the names nor the keys of this program hold it. */
const separator = "\0";

/**
 * What a room holds, without its content: how far each client has written, what is deleted, and which mark each struct
 * belongs to, waiting commits included. Enough to judge an update in microseconds with no Y.Doc in memory.
 * Rules P10-P17 of PROTOCOL.md.
 */
export class RoomIndex {
  readonly #clients = new Map<number, ClientStructs>();
  /** Of the records (a type in a root map) that live. */
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
      stored instanceof Uint8Array
        ? index.judgeBytes(stored, asStored)
        : index.judge(asRead(stored), asStored);
    if (verdict.type === "new") verdict.accept();
    else if (verdict.type !== "nothing-new") misfit(verdict.type);
  }

  judgeBytes(bytes: Uint8Array, author: Author): Verdict {
    let update: ReadUpdate;
    try {
      update = readUpdate(bytes);
    } catch {
      return verdictOf(refusals.unreadable);
    }
    return this.judge(update, author);
  }

  judge(update: ReadUpdate, author: Author): Verdict {
    const news = new NewBlocks();
    const refused = this.#takeNewStructs(update, author, news);
    if (refused) return refused;
    const order = this.#integrate(news);
    if (!order) return gap;

    const touchedPlaces: string[] = [];
    let placesTaken: Set<string> | null = null;
    for (const entry of order) {
      this.#locate(entry, news);
      const { place } = entry;
      if (place === null) continue;
      if (entry.placed && !author.isServer) {
        if (this.#takenPlaces.has(place) || placesTaken?.has(place)) return refusedReplacement;
      }
      if (entry.isRecord) (placesTaken ??= new Set()).add(place);
      noteLast(touchedPlaces, place);
    }

    const deletions: Deletion[] = [];
    for (const { client, clock: start, length } of update.deletions) {
      const end = start + length;
      const block = news.of(client);
      const known = block ? block.known : this.#clients.get(client);
      if (end > (block ? block.reached : (known?.clock ?? 0))) return gap;
      if (known?.deleted.covers(start, end)) continue;
      if (!author.isServer && holdsRecord(known, block, start, end)) return refusedDeletion;
      deletions.push({ client, start, end });
      known?.marks.eachWithin(start, end, (place) => noteLast(touchedPlaces, place));
    }
    if (order.length === 0 && deletions.length === 0) return { type: "nothing-new" };
    return {
      type: "new",
      touched:
        touchedPlaces.length === 1 ? [keyOf(touchedPlaces[0]!)] : [...new Set(touchedPlaces)].map(keyOf),
      newClients: news.unowned(),
      hasNewStructs: order.length > 0,
      newRecords: placesTaken?.size ?? 0,
      accept: () => this.#accept(news, deletions),
    };
  }

  clockOf(client: number): number {
    return this.#clients.get(client)?.clock ?? 0;
  }

  /** Records of the room, those whose `deleted` field is set among them: they go when they are purged. */
  get records(): number {
    return this.#takenPlaces.size;
  }

  /** The state vector as Yjs encodes it: what a step 1 says. */
  encodeStateVector(): Uint8Array {
    return stateVector(new Map([...this.#clients].map(([client, { clock }]) => [client, clock])));
  }

  /** New structs by client, in order. Structs that are known, whatever they hold, are passed over, as Yjs does. */
  #takeNewStructs({ blocks }: ReadUpdate, author: Author, news: NewBlocks): Verdict | null {
    const seen = blocks.length > 1 ? new Set<number>() : null;
    for (const { client, structs } of blocks) {
      // A block without structs is none that Yjs writes. Of two of one client it keeps only the last: such an update
      // would mean different things to us and to it.
      if (structs.length === 0 || seen?.has(client)) return refusedMalformed;
      seen?.add(client);
      const known = this.#clients.get(client);
      const clockBefore = known?.clock ?? 0;
      let end = structs[0]!.clock;
      if (end > clockBefore) return end - clockBefore > author.maxClockJump ? refusedJump : gap;
      const owner = author.ownerOf(client);
      let block: NewBlock | null = null;
      for (const struct of structs) {
        const { clock, length, kind } = struct;
        if (clock !== end || length <= 0 || kind === "skip") return refusedMalformed;
        end += length;
        if (end <= clockBefore) continue;
        if (end - clockBefore > author.maxClockJump && !author.isServer) return refusedJump;
        if (owner !== undefined && owner !== author.principalId) return refusedAuthor;
        if (!author.isServer && (kind !== "item" || struct.content === "document")) return refusedMalformed;
        block ??= news.add(client, known, owner);
        block.structs.push({ struct, block, clock, end, place: null, placed: false, isRecord: false });
      }
    }
    return null;
  }

  /** Let structs follow each other as Yjs would, by clocks alone. @returns null where one can never follow */
  #integrate(news: NewBlocks): readonly NewStruct[] | null {
    const has = (id: StructId | null) =>
      id === null || id.clock < (news.of(id.client)?.reached ?? this.clockOf(id.client));
    const order: NewStruct[] = [];
    let waiting: readonly NewBlock[] = news.blocks;
    while (waiting.length > 0) {
      const before = order.length;
      for (const block of waiting) {
        while (block.next < block.structs.length) {
          const entry = block.structs[block.next]!;
          const { origin, rightOrigin, parent } = entry.struct;
          if (!has(origin) || !has(rightOrigin) || !(typeof parent === "string" || has(parent))) break;
          block.reached = entry.end;
          block.next++;
          order.push(entry);
        }
      }
      if (order.length === before) return null;
      waiting = waiting.filter(({ next, structs }) => next < structs.length);
    }
    return order;
  }

  /** Where a struct lies: its parent is written in it, or is that of the neighbour it was set beside. */
  #locate(entry: NewStruct, news: NewBlocks): void {
    const { kind, parent, parentSub, origin, rightOrigin, content } = entry.struct;
    if (kind !== "item") return;
    const isType = content === "type";
    if (typeof parent === "string") {
      if (parentSub === null) return;
      entry.place = parent + separator + parentSub;
      entry.placed = true;
      entry.isRecord = isType;
      return;
    }
    if (parent) {
      entry.place = this.#placeOf(parent, news).place;
      return;
    }
    const neighbour = origin ?? rightOrigin;
    if (!neighbour) return;
    const { place, placed } = this.#placeOf(neighbour, news);
    entry.place = place;
    entry.placed = placed;
    entry.isRecord = placed && isType;
  }

  #placeOf(
    { client, clock }: StructId,
    news: NewBlocks,
  ): { readonly place: string | null; readonly placed: boolean } {
    const block = news.of(client);
    if (block && block.structs[0]!.clock <= clock) return structAt(block.structs, clock);
    const known = block ? block.known : this.#clients.get(client);
    return known?.marks.at(clock) ?? nowhere;
  }

  #accept(news: NewBlocks, deletions: readonly Deletion[]): void {
    for (const { client, known, reached, structs } of news.blocks) {
      const own = known ?? this.#addClient(client);
      own.clock = reached;
      for (const { clock, place, placed, isRecord } of structs) {
        own.marks.append(clock, place, placed);
        if (!isRecord) continue;
        own.addRecord(clock, place!);
        this.#takenPlaces.add(place!);
      }
    }
    for (const { client, start, end } of deletions) {
      const own = news.of(client)?.known ?? this.#clients.get(client)!;
      own.deleted.add(start, end);
      for (const place of own.dropRecordsWithin(start, end)) this.#takenPlaces.delete(place);
    }
  }

  #addClient(client: number): ClientStructs {
    const added = new ClientStructs();
    this.#clients.set(client, added);
    return added;
  }
}

function holdsRecord(
  known: ClientStructs | undefined,
  block: NewBlock | undefined,
  start: number,
  end: number,
): boolean {
  if (block?.structs.some((entry) => entry.isRecord && entry.clock < end && entry.end > start)) return true;
  return known !== undefined && known.recordClocksWithin(start, end).length > 0;
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

function keyOf(place: string): string {
  return place.slice(place.indexOf(separator) + 1);
}
