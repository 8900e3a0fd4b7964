import type * as Y from "yjs";
import { readStoredRings } from "./decode-record.ts";
import { packOutline, type StoredRing, type StoredVertex } from "./packed-outline.ts";
import {
  annotationsMap,
  effectiveValue,
  headKey,
  insertKey,
  outlineKey,
  type RecordMap,
  vertexKey,
} from "./record-layout.ts";
import type { StandingEdit } from "./undo-outcome.ts";

/** Where a vertex is, in 1/64 px, or that it is not (any more, or not yet). */
export type Place = readonly [x: number, y: number] | "removed";

/**
 * One thing that a gesture did to one mark, with what was there before: enough to take it back and to do it again.
 * Taking back writes the earlier value as a new, authored edit; nothing is ever deleted for it.
 */
export type Edit =
  | {
      readonly type: "value";
      readonly id: string;
      readonly key: string;
      readonly before: unknown;
      readonly after: unknown;
    }
  | {
      readonly type: "vertex";
      readonly id: string;
      readonly vertexId: number;
      readonly before: Place;
      readonly after: Place;
      /** Where to put it back if a whole-shape edit has dropped its tombstone. */
      readonly leftId: number | null;
      readonly fraction: number;
    }
  | {
      readonly type: "outline";
      readonly id: string;
      readonly before: readonly StoredRing[];
      readonly after: readonly StoredRing[];
    };

/** The edit that takes `edit` back. */
export function inverse(edit: Edit): Edit {
  return { ...edit, before: edit.after, after: edit.before } as Edit;
}

/**
 * Carry out `edit` if what it starts from is still there (compared by value, so that a fold in between changes nothing).
 * Within a transaction.
 *
 * @returns undefined when done, else the edit of somebody else that stands in its place
 */
export function applyEdit(doc: Y.Doc, edit: Edit): StandingEdit | undefined {
  const record = annotationsMap(doc).get(edit.id) as RecordMap | undefined;
  if (!record) return { annotationId: edit.id, client: null };
  switch (edit.type) {
    case "value": {
      if (!sameValue(effectiveValue(record, edit.key), edit.before))
        return standing(edit.id, record, edit.key);
      record.set(edit.key, edit.after);
      return undefined;
    }
    case "vertex":
      return applyVertexEdit(record, edit);
    case "outline":
      return applyOutlineEdit(record, edit);
  }
}

function applyVertexEdit(
  record: RecordMap,
  edit: Extract<Edit, { type: "vertex" }>,
): StandingEdit | undefined {
  const vertices = readStoredRings(record).rings.flatMap((ring) => ring.vertices);
  const current = vertices.find((vertex) => vertex.id === edit.vertexId);
  if (current) {
    const place: Place = current.removed ? "removed" : [current.x, current.y];
    if (!sameValue(place, edit.before)) return standing(edit.id, record, vertexKey(edit.vertexId));
    record.set(vertexKey(edit.vertexId), edit.after === "removed" ? 0 : [...edit.after]);
    return undefined;
  }
  const leftIsKnown = edit.leftId !== null && vertices.some((vertex) => vertex.id === edit.leftId);
  if (edit.before !== "removed" || edit.after === "removed" || !leftIsKnown)
    return standing(edit.id, record, outlineKey);
  record.set(insertKey(edit.vertexId), [edit.leftId, edit.fraction, ...edit.after]);
  return undefined;
}

function applyOutlineEdit(
  record: RecordMap,
  edit: Extract<Edit, { type: "outline" }>,
): StandingEdit | undefined {
  const { rings } = readStoredRings(record);
  if (sameLive(rings, edit.before)) {
    writeOutline(record, edit.after);
    return undefined;
  }
  // Somebody changed single vertices since: theirs stay where they put them, the others follow the gesture.
  const from = byId(edit.before);
  const to = byId(edit.after);
  let followed = 0;
  const merged = rings.map((ring) => ({
    ...ring,
    vertices: ring.vertices.map((vertex) => {
      const start = from.get(vertex.id);
      const end = to.get(vertex.id);
      if (!start || !end || !sameVertex(vertex, start)) return vertex;
      followed++;
      return end;
    }),
  }));
  if (followed === 0) return standing(edit.id, record, outlineKey);
  writeOutline(record, merged);
  return undefined;
}

/**
 * Write the whole outline (SPEC V8). Within a transaction. Nothing is deleted: where the overlay says otherwise about a vertex of
 * `rings`, its entry is set to the same place, so that neither a fold nor another whole-shape edit made at the same time
 * brings an older place back; entries about vertices that a replacement took away are newer than it and stay as they are.
 */
export function writeOutline(record: RecordMap, rings: readonly StoredRing[]): void {
  const { rings: present, overlay } = readStoredRings(record);
  const known = byId(present);
  record.set(outlineKey, packOutline(rings));
  for (const { vertices } of rings)
    for (const { id, x, y, removed } of vertices) {
      if (!known.has(id)) continue;
      const place: Place = removed ? "removed" : [x, y];
      const inserted = overlay.inserts.get(id);
      const said = overlay.moves.get(id) ?? (inserted && ([inserted.x, inserted.y] as const));
      if (said !== undefined && !sameValue(said, place)) record.set(vertexKey(id), removed ? 0 : [x, y]);
    }
}

/** Who wrote what stands under `key` now; falls back to the head, which every mark has. */
function standing(annotationId: string, record: RecordMap, key: string): StandingEdit {
  const item = record._map.get(key) ?? record._map.get(outlineKey) ?? record._map.get(headKey);
  return { annotationId, client: item?.id.client ?? null };
}

/** Equality of what JSON holds; keys of objects in any order. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array)
    return (
      a instanceof Uint8Array &&
      b instanceof Uint8Array &&
      a.length === b.length &&
      a.every((byte, i) => byte === b[i])
    );
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [keysA, keysB] = [Object.keys(a), Object.keys(b)];
  return (
    keysA.length === keysB.length &&
    keysA.every(
      (key) =>
        Object.hasOwn(b, key) &&
        sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}

function sameVertex(a: StoredVertex, b: StoredVertex): boolean {
  return a.id === b.id && a.x === b.x && a.y === b.y && a.removed === b.removed;
}

function sameLive(a: readonly StoredRing[], b: readonly StoredRing[]): boolean {
  const live = (rings: readonly StoredRing[]) =>
    rings.map((ring) => ({ ...ring, vertices: ring.vertices.filter((vertex) => !vertex.removed) }));
  return sameValue(live(a), live(b));
}

function byId(rings: readonly StoredRing[]): Map<number, StoredVertex> {
  return new Map(rings.flatMap((ring) => ring.vertices.map((vertex) => [vertex.id, vertex] as const)));
}
