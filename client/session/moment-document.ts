import * as Y from "yjs";
import type { AnnotationDocument } from "#core/document/annotation-document.ts";
import { DomainError } from "#core/errors/domain-error.ts";
import type { Annotation } from "#core/schema/annotation.ts";

/** past: what was is looked at; whoever wants to draw goes back to now. */
export class PastError extends DomainError<"past"> {}

/**
 * The marks of an earlier moment, read like the document of now: same ids, same authors. Nothing can be written into it,
 * and no update of it ever leaves.
 */
export function momentDocument(marks: readonly Annotation[]): AnnotationDocument {
  const live: ReadonlyMap<string, Annotation> = new Map(marks.map((mark) => [mark.id, mark]));
  const none: ReadonlyMap<string, Annotation> = new Map();
  return {
    doc: new Y.Doc(),
    version: 0,
    annotations: () => live,
    get: (id) => live.get(id),
    deletedAnnotations: () => none,
    invalid: () => [],
    execute() {
      throw new PastError("past", "This is how it was, and it stays so. Go back to now to draw.");
    },
    undo: () => ({ state: "nothing" }),
    redo: () => ({ state: "nothing" }),
    canUndo: false,
    canRedo: false,
    subscribe: () => () => {},
    close() {},
  };
}
