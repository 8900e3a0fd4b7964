import type * as Y from "yjs";
import type { Annotation, DrawnOn, Frames, Scalar } from "#core/schema/annotation.ts";
import type { Origin } from "#core/schema/origin.ts";

/**
 * How a mark lies in the room's Y.Doc (SPEC A1-A8). Root map "a": id → Y.Map record. A record holds
 *   h        head: what the mark was made with, one plain object; never written again
 *   g        outline, packed
 *   v<id>    vertex moved to [x, y] or removed (0);  i<id>  vertex inserted: [leftId, fraction, x, y]   (id in base 36)
 *   q        vertex entries folded together by the server; a key of its own says more than q about the same vertex
 *   c t f o e b z l d, a:<key>, p:<key>, s:<n>   fields changed since, each merging for itself; each overrides the head
 */
export const annotationsRoot = "a";
export const headKey = "h";
export const outlineKey = "g";
export const foldedKey = "q";

/** Fields that merge each for itself, and the keys they are stored under in the head and as overrides. */
export const fieldKeys = {
  classId: "c",
  name: "t",
  frames: "f",
  objectId: "o",
  interfaceId: "e",
  body: "b",
  order: "z",
  locked: "l",
  deleted: "d",
} as const;
export type FieldName = keyof typeof fieldKeys;

const fieldDefaults = {
  c: null,
  t: "",
  f: "all",
  o: null,
  e: null,
  b: null,
  z: "a0",
  l: false,
  d: false,
} as const;
type FieldKey = keyof typeof fieldDefaults;

export const attributePrefix = "a:";
export const parameterPrefix = "p:";
export const originPrefix = "s:";

/** A record's plain values: what may stand under a key. */
export type Stored = unknown;
export type RecordMap = Y.Map<Stored>;

/** What reading needs of a record: a Y.Map, or the entries of one that is not in any document yet. */
export interface RecordEntries {
  get(key: string): Stored;
  keys(): Iterable<string>;
}

export type Head = Readonly<Record<string, unknown>>;

export function annotationsMap(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap(annotationsRoot);
}

export const vertexKey = (vertexId: number) => `v${vertexId.toString(36)}`;
export const insertKey = (vertexId: number) => `i${vertexId.toString(36)}`;

export function readHead(record: RecordEntries): Head {
  const head = record.get(headKey);
  return typeof head === "object" && head !== null && !Array.isArray(head) ? (head as Head) : {};
}

/** The value of a field as it counts now: its own key, else the head's, else the default. */
export function effectiveValue(record: RecordEntries, key: string, head: Head = readHead(record)): unknown {
  const own = record.get(key);
  if (own !== undefined) return own;
  if (key.startsWith(attributePrefix)) return fromGroup(head.a, key) ?? null;
  if (key.startsWith(parameterPrefix)) return fromGroup(head.p, key) ?? null;
  return head[key] ?? fieldDefaults[key as FieldKey] ?? null;
}

function fromGroup(group: unknown, key: string): unknown {
  if (typeof group !== "object" || group === null) return undefined;
  return (group as Readonly<Record<string, unknown>>)[key.slice(2)];
}

/** The small fields of a record, unchecked: what `annotationFields` validates. */
export function readFields(record: RecordEntries): Record<string, unknown> {
  const head = readHead(record);
  const fields: Record<string, unknown> = { kind: head.k ?? "" };
  for (const name of Object.keys(fieldKeys) as FieldName[])
    fields[name] = effectiveValue(record, fieldKeys[name], head);
  const attributes = { ...(head.a as object | undefined) } as Record<string, Scalar>;
  const parameters = { ...(head.p as object | undefined) } as Record<string, Scalar>;
  const later: [string, unknown][] = [];
  for (const key of record.keys()) {
    if (key.startsWith(attributePrefix)) attributes[key.slice(2)] = record.get(key) as Scalar;
    else if (key.startsWith(parameterPrefix)) parameters[key.slice(2)] = record.get(key) as Scalar;
    else if (key.startsWith(originPrefix)) later.push([key, record.get(key)]);
  }
  later.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...fields,
    attributes: withoutNulls(attributes),
    parameters: withoutNulls(parameters),
    drawnOn: readDrawnOn(head.w),
    drawnAt: typeof head.y === "number" ? new Date(head.y).toISOString() : (head.y ?? null),
    origin: [...asList(head.s), ...later.map(([, value]) => value)].map(readOrigin),
  };
}

/** null says "no value any more"; it is stored because the absence of a key cannot override the head. */
function withoutNulls(values: Record<string, Scalar>): Record<string, Scalar> {
  for (const key of Object.keys(values)) if (values[key] === null) delete values[key];
  return values;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function readDrawnOn(value: unknown): unknown {
  if (!Array.isArray(value)) return null;
  const [signal, frame, low, high] = value as unknown[];
  return { signal, frame, window: low === undefined ? null : [low, high] };
}

function readOrigin(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const [by, tool, version, source, score, takenOverBy] = value as unknown[];
  return {
    by,
    tool,
    version,
    ...(source == null ? {} : { source }),
    ...(score == null ? {} : { score }),
    ...(takenOverBy == null ? {} : { takenOverBy }),
  };
}

function writeOrigin({ by, tool, version, source, score, takenOverBy }: Origin): unknown[] {
  const packed: unknown[] = [by, tool, version, source ?? null, score ?? null, takenOverBy ?? null];
  while (packed.at(-1) === null) packed.pop();
  return packed;
}

/** The head of a new record: only what differs from the defaults. */
export function makeHead(
  annotation: {
    readonly kind: string;
    readonly attributes?: Readonly<Record<string, Scalar>>;
    readonly parameters?: Readonly<Record<string, Scalar>>;
    readonly drawnOn?: DrawnOn | null;
    readonly drawnAt?: string | null;
    readonly origin: readonly Origin[];
    readonly frames?: Frames;
  } & Partial<Pick<Annotation, FieldName>>,
  parametersVersion: number,
): Head {
  const head: Record<string, unknown> = { k: annotation.kind };
  if (parametersVersion !== 1) head.r = parametersVersion;
  for (const name of Object.keys(fieldKeys) as FieldName[]) {
    const key = fieldKeys[name];
    const value = annotation[name];
    if (value !== undefined && value !== fieldDefaults[key]) head[key] = value;
  }
  if (Object.keys(annotation.attributes ?? {}).length) head.a = annotation.attributes;
  if (Object.keys(annotation.parameters ?? {}).length) head.p = annotation.parameters;
  if (annotation.drawnOn) {
    const { signal, frame, window } = annotation.drawnOn;
    head.w = [signal, frame, ...(window ?? [])];
  }
  if (annotation.drawnAt) head.y = compactTime(annotation.drawnAt);
  head.s = annotation.origin.map(writeOrigin);
  return head;
}

/** Milliseconds where that says the same, the text where it says more (a zone, an unusual precision). */
function compactTime(iso: string): number | string {
  const ms = Date.parse(iso);
  return Number.isFinite(ms) && new Date(ms).toISOString() === iso ? ms : iso;
}
