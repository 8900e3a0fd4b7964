import * as Y from "yjs";
import { emptyUpdate, syncMessage, syncSteps } from "./messages.ts";
import { type PackedState, packFromBytes } from "./packed-state.ts";
import { UpdateTail } from "./update-tail.ts";

/**
 * The committed content of a room: a whole state and the updates since, as bytes. A Y.Doc is made only when somebody
 * asks for a difference or a reading; an opening by a fresh client is a copy of bytes.
 */
export class RoomState {
  #base: Uint8Array;
  readonly #tail = new UpdateTail();
  #doc: { readonly doc: Y.Doc; applied: number } | null = null;
  #packed: PackedState | null = null;
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
  }

  /** The answer to a step 1: what the given state vector lacks, ending with a step 2. */
  answerTo(vector: Uint8Array): Uint8Array[] {
    const knowsNothing = vector.length === 1 && vector[0] === 0;
    if (!knowsNothing) return [syncMessage(syncSteps.step2, Y.encodeStateAsUpdate(this.document(), vector))];
    if (this.#tail.length === 0) return [syncMessage(syncSteps.step2, this.#base)];
    const tail = syncMessage(syncSteps.step2, this.#merged());
    return this.#base === emptyUpdate ? [tail] : [syncMessage(syncSteps.update, this.#base), tail];
  }

  /** The answer to whoever knows nothing and reads packed states, if one has been packed. */
  packedAnswer(): Uint8Array[] | null {
    if (!this.#packed) return null;
    const rest = this.#tail.from(this.#packed.covered);
    const since = rest.length === 0 ? emptyUpdate : Y.mergeUpdates(rest);
    return [...this.#packed.messages, syncMessage(syncSteps.step2, since)];
  }

  /** What there is to pack; null where it is little, or packed already but for little. */
  toPack(): { readonly parts: readonly Uint8Array[]; readonly place: Omit<PackedState, "messages"> } | null {
    const packedBytes = this.#packed ? this.bytes - this.#tail.bytesFrom(this.#packed.covered) : 0;
    const isDue = this.bytes >= packFromBytes && this.bytes - packedBytes >= packedBytes / 16;
    if (!isDue) return null;
    return { parts: this.parts(), place: { base: this.#base, covered: this.#tail.length } };
  }

  /** Nothing, where the base has moved on meanwhile. */
  keepPacked(packed: PackedState): void {
    if (packed.base === this.#base) this.#packed = packed;
  }

  /** The committed document. Never change it. */
  document(): Y.Doc {
    this.#doc ??= { doc: documentFrom(this.#base), applied: 0 };
    const { doc } = this.#doc;
    if (this.#doc.applied < this.#tail.length) {
      const missing = this.#tail.from(this.#doc.applied);
      this.#doc.applied = this.#tail.length;
      Y.transact(doc, () => {
        for (const update of missing) Y.applyUpdate(doc, update);
      });
    }
    return doc;
  }

  /** The document, to write in: it is no longer this room's until it is given back. */
  takeDocument(): { readonly doc: Y.Doc; readonly giveBack: () => void } {
    const doc = this.document();
    const taken = this.#doc!;
    const base = this.#base;
    this.#doc = null;
    return {
      doc,
      giveBack: () => {
        // Another was made, or the base moved on, meanwhile: let this one go.
        if (this.#doc === null && this.#base === base) this.#doc = taken;
      },
    };
  }

  /** `whole` is the base with the first `covered` updates since: they are one from now on. */
  rebase(whole: Uint8Array, covered: number): void {
    // The document has to have what it will no longer find in the tail.
    if (this.#doc) this.document();
    this.#base = whole;
    this.#tail.drop(covered);
    // The base is of other bytes now, and still holds what was packed; what lies between must not be lost.
    const packed = this.#packed;
    this.#packed =
      packed && packed.covered >= covered
        ? { ...packed, base: whole, covered: packed.covered - covered }
        : null;
    this.#mergedTail = null;
    if (this.#doc) this.#doc.applied = this.#tail.length;
  }

  /** Let the Y.Doc go; bytes remain. */
  rest(): void {
    this.#doc?.doc.destroy();
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

function documentFrom(base: Uint8Array): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, base);
  return doc;
}
