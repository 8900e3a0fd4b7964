import { type Polyline, stationsAlong, tangentsAlong, walkPolyline } from "#core/geometry/polyline.ts";
import type { SegmentHierarchy } from "#core/geometry/segment-hierarchy.ts";
import { type GapProfile, type GapSettings, orientGap, requireSettings } from "./gap-profile.ts";

/** Nearest distances from both boundaries. */
export interface NearestGap {
  /** Along the substrate; signed like the normal method. */
  readonly profile: GapProfile;
  /** (∫d from substrate + ∫d from film) / (matched substrate + matched film); negative distances count as 0. */
  readonly meanSymmetric: number;
  readonly matchedSubstrate: number;
  readonly matchedFilm: number;
}

/**
 * Symmetric nearest distance of two boundaries, exact to segments.
 *
 * Stations along both curves; one whose nearest point is an end vertex of the other curve, with its foot beyond that end,
 * has no counterpart and is left out. On a wedge of angle α it is the normal gap times cos α: name the method with the number.
 * @param substrate, film in the unit of the result; @throws MeasurementError `no-overlap`, `bad-step`
 */
export function gapNearest(
  substrate: SegmentHierarchy,
  film: readonly SegmentHierarchy[],
  settings: GapSettings,
): NearestGap {
  const line = substrate.line;
  requireSettings(settings, line);
  const s = stationsAlong(line.length, settings.step);
  const n = s.length;
  const tangent = tangentsAlong(line, s, settings.chordHalfWindow);
  const walk = walkPolyline(line);
  const at = { x: 0, y: 0 };
  const [substrateX, substrateY] = [new Float64Array(n), new Float64Array(n)];
  const [filmX, filmY] = [new Float64Array(n).fill(Number.NaN), new Float64Array(n).fill(Number.NaN)];
  const gap = new Float64Array(n).fill(Number.NaN);
  const maxGap = settings.maxGap ?? Number.POSITIVE_INFINITY;
  for (let k = 0; k < n; k++) {
    walk(s[k]!, at);
    substrateX[k] = at.x;
    substrateY[k] = at.y;
    let reach = maxGap;
    for (const piece of film) {
      const hit = piece.nearest(at.x, at.y);
      if (hit.distance > reach) continue;
      reach = hit.distance;
      if (beyondEnd(piece.line, hit.segment, hit.t, at.x, at.y)) {
        gap[k] = filmX[k] = filmY[k] = Number.NaN;
        continue;
      }
      const fx =
        piece.line.x[hit.segment]! + hit.t * (piece.line.x[hit.segment + 1]! - piece.line.x[hit.segment]!);
      const fy =
        piece.line.y[hit.segment]! + hit.t * (piece.line.y[hit.segment + 1]! - piece.line.y[hit.segment]!);
      filmX[k] = fx;
      filmY[k] = fy;
      const across = tangent.x[k]! * (fy - at.y) - tangent.y[k]! * (fx - at.x);
      gap[k] = across < 0 ? -hit.distance : hit.distance;
    }
  }
  const raw = { s, gap, substrateX, substrateY, filmX, filmY, step: line.length / n };
  const profile = orientGap(line, raw, settings.side);
  const fromSubstrate = positiveSum(profile.gap) * profile.step;
  const back = distancesFromFilm(substrate, film, settings, profile.side);
  return {
    profile,
    meanSymmetric: (fromSubstrate + back.integral) / (profile.matchedLength + back.matched),
    matchedSubstrate: profile.matchedLength,
    matchedFilm: back.matched,
  };
}

function distancesFromFilm(
  substrate: SegmentHierarchy,
  film: readonly SegmentHierarchy[],
  { step, maxGap = Number.POSITIVE_INFINITY }: GapSettings,
  side: 1 | -1,
): { readonly integral: number; readonly matched: number } {
  const { line } = substrate;
  const at = { x: 0, y: 0 };
  let integral = 0;
  let matched = 0;
  for (const piece of film) {
    const stations = stationsAlong(piece.line.length, step);
    const interval = piece.line.length / stations.length;
    const walk = walkPolyline(piece.line);
    for (const s of stations) {
      walk(s, at);
      const { segment: i, t, distance } = substrate.nearest(at.x, at.y);
      if (distance > maxGap || beyondEnd(line, i, t, at.x, at.y)) continue;
      const tx = line.x[i + 1]! - line.x[i]!;
      const ty = line.y[i + 1]! - line.y[i]!;
      const across = tx * (at.y - line.y[i]!) - ty * (at.x - line.x[i]!);
      matched += interval;
      if (across * side > 0) integral += distance * interval;
    }
  }
  return { integral, matched };
}

/** True when the nearest point is an end vertex of the line and the foot of the perpendicular lies beyond it. */
function beyondEnd(line: Polyline, segment: number, t: number, x: number, y: number): boolean {
  const last = line.x.length - 2;
  const atStart = segment === 0 && t === 0;
  const atEnd = segment === last && t === 1;
  if (!atStart && !atEnd) return false;
  const ux = line.x[segment + 1]! - line.x[segment]!;
  const uy = line.y[segment + 1]! - line.y[segment]!;
  const along = ((x - line.x[segment]!) * ux + (y - line.y[segment]!) * uy) / (ux * ux + uy * uy);
  return atStart ? along < 0 : along > 1;
}

function positiveSum(values: Float64Array): number {
  let sum = 0;
  for (const v of values) if (v > 0) sum += v;
  return sum;
}
