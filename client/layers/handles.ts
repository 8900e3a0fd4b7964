import { distance, type Handle, handleRadiusPx } from "#client/tools/tool.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Mark } from "./mark-index.ts";

export interface PlacedHandle {
  readonly at: Point;
  readonly handle: Handle;
}

/** Above this many vertices in view, handles would hide the outline they belong to. */
const mostHandles = 400;
/** An edge shorter than this on the screen has no room for a handle in its middle. */
const shortestEdgePx = 34;

/** Vertices of a selected mark, and the middles of its longer edges, image px. */
export function handlesOf({ annotation }: Mark, scale: number): readonly PlacedHandle[] {
  const { id, outline, kind, locked } = annotation;
  if (locked) return [];
  const handles: PlacedHandle[] = [];
  // A measured length has two ends and a ring one radius: nothing to insert there.
  const grows = kind !== "measurement-line" && kind !== "ring" && kind !== "arrow";
  for (const { vertices, closed } of outline.rings) {
    if (handles.length + vertices.length > mostHandles) return [];
    vertices.forEach((vertex, i) => {
      handles.push({ at: vertex, handle: { type: "vertex", id, vertexId: vertex.id } });
      const next = vertices[i + 1] ?? (closed ? vertices[0] : undefined);
      if (!grows || !next || distance(vertex, next) * scale < shortestEdgePx) return;
      const at = { x: (vertex.x + next.x) / 2, y: (vertex.y + next.y) / 2 };
      handles.push({ at, handle: { type: "edge", id, leftId: vertex.id } });
    });
  }
  return handles;
}

/** The handle under a point: vertices before middles, the nearest of each. */
export function handleAt(marks: readonly Mark[], at: Point, scale: number): Handle | null {
  const reach = handleRadiusPx / scale;
  const near = marks
    .flatMap((mark) => handlesOf(mark, scale))
    .map(({ handle, at: place }) => ({
      handle,
      far: distance(place, at) + (handle.type === "edge" ? reach : 0),
    }))
    .filter(({ handle, far }) => far < reach * (handle.type === "edge" ? 2 : 1))
    .sort((a, b) => a.far - b.far);
  return near[0]?.handle ?? null;
}
