import * as Y from "yjs";
import { isDomainError } from "#core/errors/domain-error.ts";
import type { Annotation, Ring } from "#core/schema/annotation.ts";
import { geometryFault, type Parameters } from "#core/schema/kind-definition.ts";
import { kindDefinition } from "#core/schema/kinds.ts";
import { annotationFields } from "#core/schema/records/annotation.ts";
import { DocumentError } from "./document-error.ts";
import { applyOverlay } from "./outline-overlay.ts";
import { type StoredRing, toPx, unpackOutline } from "./packed-outline.ts";
import { outlineKey, type RecordEntries, type RecordMap, readFields, readHead } from "./record-layout.ts";
import { readOverlay, type StoredOverlay } from "./stored-overlay.ts";

export type DecodedRecord =
  | { readonly valid: true; readonly annotation: Annotation }
  | { readonly valid: false; readonly reason: string };

/** Read one entry of the room as a mark, or say why it is none. Never throws: whatever peers wrote, reading goes on. */
export function decodeRecord(id: string, value: unknown): DecodedRecord {
  if (!(value instanceof Y.Map)) return invalid("expected a record of keys, found another value");
  return decodeEntries(id, value as RecordMap, value._item?.id.client ?? 0);
}

/** The same for the entries of a record that is not in any document yet. */
export function decodeEntries(id: string, entries: RecordEntries, authorClient: number): DecodedRecord {
  try {
    return decode(id, entries, authorClient);
  } catch (error) {
    if (isDomainError(error)) return invalid(error.message);
    return invalid(`unreadable: ${error instanceof Error ? error.message : "unknown reason"}`);
  }
}

function decode(id: string, record: RecordEntries, authorClient: number): DecodedRecord {
  const parsed = annotationFields.safeParse(readFields(record));
  if (!parsed.success) return invalid(firstIssue(parsed.error.issues));
  const fields = parsed.data;
  const definition = kindDefinition(fields.kind);
  if (!definition)
    return invalid(`the kind "${fields.kind}" is unknown here: a newer Lamella made it, and it is kept`);
  const parameters = migrated(definition, fields.parameters, readHead(record).r);
  const valid = definition.validator.safeParse(parameters);
  if (!valid.success) return invalid(`parameters: ${firstIssue(valid.error.issues)}`);
  const outline = { rings: liveRings(readStoredRings(record).rings) };
  const fault = geometryFault(definition.geometry, outline);
  if (fault) return invalid(fault);
  return {
    valid: true,
    annotation: {
      ...(fields as unknown as Annotation),
      parameters: valid.data,
      id,
      kind: definition.kind,
      outline,
      authorClient,
    },
  };
}

/**
 * A record's outline with its overlay, tombstones included, and the overlay it was made with.
 * @throws DocumentError "outline-malformed", "outline-newer"
 */
export function readStoredRings(record: RecordEntries): {
  readonly rings: readonly StoredRing[];
  readonly overlay: StoredOverlay;
} {
  const overlay = readOverlay(record);
  if (overlay.fault !== undefined)
    throw new DocumentError(
      "outline-malformed",
      `Expected a vertex entry under "${overlay.fault}", found another value.`,
    );
  const packed = record.get(outlineKey);
  if (!(packed instanceof Uint8Array))
    throw new DocumentError("outline-malformed", "Expected a packed outline, found none.");
  return { rings: applyOverlay(unpackOutline(packed), overlay), overlay };
}

/** Without tombstones; a ring that lost its last vertex is gone. */
function liveRings(rings: readonly StoredRing[]): Ring[] {
  const decoded = rings.map(({ closed, hole, vertices }) => {
    const live: { id: number; x: number; y: number }[] = [];
    for (const { id, x, y, removed } of vertices) if (!removed) live.push({ id, x: toPx(x), y: toPx(y) });
    return { closed, hole, vertices: live };
  });
  return decoded.filter(({ vertices }) => vertices.length > 0);
}

function migrated(
  definition: {
    readonly version: number;
    readonly migrations: readonly { to: number; up(p: Parameters): Parameters }[];
  },
  parameters: Parameters,
  from: unknown,
): Parameters {
  const version = typeof from === "number" ? from : 1;
  return definition.migrations
    .filter(({ to }) => to > version)
    .reduce((value, { up }) => up(value), parameters);
}

function firstIssue(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  const issue = issues[0];
  return issue ? `${issue.path.map(String).join(".")}: ${issue.message}` : "not a record";
}

function invalid(reason: string): DecodedRecord {
  return { valid: false, reason };
}
