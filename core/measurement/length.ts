import { mapPoint, mapPoints } from "#core/geometry/linear-map.ts";
import type { Point } from "#core/geometry/point.ts";
import { createPolyline } from "#core/geometry/polyline.ts";
import { inputsHash } from "./inputs-hash.ts";
import { type LengthScale, relativeUOfLength } from "./length-scale.ts";
import { combineBudget, type Quantity } from "./quantity.ts";

/** Standard uncertainty per coordinate of a point set by hand, in px. */
export const defaultPlacementUPx = 0.5;

/**
 * Length of a line of two or more vertices, |A(q - p)| summed over its segments.
 *
 * Uncertainty: the two ends, u² = u_end²(|Aᵀv₁|² + |Aᵀv₂|²) with v the unit directions at the ends (2·u_end²·|Aᵀv|² for a
 * straight line), and the calibration. Inner vertices, which a person sets along the same feature, are not counted.
 * @param points image px; @param endUPx standard uncertainty of an end per coordinate, px
 * @throws GeometryError `bad-coordinates`, `degenerate-polyline`
 */
export function measureLength(
  points: readonly Point[],
  scale: LengthScale,
  endUPx = defaultPlacementUPx,
): Quantity {
  const line = createPolyline(mapPoints(scale.map, points));
  const last = line.x.length - 1;
  const stretch = (from: number, to: number) => {
    const length = Math.hypot(line.x[to]! - line.x[from]!, line.y[to]! - line.y[from]!);
    const vx = (line.x[to]! - line.x[from]!) / length;
    const vy = (line.y[to]! - line.y[from]!) / length;
    const { xx, xy, yx, yy } = scale.map;
    return (xx * vx + yx * vy) ** 2 + (xy * vx + yy * vy) ** 2;
  };
  const drawing = endUPx * Math.sqrt(stretch(0, 1) + stretch(last - 1, last));
  const displacements = points.slice(1).map((p, i) => [p.x - points[i]!.x, p.y - points[i]!.y] as const);
  const calibration = relativeUOfLength(scale, displacements) * line.length;
  const budget = { drawing, calibration };
  return {
    value: line.length,
    unit: scale.unit,
    u: combineBudget(budget),
    k: 1,
    n: points.length,
    nEff: null,
    method: points.length === 2 ? "distance" : "polyline length",
    parameters: { endUPx },
    budget,
    inputsHash: inputsHash([points]),
    warnings: scale.warnings,
  };
}

/**
 * Angle p-vertex-q in [0°, 180°], taken after calibration: pixels that are not square bend angles.
 *
 * Uncertainty from placing three points, to first order. A common calibration error of both axes leaves angles alone.
 * @throws GeometryError `bad-coordinates`, `degenerate-polyline` when a leg has no length
 */
export function measureAngle(
  p: Point,
  vertex: Point,
  q: Point,
  scale: LengthScale,
  endUPx = defaultPlacementUPx,
): Quantity {
  createPolyline([p, vertex]);
  createPolyline([vertex, q]);
  const leg = (end: Point) => mapPoint(scale.map, { x: end.x - vertex.x, y: end.y - vertex.y });
  const a = leg(p);
  const b = leg(q);
  const angle = Math.atan2(Math.abs(a.x * b.y - a.y * b.x), a.x * b.x + a.y * b.y);
  const [la, lb] = [Math.hypot(a.x, a.y), Math.hypot(b.x, b.y)];
  const endU = endUPx * scale.pixelLength;
  // Each end turns its leg by u/length; the vertex turns both at once.
  const atVertex = Math.hypot(a.x / la ** 2 - b.x / lb ** 2, a.y / la ** 2 - b.y / lb ** 2);
  const drawing = (endU * Math.hypot(1 / la, 1 / lb, atVertex) * 180) / Math.PI;
  return {
    value: (angle * 180) / Math.PI,
    unit: "°",
    u: drawing,
    k: 1,
    n: 3,
    nEff: null,
    method: "angle of two legs",
    parameters: { endUPx },
    budget: { drawing },
    inputsHash: inputsHash([[p, vertex, q]]),
    warnings: scale.unit === "px" ? scale.warnings : [],
  };
}
