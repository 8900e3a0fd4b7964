import * as Y from "yjs";
import { annotationsMap, effectiveValue, fieldKeys, type RecordMap } from "./record-layout.ts";

/** Ids of the marks that are deleted now (SPEC D1). Those that cannot be read count where their `d` says so. */
export function deletedMarkIds(doc: Y.Doc): readonly string[] {
  return [...annotationsMap(doc)].filter(([, record]) => isDeleted(record)).map(([id]) => id);
}

/**
 * Remove deleted marks for good (SPEC D2): the server does this after the retention, in a room that nobody is in.
 *
 * @param ids marks to remove; those that are not deleted (any more) stay
 * @returns ids of the marks removed
 */
export function purgeMarks(doc: Y.Doc, ids: readonly string[]): readonly string[] {
  const records = annotationsMap(doc);
  const due = ids.filter((id) => isDeleted(records.get(id)));
  doc.transact(() => {
    for (const id of due) records.delete(id);
  }, "purge");
  return due;
}

function isDeleted(record: unknown): boolean {
  return record instanceof Y.Map && effectiveValue(record as RecordMap, fieldKeys.deleted) === true;
}
