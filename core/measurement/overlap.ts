import { measurableRing, type Polygon } from "#core/geometry/polygon.ts";
import { areaOf, combinePolygons } from "#core/geometry/polygon-boolean.ts";

/** Common area of two regions, e.g. of damage and the analysed box; in the square of the unit of the points. */
export interface RegionOverlap {
  readonly intersection: number;
  readonly fractionOfA: number;
  readonly fractionOfB: number;
  /** Intersection over union. */
  readonly iou: number;
}

/** By clipping, with holes. @throws GeometryError `degenerate-polygon`, `bad-coordinates` */
export function regionOverlap(a: readonly Polygon[], b: readonly Polygon[]): RegionOverlap {
  for (const { outer } of [...a, ...b]) measurableRing(outer);
  // Union with nothing applies the even-odd rule to rings that cross themselves, as the intersection does.
  const areaA = areaOf(combinePolygons("union", a, []));
  const areaB = areaOf(combinePolygons("union", b, []));
  const intersection = areaOf(combinePolygons("intersection", a, b));
  return {
    intersection,
    fractionOfA: intersection / areaA,
    fractionOfB: intersection / areaB,
    iou: intersection / (areaA + areaB - intersection),
  };
}
