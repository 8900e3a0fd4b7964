import * as Y from "yjs";
import { sameValue } from "./edit.ts";
import { annotationsMap } from "./record-layout.ts";

/** What one record of a refused copy holds that the server's document does not. */
export interface LackingRecord {
  readonly id: string;
  /** missing: the server has no such record. different: it lacks these keys' values. */
  readonly lack: "missing" | "different";
  readonly keys: readonly string[];
}

/**
 * Records of `copy` that hold something `server` lacks: values that `server` has not seen by its state vector and that it
 * does not hold in an equal form either (after a restore from backup the same values have other authors).
 *
 * @param copy   the refused document
 * @param server a document that finished its first synchronisation
 */
export function lackingRecords(copy: Y.Doc, server: Y.Doc): readonly LackingRecord[] {
  const seen = Y.decodeStateVector(Y.encodeStateVector(server));
  const theirs = annotationsMap(server);
  const lacking: LackingRecord[] = [];
  for (const [id, record] of annotationsMap(copy)) {
    if (!(record instanceof Y.Map)) continue;
    const counterpart = theirs.get(id);
    const keys = [...record.keys()].filter((key) => {
      const item = record._map.get(key);
      if (!item || item.lastId.clock < (seen.get(item.id.client) ?? 0)) return false;
      return !(counterpart instanceof Y.Map && sameValue(counterpart.get(key), record.get(key)));
    });
    if (keys.length) lacking.push({ id, lack: counterpart instanceof Y.Map ? "different" : "missing", keys });
  }
  return lacking;
}

/**
 * Write what is lacking into `target` as new edits of its own client, in one transaction.
 * A record that is missing comes whole; of one that is there only the lacking keys are set.
 *
 * @returns ids of the records written
 */
export function reapply(copy: Y.Doc, target: Y.Doc, lacking: readonly LackingRecord[]): readonly string[] {
  const from = annotationsMap(copy);
  const to = annotationsMap(target);
  const written: string[] = [];
  target.transact(() => {
    for (const { id, keys } of lacking) {
      const source = from.get(id);
      if (!(source instanceof Y.Map)) continue;
      const present = to.get(id);
      if (present instanceof Y.Map) for (const key of keys) present.set(key, source.get(key));
      else to.set(id, new Y.Map([...source.keys()].map((key) => [key, source.get(key)] as const)));
      written.push(id);
    }
  }, "rescue");
  return written;
}
