import * as Y from "yjs";
import { measureAnnotations } from "#core/analysis/measure-annotations.ts";
import { resamplingSeed } from "#core/analysis/resampling-seed.ts";
import { withAnnotations } from "#core/document/annotation-document.ts";
import { decodeRecord } from "#core/document/decode-record.ts";
import { foldOutlines } from "#core/document/fold.ts";
import { markChanges } from "#core/document/mark-changes.ts";
import { deletedMarkIds, purgeMarks } from "#core/document/purge.ts";
import { annotationsMap } from "#core/document/record-layout.ts";
import { storedMarks } from "#core/document/restore-marks.ts";
import { takeSnapshot } from "#core/document/snapshot.ts";
import type { Replay } from "./replay.ts";
import { replayedDocument } from "./replayed-document.ts";
import { carryOutServerEdit, type ServerEditResult } from "./server-edit.ts";
import { writtenArray, writtenObject } from "./written-json.ts";

/** Marks are folded from this many single-vertex entries on: a fold costs more bytes in the log than it saves below. */
const foldFromEntries = 4;

/** The replays that know what a mark is. */
export const replayOfMarks: Omit<Replay, "fold" | "pack"> = {
  async tidy(parts, clientId) {
    const doc = replayedDocument(parts, clientId);
    const update = updateOf(doc, () => foldOutlines(doc, foldFromEntries));
    return { update, deletedMarks: deletedMarkIds(doc) };
  },
  countDeleted: async (parts) => deletedMarkIds(replayedDocument(parts)).length,
  async purge(parts, clientId, marks) {
    const doc = replayedDocument(parts, clientId);
    return updateOf(doc, () => purgeMarks(doc, marks));
  },
  async write(parts, clientId, edit) {
    const doc = replayedDocument(parts, clientId);
    let result!: ServerEditResult<typeof edit>;
    const update = updateOf(doc, () => {
      result = carryOutServerEdit(doc, edit);
    });
    return { update, result };
  },
  countByClass: async (parts) =>
    withAnnotations(replayedDocument(parts), (document) => {
      const counts = new Map<string | null, number>();
      for (const { classId } of document.annotations().values())
        counts.set(classId, (counts.get(classId) ?? 0) + 1);
      return [...counts].map(([classId, count]) => ({ classId, count }));
    }),
  annotations: async (parts) =>
    withAnnotations(replayedDocument(parts), (document) => {
      const { annotations, ...head } = takeSnapshot(document);
      return writtenObject(head, "annotations", annotations);
    }),
  measurements: async (parts, calibration) =>
    withAnnotations(replayedDocument(parts), (document) =>
      writtenArray(
        measureAnnotations([...document.annotations().values()], calibration, { seed: resamplingSeed }),
      ),
    ),
  async changes(parts, updates) {
    const doc = replayedDocument(parts);
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
  marks: async (parts, ids) => storedMarks(replayedDocument(parts), ids),
};

function updateOf(doc: Y.Doc, change: () => void): Uint8Array | null {
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => void updates.push(update));
  change();
  return updates.length === 0 ? null : Y.mergeUpdates(updates);
}
