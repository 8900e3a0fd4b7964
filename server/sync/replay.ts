import { gzipSync } from "node:zlib";
import * as Y from "yjs";
import { measureAnnotations } from "#core/analysis/measure-annotations.ts";
import { type AnnotationDocument, openAnnotationDocument } from "#core/document/annotation-document.ts";
import { decodeRecord } from "#core/document/decode-record.ts";
import { foldOutlines } from "#core/document/fold.ts";
import { markChanges } from "#core/document/mark-changes.ts";
import { deletedMarkIds, purgeMarks } from "#core/document/purge.ts";
import { annotationsMap } from "#core/document/record-layout.ts";
import { type StoredMarks, storedMarks } from "#core/document/restore-marks.ts";
import { takeSnapshot } from "#core/document/snapshot.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import type { MarkChangeWord } from "#core/schema/mark-change.ts";
import type { Pack } from "./kept-pack.ts";
import { carryOutServerEdit, type ServerEdit, type ServerEditResult } from "./server-edit.ts";
import { statePieces } from "./state-pieces.ts";
import { type Written, writtenArray, writtenObject } from "./written-json.ts";

/** Bootstraps of one micrograph use one seed, so that the panel, the API and an export give the same interval. */
const measurementSeed = 1;

/** A room's content as bytes, in the order to apply: a whole state, then updates. */
export type Parts = readonly Uint8Array[];

export interface ReplayedUpdate {
  readonly bytes: Uint8Array;
  /** Marks to be looked at. */
  readonly touched: readonly string[];
}

/** What an update did to a mark. The mark as it was after it, or before where it is gone; null where it can be read in neither. */
export interface MarkChange {
  readonly annotationId: string;
  readonly words: readonly MarkChangeWord[];
  readonly mark: Annotation | null;
}

export interface ClassCount {
  /** Null: marks of no class. */
  readonly classId: string | null;
  readonly count: number;
}

/** Marks are folded from this many single-vertex entries on: a fold costs more bytes in the log than it saves below. */
const foldFromEntries = 4;

/**
 * What is worked out from a room's bytes alone, without the room: a Y.Doc is made, read or written, and let go. For a
 * large room each of these takes seconds of processor time; `ReplayThreads` does them where they stall nobody.
 */
export interface Replay {
  /** One whole state of everything. */
  fold(parts: Parts): Promise<Uint8Array>;
  /** The same in pieces, for whoever opens the room. */
  pack(parts: Parts): Promise<Pack>;
  /** An update under this client id that folds the outlines, or null; and which marks are deleted now. */
  tidy(
    parts: Parts,
    clientId: number,
  ): Promise<{ readonly update: Uint8Array | null; readonly deletedMarks: readonly string[] }>;
  /** How many marks are deleted and not purged yet. */
  countDeleted(parts: Parts): Promise<number>;
  /** An update under this client id that removes these marks where they are deleted, or null. */
  purge(parts: Parts, clientId: number, marks: readonly string[]): Promise<Uint8Array | null>;
  /** An update under this client id that does the edit, or null where it changes nothing; and what came of it. */
  write<Edit extends ServerEdit>(
    parts: Parts,
    clientId: number,
    edit: Edit,
  ): Promise<{ readonly update: Uint8Array | null; readonly result: ServerEditResult<Edit> }>;
  /** What each of these updates did to the marks it touched, replayed one after the other on `parts`: what people see. */
  changes(parts: Parts, updates: readonly ReplayedUpdate[]): Promise<readonly (readonly MarkChange[])[]>;
  /** How many marks there are of each class. */
  countByClass(parts: Parts): Promise<readonly ClassCount[]>;
  /** The marks in native JSON, as it is sent. */
  annotations(parts: Parts): Promise<Written>;
  /** Every number of them: a JSON array, as it is sent. */
  measurements(parts: Parts, calibration: Calibration): Promise<Written>;
  /** These marks, or all, as they are stored. */
  marks(parts: Parts, ids?: readonly string[]): Promise<StoredMarks>;
}

export const replayHere: Replay = {
  fold: async (parts) => Y.encodeStateAsUpdate(documentOf(parts)),
  async pack(parts) {
    const state = parts.length === 1 ? parts[0]! : Y.mergeUpdates([...parts]);
    return {
      vector: Y.encodeStateVectorFromUpdate(state),
      pieces: statePieces(state).map((piece) => new Uint8Array(gzipSync(piece, { level: 6 }))),
    };
  },
  async tidy(parts, clientId) {
    const doc = documentOf(parts, clientId);
    const update = updateOf(doc, () => foldOutlines(doc, foldFromEntries));
    return { update, deletedMarks: deletedMarkIds(doc) };
  },
  countDeleted: async (parts) => deletedMarkIds(documentOf(parts)).length,
  async purge(parts, clientId, marks) {
    const doc = documentOf(parts, clientId);
    return updateOf(doc, () => purgeMarks(doc, marks));
  },
  async write(parts, clientId, edit) {
    const doc = documentOf(parts, clientId);
    let result!: ServerEditResult<typeof edit>;
    const update = updateOf(doc, () => {
      result = carryOutServerEdit(doc, edit);
    });
    return { update, result };
  },
  countByClass: async (parts) =>
    reading(documentOf(parts), (document) => {
      const counts = new Map<string | null, number>();
      for (const { classId } of document.annotations().values())
        counts.set(classId, (counts.get(classId) ?? 0) + 1);
      return [...counts].map(([classId, count]) => ({ classId, count }));
    }),
  annotations: async (parts) =>
    reading(documentOf(parts), (document) => {
      const { annotations, ...head } = takeSnapshot(document);
      return writtenObject(head, "annotations", annotations);
    }),
  measurements: async (parts, calibration) =>
    reading(documentOf(parts), (document) =>
      writtenArray(
        measureAnnotations([...document.annotations().values()], calibration, { seed: measurementSeed }),
      ),
    ),
  async changes(parts, updates) {
    const doc = documentOf(parts);
    const records = annotationsMap(doc);
    const read = (id: string) => {
      const decoded = decodeRecord(id, records.get(id));
      return decoded.valid ? decoded.annotation : undefined;
    };
    return updates.map(({ bytes, touched }) => {
      const before = touched.map(read);
      Y.applyUpdate(doc, bytes);
      return touched.flatMap((annotationId, i) => {
        const after = read(annotationId);
        const words = markChanges(before[i], after);
        return words.length === 0 ? [] : [{ annotationId, words, mark: after ?? before[i] ?? null }];
      });
    });
  },
  marks: async (parts, ids) => storedMarks(documentOf(parts), ids),
};

function documentOf(parts: Parts, clientId?: number): Y.Doc {
  const doc = new Y.Doc();
  Y.transact(doc, () => {
    for (const part of parts) Y.applyUpdate(doc, part);
  });
  // Afterwards: Yjs takes another id when an update holds its own.
  if (clientId !== undefined) doc.clientID = clientId;
  return doc;
}

function updateOf(doc: Y.Doc, change: () => void): Uint8Array | null {
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => void updates.push(update));
  change();
  return updates.length === 0 ? null : Y.mergeUpdates(updates);
}

function reading<T>(doc: Y.Doc, read: (document: AnnotationDocument) => T): T {
  const document = openAnnotationDocument(doc);
  try {
    return read(document);
  } finally {
    document.close();
  }
}
