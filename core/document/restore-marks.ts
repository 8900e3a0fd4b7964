import * as Y from "yjs";
import { readStoredRings } from "./decode-record.ts";
import { DocumentError } from "./document-error.ts";
import { sameValue } from "./edit.ts";
import { packOutline, type StoredRing } from "./packed-outline.ts";
import {
  annotationsMap,
  attributePrefix,
  effectiveValue,
  fieldKeys,
  headKey,
  originPrefix,
  outlineKey,
  parameterPrefix,
  type RecordMap,
  readHead,
  vertexKey,
} from "./record-layout.ts";
import { readOverlay } from "./stored-overlay.ts";

/** Marks as they lay in the document at some moment: id → key → value. Plain: it may cross threads. */
export type StoredMarks = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

/** The stored entries of these marks, or of all. Values that are no mark are left out. */
export function storedMarks(doc: Y.Doc, ids?: readonly string[]): StoredMarks {
  const records = annotationsMap(doc);
  const marks = new Map<string, ReadonlyMap<string, unknown>>();
  for (const id of ids ?? records.keys()) {
    const record = records.get(id);
    if (record instanceof Y.Map) marks.set(id, new Map(record.entries()));
  }
  return marks;
}

export interface RestoredMarks {
  /** Marks that say something else now than before. */
  readonly changed: readonly string[];
  /** Marks whose outline could not be read, then or now: they stay as they are. */
  readonly unreadable: readonly string[];
}

/**
 * Make marks say again what they said at an earlier moment, as new edits within one transaction. Nothing is taken out of
 * the document: a field that was not set then gets its earlier value, a vertex added since is removed like by hand, and a
 * mark that was purged comes back whole. Whoever is offline merges with this as with any other edit.
 *
 * @param then  the marks at that moment
 * @param scope "these": exactly the marks of `then`; "all": also marks made since are deleted
 * @throws DocumentError "annotation-locked" where a mark of "these" is locked: nothing is changed then
 */
export function restoreMarks(doc: Y.Doc, then: StoredMarks, scope: "these" | "all"): RestoredMarks {
  const records = annotationsMap(doc);
  if (scope === "these") for (const id of then.keys()) refuseLocked(id, records.get(id));
  const changed: string[] = [];
  const unreadable: string[] = [];
  doc.transact(() => {
    for (const [id, entries] of then) {
      const record = records.get(id);
      if (!(record instanceof Y.Map)) {
        records.set(id, new Y.Map(entries));
        changed.push(id);
        continue;
      }
      const outcome = restoreRecord(record as RecordMap, new Map(entries));
      if (outcome === "changed") changed.push(id);
      else if (outcome === "unreadable") unreadable.push(id);
    }
    if (scope === "these") return;
    for (const [id, record] of records) {
      if (then.has(id) || !(record instanceof Y.Map)) continue;
      if (setField(record as RecordMap, fieldKeys.deleted, true)) changed.push(id);
    }
  }, "restore");
  return { changed, unreadable };
}

function restoreRecord(record: RecordMap, then: Map<string, unknown>): "changed" | "same" | "unreadable" {
  let rings: readonly StoredRing[];
  let outlineDiffers: boolean;
  try {
    rings = readStoredRings(then).rings;
    outlineDiffers = !sameValue(live(rings), live(readStoredRings(record).rings));
  } catch {
    return "unreadable";
  }
  let differs = false;
  if (outlineDiffers) {
    writeOutlineExactly(record, rings);
    differs = true;
  }
  const head = readHead(then);
  for (const key of new Set([...Object.values(fieldKeys), ...record.keys(), ...then.keys()])) {
    if (!isField(key)) continue;
    if (setField(record, key, effectiveValue(then, key, head))) differs = true;
  }
  return differs ? "changed" : "same";
}

/** Fields merge each for itself; the head never changes, the outline has its own way, origins are only ever added to. */
function isField(key: string): boolean {
  if (key === headKey || key === outlineKey || key.startsWith(originPrefix)) return false;
  return (
    (Object.values(fieldKeys) as readonly string[]).includes(key) ||
    key.startsWith(attributePrefix) ||
    key.startsWith(parameterPrefix)
  );
}

function setField(record: RecordMap, key: string, value: unknown): boolean {
  if (sameValue(effectiveValue(record, key), value)) return false;
  record.set(key, value);
  return true;
}

/**
 * Write the whole outline so that nothing the overlay says, now or after an undo, adds to it or moves it: vertices
 * inserted since are removed, and entries about its own vertices are set to where they were.
 */
function writeOutlineExactly(record: RecordMap, rings: readonly StoredRing[]): void {
  record.set(outlineKey, packOutline(rings));
  const { moves, inserts } = readOverlay(record);
  const own = new Set<number>();
  for (const { id, x, y, removed } of rings.flatMap(({ vertices }) => vertices)) {
    own.add(id);
    const said = moves.get(id);
    if (said !== undefined && !sameValue(said, removed ? "removed" : [x, y]))
      record.set(vertexKey(id), removed ? 0 : [x, y]);
  }
  for (const id of inserts.keys())
    if (!own.has(id) && moves.get(id) !== "removed") record.set(vertexKey(id), 0);
}

function live(rings: readonly StoredRing[]) {
  return rings.map((ring) => ({ ...ring, vertices: ring.vertices.filter((vertex) => !vertex.removed) }));
}

function refuseLocked(id: string, record: unknown): void {
  if (record instanceof Y.Map && effectiveValue(record as RecordMap, fieldKeys.locked) === true)
    throw new DocumentError("annotation-locked", `Mark "${id}" is locked: unlock it before restoring it.`, {
      id,
    });
}
