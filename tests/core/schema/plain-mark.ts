import type { Annotation } from "#core/schema/annotation.ts";

/** A mark of which nothing is said but what a test says of it. */
export function plainMark(
  said: Pick<Annotation, "id" | "kind" | "outline"> & Partial<Annotation>,
): Annotation {
  return {
    ...{ classId: null, name: "", attributes: {}, parameters: {}, frames: "all", drawnOn: null },
    ...{ objectId: null, interfaceId: null, body: null, origin: [], order: "a0" },
    ...{ locked: false, deleted: false, authorClient: 1, drawnAt: null },
    ...said,
  };
}
