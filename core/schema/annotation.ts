import type { Origin } from "./origin.ts";

/** Kinds are geometry with a measuring contract; meaning is the class. Closed list: see kinds.ts. */
export type AnnotationKind =
  | "region"
  | "interface-trace"
  | "gap"
  | "measurement-line"
  | "wire"
  | "profile-line"
  | "irradiated-area"
  | "ring"
  | "spot"
  | "arc"
  | "point"
  | "text"
  | "arrow"
  | "pin"
  | "scope";

/** A vertex with an id that survives every edit; ids are unique over the mark. Image px, quantised to 1/64. */
export interface Vertex {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** A list of vertices. Closed rings do not repeat their first vertex. A hole belongs to the nearest outer ring before it. */
export interface Ring {
  readonly closed: boolean;
  readonly hole: boolean;
  readonly vertices: readonly Vertex[];
}

/**
 * The geometry of every kind, in full-resolution image px (origin at the outer corner of pixel (0,0), y down).
 * region, scope, irradiated-area: closed rings, holes after their outer ring, several outer rings allowed.
 * interface-trace, measurement-line (2 vertices), profile-line (2+), arrow (2), wire (axis, or two edges = two rings),
 * arc (3), gap band (2): open rings. point, pin, text, spot: one ring of one vertex. ring: centre and a point on it.
 * gap of two traces: no ring; `parameters.substrateTraceId` and `.filmTraceId` name the traces.
 */
export interface Outline {
  readonly rings: readonly Ring[];
}

export type Frames = "all" | readonly [first: number, last: number];

export interface DrawnOn {
  readonly signal: string;
  readonly frame: number;
  readonly window: readonly [low: number, high: number] | null;
}

/** Whose surface a trace is. */
export type Body = "substrate" | "film" | "core" | "other";

export type ReviewStatus = "draft" | "proposed" | "accepted" | "rejected" | "superseded";

/** An attribute or parameter value: what JSON holds without nesting surprises. */
export type Scalar = string | number | boolean | null;

/** One mark as people and programs read it: decoded, validated, immutable. */
export interface Annotation {
  readonly id: string;
  readonly kind: AnnotationKind;
  /** Record of the project's classes; null = unclassified. */
  readonly classId: string | null;
  readonly name: string;
  readonly attributes: Readonly<Record<string, Scalar>>;
  /** Kind-specific settings, validated per kind (kinds.ts). */
  readonly parameters: Readonly<Record<string, Scalar>>;
  readonly frames: Frames;
  readonly drawnOn: DrawnOn | null;
  readonly objectId: string | null;
  /** For traces: the interface this is a trace of, and whose surface it follows. */
  readonly interfaceId: string | null;
  readonly body: Body | null;
  readonly origin: readonly Origin[];
  /** Fractional key: z-order. */
  readonly order: string;
  readonly locked: boolean;
  /** Deletion is an edit (SPEC D1): a deleted mark stays, undrawn, until the server purges it. */
  readonly deleted: boolean;
  readonly outline: Outline;
  /** Yjs client that created the record; the server knows which person it is bound to. Never claimed by the document. */
  readonly authorClient: number;
  /** Clock time the author's machine gave when it was drawn, ISO 8601 (offline edits: earlier than received). */
  readonly drawnAt: string | null;
}

/** What a tool hands over to make a mark; ids of record and vertices are minted by the document. */
export interface NewAnnotation {
  readonly kind: AnnotationKind;
  readonly classId?: string | null;
  readonly name?: string;
  readonly attributes?: Readonly<Record<string, Scalar>>;
  readonly parameters?: Readonly<Record<string, Scalar>>;
  readonly frames?: Frames;
  readonly drawnOn?: DrawnOn | null;
  readonly objectId?: string | null;
  readonly interfaceId?: string | null;
  readonly body?: Body | null;
  readonly origin: readonly Origin[];
  readonly drawnAt?: string | null;
  /** Rings as plain coordinates; the document quantises and numbers the vertices. */
  readonly rings: readonly {
    readonly closed: boolean;
    readonly hole: boolean;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

/** A record that could not be read: listed with its reason, never drawn, measured or exported. */
export interface InvalidRecord {
  readonly id: string;
  readonly reason: string;
}
