import * as Y from "yjs";
import { annotationsMap, foldedKey, type RecordMap } from "./record-layout.ts";
import { foldedEntries, readOverlay } from "./stored-overlay.ts";

/**
 * Fold the single-vertex entries of a room's marks into one packed entry each (SPEC F1-F4): the server does this in a room
 * that nobody is in. The outline itself is not written, so a replacement or a transformation made meanwhile by somebody
 * offline does not compete with the fold; only the entries that were read are taken away, so a move made meanwhile stays too.
 * A mark that cannot be read is left as it is.
 *
 * @param minimum fold a mark from this many entries on
 * @returns ids of the marks folded
 */
export function foldOutlines(doc: Y.Doc, minimum = 1): readonly string[] {
  const folded: string[] = [];
  doc.transact(() => {
    for (const [id, record] of annotationsMap(doc))
      if (record instanceof Y.Map && foldRecord(record as RecordMap, minimum)) folded.push(id);
  }, "fold");
  return folded;
}

function foldRecord(record: RecordMap, minimum: number): boolean {
  const overlay = readOverlay(record);
  if (overlay.fault !== undefined || overlay.keys.length < minimum) return false;
  record.set(foldedKey, foldedEntries(overlay));
  for (const key of overlay.keys) record.delete(key);
  return true;
}
