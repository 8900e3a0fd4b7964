import * as Y from "yjs";
import type { Annotation, InvalidRecord } from "#core/schema/annotation.ts";
import { secureRandom } from "#core/schema/ids.ts";
import { carryOut } from "./carry-out.ts";
import type { AnnotationCommand } from "./commands.ts";
import { decodeRecord } from "./decode-record.ts";
import { isOrderKey, orderBetween } from "./order-key.ts";
import { overtakenByReplacement } from "./overtaken.ts";
import { annotationsMap, effectiveValue, fieldKeys, type RecordMap } from "./record-layout.ts";
import { touchedRecordIds } from "./touched-records.ts";
import type { UndoOutcome } from "./undo-outcome.ts";
import { UndoStack } from "./undo-stack.ts";

export interface AnnotationChange {
  /** Created, edited, restored. */
  readonly changed: ReadonlySet<string>;
  /** Deleted, purged, or no longer valid. */
  readonly removed: ReadonlySet<string>;
  /** Marks whose whole outline somebody replaced while this document's own vertex edits stood on it: tell their author. */
  readonly overtaken: ReadonlySet<string>;
  /** True where this document's own command, undo or redo made the change. */
  readonly local: boolean;
}

/** The annotations of one room: typed reads, one transaction a command, undo of one's own gestures. */
export interface AnnotationDocument {
  readonly doc: Y.Doc;
  /** Rises with every change: the snapshot for useSyncExternalStore. */
  readonly version: number;
  /** Live marks by id. One and the same map for the life of the document, kept up to date. */
  annotations(): ReadonlyMap<string, Annotation>;
  /** A live or deleted mark. */
  get(id: string): Annotation | undefined;
  deletedAnnotations(): ReadonlyMap<string, Annotation>;
  /** Records that cannot be read, with the reason; they are kept untouched. */
  invalid(): readonly InvalidRecord[];
  /** One gesture: one transaction, one undo step. @throws DocumentError, and changes nothing then */
  execute(command: AnnotationCommand): void;
  undo(): UndoOutcome;
  redo(): UndoOutcome;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  subscribe(listener: (change: AnnotationChange) => void): () => void;
  /** Stop listening to the Y.Doc. */
  close(): void;
}

/** Origin of the transactions made here: whoever listens to the Y.Doc sees which command an update came from. */
export interface GestureOrigin {
  readonly gesture: AnnotationCommand | "undo" | "redo";
}

/** Annotations of `doc`. `random` (uniform in [0,1)) makes vertex ids; by default from the platform's cryptographic source. */
export function openAnnotationDocument(
  doc: Y.Doc,
  { random = secureRandom }: { readonly random?: () => number } = {},
): AnnotationDocument {
  return new YAnnotationDocument(doc, random);
}

/** The same for as long as `work` takes. */
export function withAnnotations<T>(doc: Y.Doc, work: (document: AnnotationDocument) => T): T {
  const document = openAnnotationDocument(doc);
  try {
    return work(document);
  } finally {
    document.close();
  }
}

class YAnnotationDocument implements AnnotationDocument {
  readonly doc: Y.Doc;
  readonly #records: Y.Map<unknown>;
  readonly #random: () => number;
  readonly #undo: UndoStack;
  readonly #live = new Map<string, Annotation>();
  readonly #deleted = new Map<string, Annotation>();
  readonly #invalid = new Map<string, string>();
  readonly #overtaken = new Set<string>();
  readonly #listeners = new Set<(change: AnnotationChange) => void>();
  #topOrder: string | null = null;
  #version = 0;

  constructor(doc: Y.Doc, random: () => number) {
    this.doc = doc;
    this.#records = annotationsMap(doc);
    this.#random = random;
    this.#undo = new UndoStack(doc);
    for (const id of this.#records.keys()) this.#decode(id);
    this.#records.observeDeep(this.#follow);
  }

  get version(): number {
    return this.#version;
  }

  annotations(): ReadonlyMap<string, Annotation> {
    return this.#live;
  }

  get(id: string): Annotation | undefined {
    return this.#live.get(id) ?? this.#deleted.get(id);
  }

  deletedAnnotations(): ReadonlyMap<string, Annotation> {
    return this.#deleted;
  }

  invalid(): readonly InvalidRecord[] {
    return [...this.#invalid].map(([id, reason]) => ({ id, reason }));
  }

  execute(command: AnnotationCommand): void {
    const context = { random: this.#random, topOrder: () => this.#nextOrder() };
    const origin: GestureOrigin = { gesture: command };
    const edits = this.doc.transact(() => carryOut(this.doc, command, context), origin);
    this.#undo.push(edits);
  }

  undo(): UndoOutcome {
    return this.doc.transact(() => this.#undo.undo(), { gesture: "undo" } satisfies GestureOrigin);
  }

  redo(): UndoOutcome {
    return this.doc.transact(() => this.#undo.redo(), { gesture: "redo" } satisfies GestureOrigin);
  }

  get canUndo(): boolean {
    return this.#undo.canUndo;
  }

  get canRedo(): boolean {
    return this.#undo.canRedo;
  }

  subscribe(listener: (change: AnnotationChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#records.unobserveDeep(this.#follow);
    this.#listeners.clear();
  }

  readonly #follow = (
    events: readonly Y.YEvent<Y.AbstractType<unknown>>[],
    transaction: Y.Transaction,
  ): void => {
    const changed = new Set<string>();
    const removed = new Set<string>();
    const overtaken = new Set<string>();
    for (const id of touchedRecordIds(events, this.#records)) {
      const wasLive = this.#live.has(id);
      this.#decode(id);
      if (this.#live.has(id)) changed.add(id);
      else if (wasLive) removed.add(id);
      if (!transaction.local && this.#noteOvertaken(id)) overtaken.add(id);
    }
    this.#version++;
    const change: AnnotationChange = { changed, removed, overtaken, local: transaction.local };
    for (const listener of [...this.#listeners]) listener(change);
  };

  /** Read one record anew: an edit of one mark costs the decoding of one mark. */
  #decode(id: string): void {
    this.#live.delete(id);
    this.#deleted.delete(id);
    this.#invalid.delete(id);
    if (!this.#records.has(id)) return;
    const value = this.#records.get(id);
    const decoded = decodeRecord(id, value);
    if (decoded.valid) {
      const { annotation } = decoded;
      (annotation.deleted ? this.#deleted : this.#live).set(id, annotation);
      if (isOrderKey(annotation.order) && (this.#topOrder === null || annotation.order > this.#topOrder))
        this.#topOrder = annotation.order;
    } else if (!isDeleted(value)) this.#invalid.set(id, decoded.reason);
  }

  /** True once for each time that a replacement makes own vertex edits of a mark point nowhere. */
  #noteOvertaken(id: string): boolean {
    const record = this.#records.get(id);
    const is = record instanceof Y.Map && overtakenByReplacement(record as RecordMap, this.doc.clientID);
    const was = this.#overtaken.has(id);
    if (is) this.#overtaken.add(id);
    else this.#overtaken.delete(id);
    return is && !was;
  }

  #nextOrder(): string {
    this.#topOrder = orderBetween(this.#topOrder, null);
    return this.#topOrder;
  }
}

/** What was deleted is not complained about, however broken it is. */
function isDeleted(value: unknown): boolean {
  return value instanceof Y.Map && effectiveValue(value as RecordMap, fieldKeys.deleted) === true;
}
