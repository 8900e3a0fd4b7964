import { GeometryError } from "./geometry-error.ts";
import type { Point } from "./point.ts";
import { distinctVertices } from "./vertices.ts";

/** One outer ring and its holes. Rings do not repeat their first vertex; either direction. */
export interface Polygon {
  readonly outer: readonly Point[];
  readonly holes: readonly (readonly Point[])[];
}

/** Area and its moments about a given origin, all with the sign of the ring's direction. */
export interface RingMoments {
  readonly area: number;
  /** ∫x dA, ∫y dA */
  readonly x: number;
  readonly y: number;
  /** ∫x² dA, ∫y² dA, ∫xy dA */
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
}

/** Moments by Green's theorem. Coordinates are taken relative to `origin`, so that rings at 10⁵ px do not cancel. */
export function ringMoments(ring: readonly Point[], origin: Point): RingMoments {
  let [area, mx, my, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  const n = ring.length;
  for (let i = 0; i < n; i++) {
    const x0 = ring[i]!.x - origin.x;
    const y0 = ring[i]!.y - origin.y;
    const x1 = ring[(i + 1) % n]!.x - origin.x;
    const y1 = ring[(i + 1) % n]!.y - origin.y;
    const c = x0 * y1 - x1 * y0;
    area += c;
    mx += (x0 + x1) * c;
    my += (y0 + y1) * c;
    xx += (x0 * x0 + x0 * x1 + x1 * x1) * c;
    yy += (y0 * y0 + y0 * y1 + y1 * y1) * c;
    xy += (x0 * y1 + 2 * x0 * y0 + 2 * x1 * y1 + x1 * y0) * c;
  }
  return { area: area / 2, x: mx / 6, y: my / 6, xx: xx / 12, yy: yy / 12, xy: xy / 24 };
}

/** Signed area: positive when the ring turns from x towards y (clockwise on a screen). */
export function signedArea(ring: readonly Point[]): number {
  return ring.length < 3 ? 0 : ringMoments(ring, ring[0]!).area;
}

/** Length of the closed ring. */
export function perimeterOf(ring: readonly Point[]): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const a = ring[i]!;
    const b = ring[(i + 1) % ring.length]!;
    sum += Math.hypot(b.x - a.x, b.y - a.y);
  }
  return sum;
}

/**
 * A ring fit for measuring: finite, without repeated vertices, enclosing an area.
 *
 * @throws GeometryError `bad-coordinates`; `degenerate-polygon` for fewer than 3 different vertices or no area (relative
 *   to the square of its perimeter, 1e-12: rounding cannot tell less from a line)
 */
export function measurableRing(points: readonly Point[]): Point[] {
  const ring = distinctVertices(points, true);
  const perimeter = perimeterOf(ring);
  if (ring.length < 3 || Math.abs(areaOfTriangles(ring)) <= 1e-12 * perimeter * perimeter) {
    throw new GeometryError(
      "degenerate-polygon",
      `Expected an outline with at least three vertices that enclose an area, got ${ring.length} different vertices${ring.length < 3 ? "" : " on one line"}. Redraw the outline.`,
      { vertices: points.length },
    );
  }
  return ring;
}

/** True inside the polygon and not inside one of its holes; even-odd rule; a point on the boundary may fall either way. */
export function polygonContains(polygon: Polygon, point: Point): boolean {
  return ringContains(polygon.outer, point) && !polygon.holes.some((hole) => ringContains(hole, point));
}

/** Even-odd rule by counting crossings of a ray towards +x. */
export function ringContains(ring: readonly Point[], { x, y }: Point): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[i]!;
    const b = ring[j]!;
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

/** Sum of unsigned triangle areas about the first vertex: zero only when all vertices lie on one line (a figure of eight is not). */
function areaOfTriangles(ring: readonly Point[]): number {
  const o = ring[0]!;
  let sum = 0;
  for (let i = 1; i + 1 < ring.length; i++) {
    const a = ring[i]!;
    const b = ring[i + 1]!;
    sum += Math.abs((a.x - o.x) * (b.y - o.y) - (b.x - o.x) * (a.y - o.y)) / 2;
  }
  return sum;
}
