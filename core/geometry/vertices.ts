import { GeometryError } from "./geometry-error.ts";
import type { Point } from "./point.ts";

/** Vertices closer than this are one vertex; far below the 1/64 px in which marks are stored. */
const sameVertexTolerance = 1e-9;

/**
 * The points without consecutive duplicates (closer than 1e-9), in order.
 *
 * @param closed also drop last vertices that repeat the first
 * @throws GeometryError `bad-coordinates` for NaN or infinite coordinates
 */
export function distinctVertices(points: readonly Point[], closed: boolean): Point[] {
  const kept: Point[] = [];
  points.forEach((point, index) => {
    if (!Number.isFinite(point.x) || !Number.isFinite(point.y)) {
      throw new GeometryError(
        "bad-coordinates",
        `Expected finite coordinates, got (${point.x}, ${point.y}) at vertex ${index}. Remove or redraw this vertex.`,
        { index },
      );
    }
    const last = kept.at(-1);
    if (!last || !same(last, point)) kept.push(point);
  });
  while (closed && kept.length > 1 && same(kept[0]!, kept.at(-1)!)) kept.pop();
  return kept;
}

function same(a: Point, b: Point): boolean {
  return Math.hypot(a.x - b.x, a.y - b.y) < sameVertexTolerance;
}
