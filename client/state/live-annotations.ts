import type { Draft } from "#core/protocol/presence.ts";
import type { Annotation, Ring } from "#core/schema/annotation.ts";

/** A draft and whose it is. */
export interface OwnedDraft {
  readonly owner: string;
  readonly draft: Draft;
}

/**
 * The marks as they would be if every gesture under way ended now. Untouched marks keep their identity, so that what was
 * computed from them stays valid.
 */
export function withDrafts(annotations: Iterable<Annotation>, drafts: readonly OwnedDraft[]): Annotation[] {
  const byId = new Map<string, Annotation>();
  for (const annotation of annotations) byId.set(annotation.id, annotation);
  for (const { owner, draft } of drafts) {
    if (draft.type === "transform") {
      for (const id of draft.annotationIds) {
        const annotation = byId.get(id);
        if (annotation) byId.set(id, moved(annotation, draft.affine));
      }
      continue;
    }
    const reshaped = draft.annotationId === null ? undefined : byId.get(draft.annotationId);
    if (draft.annotationId !== null && !reshaped) continue;
    const rings = ringsOf(draft);
    if (rings.length === 0) continue;
    if (reshaped) byId.set(reshaped.id, { ...reshaped, outline: { rings } });
    else byId.set(draftIdOf(owner), newMark(draftIdOf(owner), draft, rings));
  }
  return [...byId.values()];
}

const draftPrefix = "draft ";

/** What a mark that is still being drawn is called meanwhile. */
export function draftIdOf(owner: string): string {
  return draftPrefix + owner;
}

/** It is of a mark that is still being drawn: nobody can select it yet. */
export function isDraftId(id: string): boolean {
  return id.startsWith(draftPrefix);
}

type Shape = Extract<Draft, { readonly type: "shape" }>;

function ringsOf({ rings }: Shape): Ring[] {
  return rings.flatMap(({ closed, hole, xy }) => {
    const vertices = [];
    for (let i = 0; i + 1 < xy.length; i += 2) vertices.push({ id: i / 2, x: xy[i]!, y: xy[i + 1]! });
    // One point measures nothing yet.
    return vertices.length > 1 ? [{ closed, hole, vertices }] : [];
  });
}

function moved(annotation: Annotation, [a, b, c, d, e, f]: readonly number[]): Annotation {
  const rings = annotation.outline.rings.map((ring) => ({
    ...ring,
    vertices: ring.vertices.map(({ id, x, y }) => ({ id, x: a! * x + c! * y + e!, y: b! * x + d! * y + f! })),
  }));
  return { ...annotation, outline: { rings } };
}

function newMark(id: string, draft: Shape, rings: readonly Ring[]): Annotation {
  return {
    id,
    kind: draft.kind,
    classId: draft.classId,
    name: "",
    attributes: {},
    parameters: {},
    frames: "all",
    drawnOn: null,
    objectId: null,
    interfaceId: draft.interfaceId,
    body: draft.body as Annotation["body"],
    origin: [],
    order: "",
    locked: false,
    deleted: false,
    outline: { rings },
    authorClient: -1,
    drawnAt: null,
  };
}
