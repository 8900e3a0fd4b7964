import type { Point } from "#core/geometry/point.ts";
import { footOnSegment } from "#core/geometry/segment.ts";
import type { Annotation } from "#core/schema/annotation.ts";

/** x0, y0, x1, y1 … in image px. */
export interface FlatRing {
  readonly xy: Float64Array;
  readonly closed: boolean;
}

const circleVertices = 96;

/** What is drawn of a mark: its rings, and for a ring (centre and a point on it) its circle. */
export function flatRings({ kind, outline }: Annotation): readonly FlatRing[] {
  const [first] = outline.rings;
  if (kind === "ring" && first && first.vertices.length === 2) {
    const [centre, on] = first.vertices as unknown as readonly [Point, Point];
    return [circle(centre, Math.hypot(on.x - centre.x, on.y - centre.y))];
  }
  return outline.rings.map(({ closed, vertices }) => flatRing(vertices, closed));
}

export function flatRing(points: readonly Point[], closed: boolean): FlatRing {
  const xy = new Float64Array(points.length * 2);
  points.forEach(({ x, y }, i) => {
    xy[i * 2] = x;
    xy[i * 2 + 1] = y;
  });
  return { xy, closed };
}

function circle(centre: Point, radius: number): FlatRing {
  const points = Array.from({ length: circleVertices }, (_, i) => {
    const angle = (2 * Math.PI * i) / circleVertices;
    return { x: centre.x + radius * Math.cos(angle), y: centre.y + radius * Math.sin(angle) };
  });
  return flatRing(points, true);
}

/** Distance from the line of a ring, image px. */
export function distanceToRing({ xy, closed }: FlatRing, at: Point): number {
  const n = xy.length / 2;
  if (n === 1) return Math.hypot(xy[0]! - at.x, xy[1]! - at.y);
  let nearest = Infinity;
  for (let i = 0; i < (closed ? n : n - 1); i++) {
    const j = (i + 1) % n;
    const a = { x: xy[i * 2]!, y: xy[i * 2 + 1]! };
    const b = { x: xy[j * 2]!, y: xy[j * 2 + 1]! };
    nearest = Math.min(nearest, footOnSegment(at, a, b).distance);
  }
  return nearest;
}

/** Inside the closed rings by the even-odd rule: within a hole is outside. */
export function insideRings(rings: readonly FlatRing[], { x, y }: Point): boolean {
  let inside = false;
  for (const { xy, closed } of rings) {
    if (!closed) continue;
    for (let i = 0, j = xy.length - 2; i < xy.length; j = i, i += 2) {
      const [ax, ay, bx, by] = [xy[i]!, xy[i + 1]!, xy[j]!, xy[j + 1]!];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}
