import { GeometryError } from "./geometry-error.ts";
import type { Point } from "./point.ts";
import { distinctVertices } from "./vertices.ts";

/** An open line through its vertices, parametrised by arc length s from its first vertex. Arrays are not to be modified. */
export interface Polyline {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Arc length at each vertex; s[0] = 0. */
  readonly s: Float64Array;
  readonly length: number;
}

/**
 * Build a polyline; consecutive duplicates are dropped.
 *
 * @throws GeometryError `bad-coordinates` for a coordinate that is not finite; `degenerate-polyline` without length
 */
export function createPolyline(points: readonly Point[]): Polyline {
  const vertices = distinctVertices(points, false);
  if (vertices.length < 2) {
    throw new GeometryError(
      "degenerate-polyline",
      `Expected a line with at least two different vertices, got ${points.length} vertices of which ${vertices.length} differ. Draw the line again.`,
      { vertices: points.length },
    );
  }
  const n = vertices.length;
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  const s = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    x[i] = vertices[i]!.x;
    y[i] = vertices[i]!.y;
    if (i > 0) s[i] = s[i - 1]! + Math.hypot(x[i]! - x[i - 1]!, y[i]! - y[i - 1]!);
  }
  return { x, y, s, length: s[n - 1]! };
}

/**
 * Arc lengths of the measuring stations: n = ceil(L / step) equal intervals, one station in the middle of each.
 *
 * Symmetric about the middle of the line, so that drawing it the other way round gives the same stations.
 * A length that exceeds a whole number of steps by rounding only (1e-9) does not gain a station.
 */
export function stationsAlong(length: number, step: number): Float64Array {
  const n = Math.max(1, Math.ceil((length / step) * (1 - 1e-9)));
  return Float64Array.from({ length: n }, (_, k) => ((k + 0.5) * length) / n);
}

/**
 * A cursor that walks a polyline: `at(s)` gives point and segment in O(1) for neighbouring s, O(log n) otherwise.
 * s outside [0, length] is clamped to the ends.
 */
export function walkPolyline(line: Polyline): (s: number, out: { x: number; y: number }) => number {
  const { x, y, s: arc } = line;
  const last = arc.length - 2;
  let i = 0;
  return (s, out) => {
    if (s < arc[i]! || s > arc[Math.min(i + 8, last + 1)]!) i = segmentAt(arc, s);
    while (i < last && arc[i + 1]! < s) i++;
    const span = arc[i + 1]! - arc[i]!;
    const t = Math.min(1, Math.max(0, (s - arc[i]!) / span));
    out.x = x[i]! + t * (x[i + 1]! - x[i]!);
    out.y = y[i]! + t * (y[i + 1]! - y[i]!);
    return i;
  };
}

/** The point at arc length s (clamped to the ends). */
export function pointAt(line: Polyline, s: number): Point {
  const out = { x: 0, y: 0 };
  walkPolyline(line)(s, out);
  return out;
}

/**
 * Unit tangents at the given arc lengths: the chord over ±halfWindow. Near an end the window shrinks on both sides alike,
 * so that the tangent stays that of the station and not of a point further in.
 *
 * @returns x and y components, as long as `stations`; where a chord has no length the segment's own direction
 */
export function tangentsAlong(
  line: Polyline,
  stations: Float64Array,
  halfWindow: number,
): { readonly x: Float64Array; readonly y: Float64Array } {
  const back = walkPolyline(line);
  const ahead = walkPolyline(line);
  const a = { x: 0, y: 0 };
  const b = { x: 0, y: 0 };
  const tx = new Float64Array(stations.length);
  const ty = new Float64Array(stations.length);
  for (let k = 0; k < stations.length; k++) {
    const s = stations[k]!;
    const h = Math.min(halfWindow, s, line.length - s);
    const segment = back(s - h, a);
    ahead(s + h, b);
    let dx = b.x - a.x;
    let dy = b.y - a.y;
    let norm = Math.hypot(dx, dy);
    if (norm < 1e-12) {
      dx = line.x[segment + 1]! - line.x[segment]!;
      dy = line.y[segment + 1]! - line.y[segment]!;
      norm = Math.hypot(dx, dy);
    }
    tx[k] = dx / norm;
    ty[k] = dy / norm;
  }
  return { x: tx, y: ty };
}

/** Index of the segment that holds s, by bisection. */
function segmentAt(arc: Float64Array, s: number): number {
  let low = 0;
  let high = arc.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (arc[middle]! <= s) low = middle;
    else high = middle - 1;
  }
  return low;
}
