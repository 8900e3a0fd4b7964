import type { Annotation, NewAnnotation } from "#core/schema/annotation.ts";

/** Fields of a mark that merge separately; the outline has commands of its own. */
export type AnnotationFields = Partial<
  Pick<
    Annotation,
    | "classId"
    | "name"
    | "attributes"
    | "parameters"
    | "frames"
    | "objectId"
    | "interfaceId"
    | "body"
    | "order"
    | "locked"
  >
>;

/** x' = a x + c y + e, y' = b x + d y + f, image px. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/**
 * Everything a person can do to the marks of a micrograph. One command = one gesture = one transaction = one undo step.
 * Coordinates are image px; the document quantises them to 1/64 when the command is made, so the author sees what is stored.
 */
export type AnnotationCommand =
  | { readonly type: "create"; readonly id: string; readonly annotation: NewAnnotation }
  | { readonly type: "set-fields"; readonly id: string; readonly fields: AnnotationFields }
  | {
      readonly type: "move-vertices";
      readonly id: string;
      readonly vertices: readonly { readonly id: number; readonly x: number; readonly y: number }[];
    }
  /** A new vertex on the edge that follows vertex `leftId`. */
  | {
      readonly type: "insert-vertex";
      readonly id: string;
      readonly leftId: number;
      readonly x: number;
      readonly y: number;
    }
  | { readonly type: "remove-vertices"; readonly id: string; readonly vertexIds: readonly number[] }
  /** Whole-shape replacement (brush, boolean): mints new vertex ids and wins over concurrent vertex moves. */
  | { readonly type: "replace-outline"; readonly id: string; readonly rings: NewAnnotation["rings"] }
  /** Move, scale or rotate whole marks: keeps vertex ids, so that others' vertex edits still apply. */
  | { readonly type: "transform"; readonly ids: readonly string[]; readonly affine: Affine }
  | { readonly type: "delete"; readonly ids: readonly string[] }
  | { readonly type: "restore"; readonly ids: readonly string[] }
  | { readonly type: "together"; readonly commands: readonly AnnotationCommand[] };
