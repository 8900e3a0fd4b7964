import type { Point } from "./point.ts";

/** Foot of a perpendicular on a segment: t in [0,1] from a to b, the same before clamping, and the distance. */
export interface SegmentFoot {
  readonly t: number;
  /** Outside [0,1] where the foot lies beyond an end. */
  readonly tUnclamped: number;
  readonly distance: number;
}

/** Nearest point of segment ab to p. A segment without length is its point. */
export function footOnSegment(p: Point, a: Point, b: Point): SegmentFoot {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const squared = dx * dx + dy * dy;
  const tUnclamped = squared > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / squared : 0;
  const t = Math.min(1, Math.max(0, tUnclamped));
  return { t, tUnclamped, distance: Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy) };
}

/** Distance between two segments: 0 where they cross, otherwise from an end of one to the other. */
export function segmentDistance(a: Point, b: Point, c: Point, d: Point): number {
  if (segmentsCross(a, b, c, d)) return 0;
  return Math.min(
    footOnSegment(a, c, d).distance,
    footOnSegment(b, c, d).distance,
    footOnSegment(c, a, b).distance,
    footOnSegment(d, a, b).distance,
  );
}

/** True where two segments cross in their insides (a touch at an end does not count). */
export function segmentsCross(a: Point, b: Point, c: Point, d: Point): boolean {
  const side = (p: Point, q: Point, r: Point) => (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
  const c1 = side(a, b, c);
  const c2 = side(a, b, d);
  const a1 = side(c, d, a);
  const a2 = side(c, d, b);
  return c1 * c2 < 0 && a1 * a2 < 0;
}
