import * as Y from "yjs";
import type { NewAnnotation, Outline } from "#core/schema/annotation.ts";
import { recordId } from "#core/schema/ids.ts";
import { geometryFault } from "#core/schema/kind-definition.ts";
import { kindDefinition } from "#core/schema/kinds.ts";
import type { AnnotationCommand, AnnotationFields } from "./commands.ts";
import { decodeEntries, decodeRecord, readStoredRings } from "./decode-record.ts";
import { DocumentError } from "./document-error.ts";
import { applyEdit, type Edit, inverse, type Place } from "./edit.ts";
import { insertionFraction, mintVertexIds } from "./outline-overlay.ts";
import { packOutline, type StoredRing, toPx, toStored } from "./packed-outline.ts";
import {
  annotationsMap,
  attributePrefix,
  effectiveValue,
  type FieldName,
  fieldKeys,
  headKey,
  insertKey,
  makeHead,
  outlineKey,
  parameterPrefix,
  type RecordMap,
  vertexKey,
} from "./record-layout.ts";

/** What carrying out a command needs to know beside the document. */
export interface CommandContext {
  /** Uniform in [0, 1): makes vertex ids. */
  readonly random: () => number;
  /** An order key above every mark there is. */
  topOrder(): string;
}

/**
 * Carry out one command within the transaction that is open, each part checked before it is written. A `together` whose
 * later part cannot be done takes back its earlier parts.
 *
 * @returns the edits made, in order: what undo takes back
 * @throws DocumentError and the marks are as they were
 */
export function carryOut(doc: Y.Doc, command: AnnotationCommand, context: CommandContext): readonly Edit[] {
  if (command.type !== "together") return carryOutOne(doc, command, context);
  const edits: Edit[] = [];
  try {
    for (const part of command.commands) edits.push(...carryOut(doc, part, context));
  } catch (error) {
    for (const edit of edits.toReversed()) applyEdit(doc, inverse(edit));
    throw error;
  }
  return edits;
}

function carryOutOne(
  doc: Y.Doc,
  command: Exclude<AnnotationCommand, { type: "together" }>,
  context: CommandContext,
): readonly Edit[] {
  switch (command.type) {
    case "create":
      return [create(doc, command.id, command.annotation, context)];
    case "set-fields":
      return setFields(openRecord(doc, command.id, "locked" in command.fields), command.id, command.fields);
    case "move-vertices":
      return moveVertices(openRecord(doc, command.id), command);
    case "insert-vertex":
      return [insertVertex(openRecord(doc, command.id), command, context)];
    case "remove-vertices":
      return removeVertices(openRecord(doc, command.id), command);
    case "replace-outline":
      return [replaceOutline(openRecord(doc, command.id), command, context)];
    case "transform":
      return transform(
        command.ids.map((id) => ({ id, record: openRecord(doc, id) })),
        command.affine,
      );
    case "delete":
    case "restore": {
      const deleted = command.type === "delete";
      const records = command.ids.map((id) => ({ id, record: existingRecord(doc, id) }));
      if (deleted) for (const { id, record } of records) refuseLocked(id, record);
      return records.flatMap(({ id, record }) => setValue(record, id, fieldKeys.deleted, deleted));
    }
  }
}

function create(doc: Y.Doc, id: string, annotation: NewAnnotation, context: CommandContext): Edit {
  if (!recordId.safeParse(id).success)
    throw new DocumentError(
      "invalid-fields",
      `Expected an id of 1 to 40 letters, digits, "_" or "-", received "${id}".`,
    );
  const records = annotationsMap(doc);
  if (records.has(id))
    throw new DocumentError("annotation-exists", `Expected a new id, "${id}" exists already.`, { id });
  const definition = kindDefinition(annotation.kind);
  const rings = numbered(annotation.rings, 0);
  checkGeometry(id, annotation.kind, rings);
  const head = makeHead({ ...annotation, order: context.topOrder() }, definition!.version);
  const entries = new Map<string, unknown>([
    [headKey, head],
    [outlineKey, packOutline(rings)],
  ]);
  const decoded = decodeEntries(id, entries, doc.clientID);
  if (!decoded.valid)
    throw new DocumentError("invalid-fields", `The mark cannot be made: ${decoded.reason}.`, { id });
  records.set(id, new Y.Map(entries));
  return { type: "value", id, key: fieldKeys.deleted, before: true, after: false };
}

function setFields(record: RecordMap, id: string, fields: AnnotationFields): readonly Edit[] {
  const writes: [key: string, value: unknown][] = [];
  for (const name of Object.keys(fieldKeys) as FieldName[]) {
    const value = fields[name as keyof AnnotationFields];
    if (value !== undefined) writes.push([fieldKeys[name], value]);
  }
  for (const [key, value] of Object.entries(fields.attributes ?? {}))
    writes.push([attributePrefix + key, value]);
  for (const [key, value] of Object.entries(fields.parameters ?? {}))
    writes.push([parameterPrefix + key, value]);
  const wasValid = decodeRecord(id, record).valid;
  const edits = writes.flatMap(([key, value]) => setValue(record, id, key, value));
  const decoded = decodeRecord(id, record);
  if (wasValid && !decoded.valid) {
    for (const edit of edits.toReversed()) applyEdit(record.doc!, inverse(edit));
    throw new DocumentError("invalid-fields", `The change cannot be made: ${decoded.reason}.`, { id });
  }
  return edits;
}

function setValue(record: RecordMap, id: string, key: string, after: unknown): readonly Edit[] {
  const edit: Edit = { type: "value", id, key, before: effectiveValue(record, key), after };
  record.set(key, after);
  return [edit];
}

function moveVertices(
  record: RecordMap,
  { id, vertices }: Extract<AnnotationCommand, { type: "move-vertices" }>,
): readonly Edit[] {
  const edits = vertices.map((vertex) => ({
    ...vertexEdit(record, id, vertex.id),
    after: [toStored(vertex.x), toStored(vertex.y)] as const,
  }));
  const moved = new Map(vertices.map((vertex) => [vertex.id, vertex]));
  const rings = readStoredRings(record).rings.map((ring) => ({
    ...ring,
    vertices: ring.vertices.map((vertex) => {
      const target = moved.get(vertex.id);
      return target ? { ...vertex, x: toStored(target.x), y: toStored(target.y) } : vertex;
    }),
  }));
  checkGeometry(id, kindOf(record), rings);
  for (const edit of edits) record.set(vertexKey(edit.vertexId), [...edit.after]);
  return edits;
}

function insertVertex(
  record: RecordMap,
  command: Extract<AnnotationCommand, { type: "insert-vertex" }>,
  context: CommandContext,
): Edit {
  const { id, leftId } = command;
  const { rings, overlay } = readStoredRings(record);
  const [x, y] = [toStored(command.x), toStored(command.y)];
  const fraction = insertionFraction(rings, overlay.inserts, leftId, x, y);
  if (fraction === undefined) throw unknownVertex(id, leftId);
  const vertexId = mintVertexIds(context.random);
  const grown = rings.map((ring) => ({
    ...ring,
    vertices: ring.vertices.flatMap((vertex) =>
      vertex.id === leftId ? [vertex, { id: vertexId, x, y, removed: false }] : [vertex],
    ),
  }));
  checkGeometry(id, kindOf(record), grown);
  record.set(insertKey(vertexId), [leftId, fraction, x, y]);
  return { type: "vertex", id, vertexId, before: "removed", after: [x, y], leftId, fraction };
}

function removeVertices(
  record: RecordMap,
  { id, vertexIds }: Extract<AnnotationCommand, { type: "remove-vertices" }>,
): readonly Edit[] {
  const edits = vertexIds.map((vertexId) => ({
    ...vertexEdit(record, id, vertexId),
    after: "removed" as const,
  }));
  const gone = new Set(vertexIds);
  const rings = readStoredRings(record).rings.map((ring) => ({
    ...ring,
    vertices: ring.vertices.map((vertex) => (gone.has(vertex.id) ? { ...vertex, removed: true } : vertex)),
  }));
  checkGeometry(id, kindOf(record), rings);
  for (const vertexId of vertexIds) record.set(vertexKey(vertexId), 0);
  return edits;
}

/** What undo must know of a vertex before it is moved or removed. @throws DocumentError "unknown-vertex" */
function vertexEdit(record: RecordMap, id: string, vertexId: number) {
  for (const { vertices } of readStoredRings(record).rings) {
    const index = vertices.findIndex((vertex) => vertex.id === vertexId);
    const vertex = vertices[index];
    if (!vertex || vertex.removed) continue;
    const before: Place = [vertex.x, vertex.y];
    // Half of the scale: between its left neighbour and whatever was inserted after that since.
    return {
      type: "vertex" as const,
      id,
      vertexId,
      before,
      leftId: vertices[index - 1]?.id ?? null,
      fraction: 32_768,
    };
  }
  throw unknownVertex(id, vertexId);
}

function replaceOutline(
  record: RecordMap,
  { id, rings }: Extract<AnnotationCommand, { type: "replace-outline" }>,
  context: CommandContext,
): Edit {
  const count = rings.reduce((sum, ring) => sum + ring.points.length, 0);
  const after = numbered(rings, mintVertexIds(context.random, count));
  checkGeometry(id, kindOf(record), after);
  return outlineEdit(record, id, after);
}

function transform(
  targets: readonly { readonly id: string; readonly record: RecordMap }[],
  [a, b, c, d, e, f]: Extract<AnnotationCommand, { type: "transform" }>["affine"],
): readonly Edit[] {
  const planned = targets.map(({ id, record }) => {
    const rings = readStoredRings(record).rings.map((ring) => ({
      ...ring,
      vertices: ring.vertices.map((vertex) => {
        const [x, y] = [toPx(vertex.x), toPx(vertex.y)];
        return { ...vertex, x: toStored(a * x + c * y + e), y: toStored(b * x + d * y + f) };
      }),
    }));
    checkGeometry(id, kindOf(record), rings);
    return { id, record, rings };
  });
  return planned.map(({ id, record, rings }) => outlineEdit(record, id, rings));
}

function outlineEdit(record: RecordMap, id: string, after: readonly StoredRing[]): Edit {
  const before = readStoredRings(record).rings;
  const edit: Edit = { type: "outline", id, before, after };
  applyEdit(record.doc!, edit);
  return edit;
}

/** Vertices numbered from `firstId` over the whole mark, coordinates quantised to 1/64 px. */
function numbered(rings: NewAnnotation["rings"], firstId: number): StoredRing[] {
  let next = firstId;
  return rings.map(({ closed, hole, points }) => ({
    closed,
    hole,
    vertices: points.map(([x, y]) => ({ id: next++, x: toStored(x), y: toStored(y), removed: false })),
  }));
}

function checkGeometry(id: string, kind: string, rings: readonly StoredRing[]): void {
  const definition = kindDefinition(kind);
  if (!definition)
    throw new DocumentError(
      "invalid-fields",
      `Expected a kind of annotation this version knows, received "${kind}".`,
      { id },
    );
  const outline: Outline = {
    rings: rings
      .map((ring) => ({
        ...ring,
        vertices: ring.vertices
          .filter((v) => !v.removed)
          .map((v) => ({ id: v.id, x: toPx(v.x), y: toPx(v.y) })),
      }))
      .filter((ring) => ring.vertices.length > 0),
  };
  const fault = geometryFault(definition.geometry, outline);
  if (fault)
    throw new DocumentError("invalid-geometry", `The ${kind} cannot have this outline: ${fault}.`, {
      id,
      kind,
    });
}

function kindOf(record: RecordMap): string {
  return String(effectiveValue(record, "k"));
}

function existingRecord(doc: Y.Doc, id: string): RecordMap {
  const record = annotationsMap(doc).get(id);
  if (record instanceof Y.Map) return record as RecordMap;
  throw new DocumentError("unknown-annotation", `Expected a mark of this micrograph, "${id}" is none.`, {
    id,
  });
}

/** A mark that may be changed: there, not deleted, not locked. */
function openRecord(doc: Y.Doc, id: string, unlocking = false): RecordMap {
  const record = existingRecord(doc, id);
  if (effectiveValue(record, fieldKeys.deleted) === true)
    throw new DocumentError(
      "annotation-deleted",
      `Mark "${id}" was deleted: restore it before changing it.`,
      { id },
    );
  if (!unlocking) refuseLocked(id, record);
  return record;
}

function refuseLocked(id: string, record: RecordMap): void {
  if (effectiveValue(record, fieldKeys.locked) === true)
    throw new DocumentError("annotation-locked", `Mark "${id}" is locked: unlock it before changing it.`, {
      id,
    });
}

function unknownVertex(id: string, vertexId: number): DocumentError {
  return new DocumentError(
    "unknown-vertex",
    `Expected a vertex of mark "${id}", ${vertexId} is none (any more).`,
    { id, vertexId },
  );
}
