import type { AnnotationKind } from "#core/schema/annotation.ts";

/** Who is behind an awareness state. Set by the server from the session; a client's own value is overwritten. */
export interface PresenceUser {
  readonly principalId: string;
  /** As shown: a guest is "Name (guest of A. Owner)". */
  readonly name: string;
  readonly colour: string;
}

/** A shape while it is drawn or dragged: seen by everybody, measured live, never in the document. ≤ 512 vertices. */
export type Draft =
  | {
      readonly type: "shape";
      readonly kind: AnnotationKind;
      readonly classId: string | null;
      /** The mark being reshaped, or null while a new one is drawn. */
      readonly annotationId: string | null;
      readonly interfaceId: string | null;
      readonly body: string | null;
      /** Rings as flat x,y lists in image px, rounded to 1/8 px. */
      readonly rings: readonly {
        readonly closed: boolean;
        readonly hole: boolean;
        readonly xy: readonly number[];
      }[];
    }
  | {
      readonly type: "transform";
      readonly annotationIds: readonly string[];
      /** a, b, c, d, e, f of x' = a x + c y + e, y' = b x + d y + f. */
      readonly affine: readonly [number, number, number, number, number, number];
    };

/** How a presenter sees the recorded values. */
export interface SharedDisplay {
  readonly signal: string;
  /** null: as the server serves it. */
  readonly window: {
    readonly low: number;
    readonly high: number;
    readonly gamma: number;
    readonly invert: boolean;
    readonly colourMap: string;
  } | null;
}

/** One person's awareness state in a micrograph's room. At most 8 kB; cursor ≤ 30 Hz, draft ≤ 15 Hz. */
export interface PresenceState {
  readonly user?: PresenceUser;
  readonly cursor?: { readonly x: number; readonly y: number; readonly frame: number } | null;
  readonly draft?: Draft | null;
  readonly selection?: readonly string[];
  /** Centre and width of the view in image px, for following. */
  readonly viewport?: { readonly x: number; readonly y: number; readonly width: number } | null;
  /** The frame of a stack that is shown. */
  readonly frame?: number;
  /** The cursor is a laser pointer while its key is held: everybody sees where it went. */
  readonly laser?: boolean;
  /** Yjs client id of whoever this person's view follows. */
  readonly following?: number | null;
  /** Set while this person presents: everybody is asked to follow, and may decline. */
  readonly presenting?: boolean;
  /** While presenting, if the presenter shows it: each follower may decline it and keep their own. */
  readonly display?: SharedDisplay | null;
}
