import * as Y from "yjs";
import { readStoredRings } from "./decode-record.ts";
import { writeOutline } from "./edit.ts";
import { overtakenIds } from "./outline-overlay.ts";
import { annotationsMap, type RecordMap } from "./record-layout.ts";

/**
 * Fold single-vertex edits into the outlines of a room (SPEC F1-F4): the server does this in a room that nobody is in.
 * Ids stay, removed vertices stay as tombstones, and only the entries that were read are taken away, so that an edit made
 * meanwhile by somebody offline still applies when it arrives. A mark that cannot be read is left as it is.
 *
 * @param minimum fold a mark from this many overlay entries on
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
  try {
    const { rings, overlay } = readStoredRings(record);
    if (overlay.keys.length < minimum) return false;
    const idle = new Set(overtakenIds(rings, overlay));
    if (overlay.keys.every((key) => idle.has(Number.parseInt(key.slice(1), 36)))) return false;
    writeOutline(record, rings);
    return true;
  } catch {
    return false;
  }
}
