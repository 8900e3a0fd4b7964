import type { Point } from "./point.ts";
import { footOnSegment } from "./segment.ts";

/**
 * Fewer vertices, none of the dropped ones farther than `tolerance` from the result (Douglas & Peucker 1973).
 *
 * For display and drafts only, never for measuring. The first and last vertex stay. Iterative, so that lines of 10⁶
 * vertices do not exhaust the call stack.
 */
export function simplifyLine(points: readonly Point[], tolerance: number): Point[] {
  if (points.length < 3) return [...points];
  const keep = new Uint8Array(points.length);
  keep[0] = keep[points.length - 1] = 1;
  const spans: [number, number][] = [[0, points.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [first, last] = span;
    let worst = tolerance;
    let split = -1;
    for (let i = first + 1; i < last; i++) {
      const { distance } = footOnSegment(points[i]!, points[first]!, points[last]!);
      if (distance > worst) {
        worst = distance;
        split = i;
      }
    }
    if (split < 0) continue;
    keep[split] = 1;
    spans.push([first, split], [split, last]);
  }
  return points.filter((_, i) => keep[i]);
}

/**
 * The same for a closed ring: it is cut at its first vertex and at the vertex farthest from it.
 * Fewer than 3 vertices are never left where there were 3 that span an area.
 */
export function simplifyRing(ring: readonly Point[], tolerance: number): Point[] {
  if (ring.length < 4) return [...ring];
  const start = ring[0]!;
  let opposite = 0;
  let farthest = -1;
  ring.forEach((p, i) => {
    const distance = Math.hypot(p.x - start.x, p.y - start.y);
    if (distance > farthest) [farthest, opposite] = [distance, i];
  });
  const there = simplifyLine(ring.slice(0, opposite + 1), tolerance);
  const back = simplifyLine([...ring.slice(opposite), start], tolerance);
  const simple = [...there, ...back.slice(1, -1)];
  return simple.length >= 3 ? simple : [...ring];
}

/** As `simplifyLine`, with the smallest doubling of the tolerance that leaves at most `maxVertices` (at least 2). */
export function simplifyLineTo(points: readonly Point[], tolerance: number, maxVertices: number): Point[] {
  let simple = simplifyLine(points, tolerance);
  for (let t = Math.max(tolerance, 1e-3); simple.length > Math.max(2, maxVertices); t *= 2) {
    simple = simplifyLine(points, t);
  }
  return simple;
}
