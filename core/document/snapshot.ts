import { z } from "zod";
import type { Annotation, NewAnnotation, Ring } from "#core/schema/annotation.ts";
import { geometryFault } from "#core/schema/kind-definition.ts";
import { kindDefinition } from "#core/schema/kinds.ts";
import { validator as annotationValidator } from "#core/schema/records/annotation.ts";
import type { AnnotationDocument } from "./annotation-document.ts";
import type { AnnotationCommand } from "./commands.ts";
import { DocumentError } from "./document-error.ts";
import { toStored } from "./packed-outline.ts";

/** The native JSON of a micrograph's marks: `GET …/annotations` gives it, `POST …/annotations` takes it. */
export interface AnnotationSnapshot {
  readonly format: "lamella-annotations";
  readonly version: 1;
  /** In z-order, deleted marks left out. */
  readonly annotations: readonly Annotation[];
}

const snapshotValidator = z.object({
  format: z.literal("lamella-annotations"),
  version: z.literal(1),
  annotations: z.array(annotationValidator),
});

export function takeSnapshot(document: AnnotationDocument): AnnotationSnapshot {
  return {
    format: "lamella-annotations",
    version: 1,
    annotations: [...document.annotations().values()].sort(byOrder),
  };
}

/** z-order: by order key, marks with the same key by id, everywhere alike. */
export function byOrder(a: Annotation, b: Annotation): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/**
 * Read native JSON as a whole: every mark is checked before any is used.
 * @throws DocumentError "snapshot-malformed", with the path of the first fault
 */
export function readSnapshot(json: unknown): AnnotationSnapshot {
  const parsed = snapshotValidator.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new DocumentError(
      "snapshot-malformed",
      `Expected native annotation JSON of version 1; at ${issue.path.map(String).join(".") || "the top"}: ${issue.message}.`,
      { path: issue.path.map(String).join(".") },
    );
  }
  const snapshot = parsed.data as unknown as AnnotationSnapshot;
  for (const [index, mark] of snapshot.annotations.entries()) {
    const fault = contentFault(mark);
    if (fault)
      throw new DocumentError(
        "snapshot-malformed",
        `Expected marks this version can keep; annotations.${index}: ${fault}.`,
        { path: `annotations.${index}` },
      );
  }
  return snapshot;
}

function contentFault(mark: Annotation): string | undefined {
  const definition = kindDefinition(mark.kind);
  if (!definition) return `the kind "${mark.kind}" is unknown`;
  const parameters = definition.validator.safeParse(mark.parameters);
  if (!parameters.success) return `parameters: ${parameters.error.issues[0]!.message}`;
  return geometryFault(definition.geometry, mark.outline);
}

/** What makes a mark anew elsewhere; vertices are numbered again. */
export function asNewAnnotation({ outline, ...mark }: Annotation): NewAnnotation {
  const { kind, classId, name, attributes, parameters, frames, drawnOn } = mark;
  const { objectId, interfaceId, body, origin, drawnAt } = mark;
  return {
    ...{
      kind,
      classId,
      name,
      attributes,
      parameters,
      frames,
      drawnOn,
      objectId,
      interfaceId,
      body,
      origin,
      drawnAt,
    },
    rings: outline.rings.map(({ closed, hole, vertices }) => ({
      closed,
      hole,
      points: vertices.map(({ x, y }) => [x, y] as const),
    })),
  };
}

/**
 * The one command that adds every mark of a snapshot, in its z-order.
 * @param idOf the id under which each mark is made: its own, or a new one where it exists already
 */
export function snapshotCommand(
  snapshot: AnnotationSnapshot,
  idOf: (mark: Annotation) => string = (mark) => mark.id,
): AnnotationCommand {
  return {
    type: "together",
    commands: [...snapshot.annotations]
      .sort(byOrder)
      .map((mark) => ({ type: "create", id: idOf(mark), annotation: asNewAnnotation(mark) })),
  };
}

/**
 * The bytes whose SHA-256 a decision is bound to: what the mark says, however it was edited or stored. Kind, class, name,
 * attributes, parameters, frames, object, interface, body, and rings in integer 1/64 px; closed rings from their
 * canonical start, outer ones clockwise on the screen (y down), holes against. Vertex ids, author and times are not in it.
 */
export function canonicalContent(mark: Annotation): Uint8Array {
  const rings = mark.outline.rings.map((ring) => [
    ring.closed ? 1 : 0,
    ring.hole ? 1 : 0,
    canonicalPoints(ring).flat(),
  ]);
  const { kind, classId, name, frames, objectId, interfaceId, body } = mark;
  const content = [
    kind,
    classId,
    name,
    sorted(mark.attributes),
    sorted(mark.parameters),
    frames,
    objectId,
    interfaceId,
    body,
    rings,
  ];
  return new TextEncoder().encode(JSON.stringify(content));
}

function sorted(values: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}

type Pair = readonly [x: number, y: number];

function canonicalPoints(ring: Ring): readonly Pair[] {
  const points = ring.vertices.map(({ x, y }): Pair => [toStored(x), toStored(y)]);
  if (!ring.closed) return points;
  const clockwise = doubleArea(points) >= 0;
  const directed = clockwise === ring.hole ? points.toReversed() : points;
  // The start that reads smallest: of equal corners (a ring touching itself) the one whose continuation is smaller.
  let best = 0;
  for (let start = 1; start < directed.length; start++)
    if (compareFrom(directed, start, best) < 0) best = start;
  return [...directed.slice(best), ...directed.slice(0, best)];
}

function compareFrom(points: readonly Pair[], a: number, b: number): number {
  const n = points.length;
  for (let i = 0; i < n; i++) {
    const [p, q] = [points[(a + i) % n]!, points[(b + i) % n]!];
    if (p[0] !== q[0]) return p[0] - q[0];
    if (p[1] !== q[1]) return p[1] - q[1];
  }
  return 0;
}

/** Twice the signed area; positive is clockwise on the screen, because y points down. */
function doubleArea(points: readonly Pair[]): number {
  let sum = 0;
  for (let i = 0; i < points.length; i++) {
    const [p, q] = [points[i]!, points[(i + 1) % points.length]!];
    sum += p[0] * q[1] - q[0] * p[1];
  }
  return sum;
}
