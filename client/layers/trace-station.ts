import { mapPoint, mapPoints } from "#core/geometry/linear-map.ts";
import type { Point } from "#core/geometry/point.ts";
import { createPolyline } from "#core/geometry/polyline.ts";
import { footOnSegment } from "#core/geometry/segment.ts";
import { lengthScale } from "#core/measurement/length-scale.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Annotation } from "#core/schema/annotation.ts";

/** Arc length, in the gap profile's own unit, of the place on a substrate trace that is nearest to a point. */
export function stationNear(substrate: Annotation, at: Point, calibration: Calibration): number | null {
  const vertices = substrate.outline.rings[0]?.vertices ?? [];
  if (vertices.length < 2) return null;
  const { map } = lengthScale(calibration);
  const line = createPolyline(mapPoints(map, vertices));
  const point = mapPoint(map, at);
  let nearest = { distance: Infinity, station: 0 };
  for (let i = 0; i + 1 < line.x.length; i++) {
    const a = { x: line.x[i]!, y: line.y[i]! };
    const b = { x: line.x[i + 1]!, y: line.y[i + 1]! };
    const { t, distance } = footOnSegment(point, a, b);
    if (distance < nearest.distance)
      nearest = { distance, station: line.s[i]! + t * (line.s[i + 1]! - line.s[i]!) };
  }
  return nearest.station;
}
