import * as Y from "yjs";
import { emptyUpdate, syncMessage, syncSteps } from "./messages.ts";
import { inPiecesFromBytes, packFromBytes } from "./packed-state.ts";
import { UpdateTail } from "./update-tail.ts";

/** The state at one moment that is being packed, or has been, for whoever knows nothing of the room. */
export interface Packing {
  readonly parts: readonly Uint8Array[];
  readonly ofBytes: number;
  /** Committed after that moment. */
  readonly since: UpdateTail;
}

export interface PackedState extends Pick<Packing, "ofBytes" | "since"> {
  /** To be sent one after the other; those that are still being made, as they come. */
  readonly messages: readonly (Uint8Array | Promise<Uint8Array>)[];
  /** Made by a thread, and as short as it goes. */
  readonly inPieces: boolean;
}

/** A document of the room, and what it has not been told yet. */
interface LivingDocument {
  readonly doc: Y.Doc;
  readonly since: UpdateTail;
}

/** A packed state is due again when the room has grown by such a part of it. */
const packAgainAfter = 1 / 16;

/**
 * The committed content of a room: a whole state and the updates since, as bytes. A Y.Doc is made only when somebody
 * asks for a difference or a reading; an opening by a fresh client is a copy of bytes.
 */
export class RoomState {
  #base: Uint8Array;
  readonly #tail = new UpdateTail();
  #doc: LivingDocument | null = null;
  #packed: PackedState | null = null;
  /** What came since the moments that are packed or being packed, and what the document has not been told yet. */
  readonly #sinces = new Set<UpdateTail>();
  #mergedTail: { readonly length: number; readonly bytes: Uint8Array } | null = null;

  constructor(base: Uint8Array | null, updates: readonly Uint8Array[]) {
    this.#base = base ?? emptyUpdate;
    for (const bytes of updates) this.push(bytes);
  }

  get bytes(): number {
    return this.#base.length + this.#tail.byteLength;
  }

  get tailUpdates(): number {
    return this.#tail.length;
  }

  get tailBytes(): number {
    return this.#tail.byteLength;
  }

  parts(): readonly Uint8Array[] {
    return [this.#base, ...this.#tail.from(0)];
  }

  push(committed: Uint8Array): void {
    this.#tail.push(committed);
    for (const since of this.#sinces) since.push(committed);
    // Nobody has read it for long: it is made anew in less than it takes to catch up.
    if (this.#doc && this.#doc.since.byteLength > Math.max(this.#base.length, inPiecesFromBytes)) this.rest();
  }

  /** The answer to a step 1: what the given state vector lacks, ending with a step 2. */
  answerTo(vector: Uint8Array): Uint8Array[] {
    const knowsNothing = vector.length === 1 && vector[0] === 0;
    if (!knowsNothing) return [syncMessage(syncSteps.step2, Y.encodeStateAsUpdate(this.document(), vector))];
    if (this.#tail.length === 0) return [syncMessage(syncSteps.step2, this.#base)];
    const tail = syncMessage(syncSteps.step2, this.#merged());
    return this.#base === emptyUpdate ? [tail] : [syncMessage(syncSteps.update, this.#base), tail];
  }

  /** What was packed last, and the updates since. */
  get packed(): PackedState | null {
    return this.#packed;
  }

  /** Bytes that stand in no pieces yet; 0 where these are few beside those that do, or the room is small. */
  get bytesOutsidePieces(): number {
    if (this.bytes < packFromBytes) return 0;
    if (!this.#packed?.inPieces) return this.bytes;
    const { ofBytes, since } = this.#packed;
    return since.byteLength >= ofBytes * packAgainAfter ? since.byteLength : 0;
  }

  /** The state of now, to be packed. From here on it is known what has come since, until it is kept or given up. */
  beginPacking(): Packing {
    const since = new UpdateTail();
    this.#sinces.add(since);
    return { parts: this.parts(), ofBytes: this.bytes, since };
  }

  keepPacked(packed: PackedState): void {
    if (this.#packed) this.#sinces.delete(this.#packed.since);
    this.#sinces.add(packed.since);
    this.#packed = packed;
  }

  giveUpPacking({ since }: Pick<Packing, "since">): void {
    this.#sinces.delete(since);
    if (this.#packed?.since === since) this.#packed = null;
  }

  /** The committed document. Never change it. */
  document(): Y.Doc {
    if (!this.#doc) {
      this.#doc = { doc: documentFrom(this.parts()), since: new UpdateTail() };
      this.#sinces.add(this.#doc.since);
    }
    const { doc, since } = this.#doc;
    if (since.length > 0) {
      applyAll(doc, since.from(0));
      since.drop(since.length);
    }
    return doc;
  }

  /** The document, to write in: it is no longer this room's until it is given back. */
  takeDocument(): {
    readonly doc: Y.Doc;
    /** @param written what was committed of it */
    readonly giveBack: (written: Uint8Array | null) => void;
    /** What was written in it is not committed: nobody is to read it. */
    readonly letGo: () => void;
  } {
    const doc = this.document();
    const taken = this.#doc!;
    this.#doc = null;
    return {
      doc,
      giveBack: (written) => {
        const { since } = taken;
        // It need not be told what it says itself.
        if (written && since.length === 1 && Buffer.compare(since.from(0)[0]!, written) === 0) since.drop(1);
        // Another was made meanwhile: let this one go.
        if (this.#doc === null) this.#doc = taken;
        else this.#sinces.delete(since);
      },
      letGo: () => void this.#sinces.delete(taken.since),
    };
  }

  /** `whole` is the base with the first `covered` updates since: they are one from now on. */
  rebase(whole: Uint8Array, covered: number): void {
    this.#base = whole;
    this.#tail.drop(covered);
    this.#mergedTail = null;
  }

  /** Let the Y.Doc go; bytes remain. */
  rest(): void {
    if (!this.#doc) return;
    this.#sinces.delete(this.#doc.since);
    this.#doc.doc.destroy();
    this.#doc = null;
  }

  #merged(): Uint8Array {
    if (this.#mergedTail?.length !== this.#tail.length) {
      const before = this.#mergedTail;
      const parts = before ? [before.bytes, ...this.#tail.from(before.length)] : this.#tail.from(0);
      this.#mergedTail = { length: this.#tail.length, bytes: Y.mergeUpdates(parts) };
    }
    return this.#mergedTail.bytes;
  }
}

function documentFrom(parts: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  applyAll(doc, parts);
  return doc;
}

function applyAll(doc: Y.Doc, updates: readonly Uint8Array[]): void {
  Y.transact(doc, () => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
}
