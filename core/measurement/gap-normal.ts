import { type Polyline, stationsAlong, tangentsAlong, walkPolyline } from "#core/geometry/polyline.ts";
import type { SegmentHierarchy } from "#core/geometry/segment-hierarchy.ts";
import { type GapProfile, type GapSettings, orientGap, requireSettings } from "./gap-profile.ts";

/**
 * Gap along the normal of the substrate: local thickness as ASTM B487 and ISO 1463 measure it, station by station.
 *
 * At each station the line through it, perpendicular to the chord over ± `chordHalfWindow`, is met with the film; the
 * nearest crossing on either side counts. Positive on the side that holds most of the area, negative where the film crosses
 * the substrate. Several film pieces: the nearest crossing of all; holes between pieces stay NaN. O(n log m).
 * @param substrate in the unit of the result (calibrated before, so that "perpendicular" is perpendicular on the specimen)
 * @param film pieces with their hierarchy, in any drawing direction
 * @throws MeasurementError `no-overlap`, `bad-step`
 */
export function gapNormal(
  substrate: Polyline,
  film: readonly SegmentHierarchy[],
  settings: GapSettings,
): GapProfile {
  requireSettings(settings, substrate);
  const s = stationsAlong(substrate.length, settings.step);
  const n = s.length;
  const tangent = tangentsAlong(substrate, s, settings.chordHalfWindow);
  const walk = walkPolyline(substrate);
  const at = { x: 0, y: 0 };
  const [substrateX, substrateY] = [new Float64Array(n), new Float64Array(n)];
  const [filmX, filmY] = [new Float64Array(n).fill(Number.NaN), new Float64Array(n).fill(Number.NaN)];
  const gap = new Float64Array(n).fill(Number.NaN);
  const maxGap = settings.maxGap ?? Number.POSITIVE_INFINITY;
  for (let k = 0; k < n; k++) {
    walk(s[k]!, at);
    substrateX[k] = at.x;
    substrateY[k] = at.y;
    const nx = -tangent.y[k]!;
    const ny = tangent.x[k]!;
    let reach = maxGap;
    for (const piece of film) {
      const hit = piece.castLine(at.x, at.y, nx, ny, reach);
      if (hit.segment < 0) continue;
      gap[k] = hit.distance;
      filmX[k] = at.x + hit.distance * nx;
      filmY[k] = at.y + hit.distance * ny;
      reach = Math.abs(hit.distance);
    }
  }
  const raw = { s, gap, substrateX, substrateY, filmX, filmY, step: substrate.length / n };
  return orientGap(substrate, raw, settings.side);
}
