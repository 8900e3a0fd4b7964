import { convexHull, feretDiameters } from "#core/geometry/convex-hull.ts";
import { mapPoints } from "#core/geometry/linear-map.ts";
import type { Point } from "#core/geometry/point.ts";
import { measurableRing, type Polygon, perimeterOf, ringMoments } from "#core/geometry/polygon.ts";
import { areaOf, combinePolygons } from "#core/geometry/polygon-boolean.ts";
import { ringCrossesItself } from "#core/geometry/self-intersection.ts";
import { inputsHash } from "./inputs-hash.ts";
import { type LengthScale, relativeUOfArea, relativeUOfLength } from "./length-scale.ts";
import { MeasurementError } from "./measurement-error.ts";
import type { UncertaintyBudget } from "./quantity.ts";
import type { MeasurementWarning } from "./warnings.ts";

/** Size and shape of a region, in the unit of its scale. */
export interface ShapeMetrics {
  /** Holes taken off. */
  readonly area: number;
  readonly areaBudget: UncertaintyBudget;
  /** Of the outer rings. */
  readonly perimeter: number;
  readonly perimeterWithHoles: number;
  readonly centroid: Point;
  /** Equivalent circular diameter √(4A/π). */
  readonly ecd: number;
  readonly feretMax: number;
  readonly feretMin: number;
  /** 4πA/P², with the outer perimeter. */
  readonly circularity: number;
  /** Area over area of the convex hull. */
  readonly solidity: number;
  /** feretMax / feretMin */
  readonly aspectRatio: number;
  /** Direction of the long axis by second moments, [0°, 180°), anticlockwise on the screen from the x axis. */
  readonly orientationDeg: number;
  readonly relativeLengthU: number;
  readonly inputsHash: string;
  readonly warnings: readonly MeasurementWarning[];
}

/** Standard uncertainty of an outline placed by hand, and the length over which the hand keeps its error. */
export interface OutlineUncertainty {
  readonly boundaryUPx: number;
  readonly correlationLengthPx: number;
}
export const defaultOutlineUncertainty: OutlineUncertainty = { boundaryUPx: 0.5, correlationLengthPx: 10 };

/**
 * Measure one region of one or more polygons with holes.
 *
 * Points are calibrated first. u(area): drawing u_b·√(P·ℓ_c), calibration (u_x + u_y)·A. Rings that cross themselves are
 * measured by the even-odd rule, with a warning. Sources: ISO 9276-6 (shape), ISO 13322-1 (Feret, ECD).
 * @param polygons image px; @throws GeometryError `bad-coordinates`, `degenerate-polygon`
 */
export function measureShape(
  polygons: readonly Polygon[],
  scale: LengthScale,
  uncertainty: OutlineUncertainty = defaultOutlineUncertainty,
): ShapeMetrics {
  if (polygons.length === 0) {
    throw new MeasurementError(
      "degenerate-polygon",
      "Expected a region with an outline, got none. Draw its outline.",
    );
  }
  const drawn = polygons.map(({ outer, holes }) => ({
    outer: mapPoints(scale.map, measurableRing(outer)),
    holes: holes.map((hole) => mapPoints(scale.map, measurableRing(hole))),
  }));
  const crossing = drawn.some((p) => [p.outer, ...p.holes].some(ringCrossesItself));
  const measured = crossing ? combinePolygons("union", drawn, []) : drawn;
  const area = areaOf(measured);
  const outers = drawn.map(({ outer }) => outer);
  const perimeter = sum(outers.map(perimeterOf));
  const moments = centralMoments(measured);
  const hull = convexHull(outers.flat());
  const feret = feretDiameters(hull);
  const boundaryU = uncertainty.boundaryUPx * scale.pixelLength;
  const correlation = uncertainty.correlationLengthPx * scale.pixelLength;
  return {
    area,
    areaBudget: {
      drawing: boundaryU * Math.sqrt(perimeter * correlation),
      calibration: relativeUOfArea(scale) * area,
    },
    perimeter,
    perimeterWithHoles: perimeter + sum(drawn.flatMap(({ holes }) => holes.map(perimeterOf))),
    centroid: moments.centroid,
    ecd: Math.sqrt((4 * area) / Math.PI),
    feretMax: feret.max,
    feretMin: feret.min,
    circularity: (4 * Math.PI * area) / perimeter ** 2,
    solidity: area / areaOf([{ outer: hull, holes: [] }]),
    aspectRatio: feret.max / feret.min,
    orientationDeg: moments.orientationDeg,
    relativeLengthU: relativeUOfLength(
      scale,
      polygons.flatMap(({ outer }) => edges(outer)),
    ),
    inputsHash: inputsHash(polygons.flatMap(({ outer, holes }) => [outer, ...holes])),
    warnings: crossing ? [...scale.warnings, "self-intersecting"] : scale.warnings,
  };
}

/** Centroid, and direction of the long axis from the second moments about it. */
function centralMoments(polygons: readonly Polygon[]): { centroid: Point; orientationDeg: number } {
  const origin = polygons[0]!.outer[0]!;
  let [area, mx, my, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  const add = (ring: readonly Point[], weight: 1 | -1) => {
    const m = ringMoments(ring, origin);
    const sign = m.area < 0 ? -weight : weight;
    area += sign * m.area;
    mx += sign * m.x;
    my += sign * m.y;
    xx += sign * m.xx;
    yy += sign * m.yy;
    xy += sign * m.xy;
  };
  for (const { outer, holes } of polygons) {
    add(outer, 1);
    for (const hole of holes) add(hole, -1);
  }
  const cx = mx / area;
  const cy = my / area;
  const [uxx, uyy, uxy] = [xx / area - cx * cx, yy / area - cy * cy, xy / area - cx * cy];
  // y points down, so the angle is turned round to be anticlockwise as seen.
  const degrees = (-0.5 * Math.atan2(2 * uxy, uxx - uyy) * 180) / Math.PI;
  return { centroid: { x: cx + origin.x, y: cy + origin.y }, orientationDeg: ((degrees % 180) + 180) % 180 };
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function edges(ring: readonly Point[]): (readonly [number, number])[] {
  return ring.map((p, i) => {
    const q = ring[(i + 1) % ring.length]!;
    return [q.x - p.x, q.y - p.y] as const;
  });
}
