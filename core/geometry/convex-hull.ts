import type { Point } from "./point.ts";

/**
 * Convex hull, anticlockwise in the sense of increasing angle from x to y, without collinear vertices.
 * Andrew's monotone chain, O(n log n). Fewer than 3 points are left when all lie on one line.
 */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  if (sorted.length < 3) return sorted;
  const chain = (ordered: readonly Point[]) => {
    const hull: Point[] = [];
    for (const p of ordered) {
      while (hull.length >= 2 && turn(hull.at(-2)!, hull.at(-1)!, p) <= 0) hull.pop();
      hull.push(p);
    }
    hull.pop();
    return hull;
  };
  return [...chain(sorted), ...chain(sorted.reverse())];
}

/**
 * Feret diameters of a convex polygon: the largest distance of two vertices, and the smallest distance of two parallel
 * lines that enclose it (one of them always lies on an edge). Rotating calipers, O(h).
 *
 * @param hull as `convexHull` gives it, at least 3 vertices
 */
export function feretDiameters(hull: readonly Point[]): { readonly max: number; readonly min: number } {
  const n = hull.length;
  let max = 0;
  let min = Number.POSITIVE_INFINITY;
  let far = 1;
  for (let i = 0; i < n; i++) {
    const a = hull[i]!;
    const b = hull[(i + 1) % n]!;
    const height = (k: number) => turn(a, b, hull[k % n]!);
    while (height(far + 1) > height(far)) far++;
    const c = hull[far % n]!;
    min = Math.min(min, height(far) / Math.hypot(b.x - a.x, b.y - a.y));
    // With parallel edges two vertices are farthest from this edge alike: both can end a diameter.
    const next = hull[(far + 1) % n]!;
    for (const p of [a, b]) for (const q of [c, next]) max = Math.max(max, Math.hypot(p.x - q.x, p.y - q.y));
  }
  return { max, min };
}

/** Twice the signed area of abc. */
function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}
