import { type Polyline, pointAt, tangentsAlong } from "#core/geometry/polyline.ts";
import type { SegmentHierarchy } from "#core/geometry/segment-hierarchy.ts";
import { MeasurementError } from "./measurement-error.ts";

/**
 * Local thickness at a station: diameter of the largest disc that touches the substrate there, on the side of the film, and
 * reaches no farther than the film (Hildebrand & Rüegsegger 1997). In a wedge of angle α: 2(x + x₀)·tan(α/2).
 *
 * The slack (distance of the disc's centre to the film, minus its radius) never grows with the radius, so bisection finds
 * the one radius where it is zero.
 * @param station arc length along the substrate; @param side as a GapProfile gives it
 * @throws MeasurementError `no-overlap` when no disc up to `maxWidth` reaches the film
 */
export function gapMedialAt(
  substrate: Polyline,
  film: readonly SegmentHierarchy[],
  station: number,
  side: 1 | -1,
  settings: { readonly chordHalfWindow: number; readonly maxWidth: number },
): number {
  const p = pointAt(substrate, station);
  const tangent = tangentsAlong(substrate, Float64Array.of(station), settings.chordHalfWindow);
  const nx = -tangent.y[0]! * side;
  const ny = tangent.x[0]! * side;
  const slack = (r: number) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (const piece of film) nearest = Math.min(nearest, piece.nearest(p.x + r * nx, p.y + r * ny).distance);
    return nearest - r;
  };
  let low = 0;
  let high = settings.maxWidth / 2;
  if (slack(high) > 0) {
    throw new MeasurementError(
      "no-overlap",
      `Expected the film within ${settings.maxWidth} of the substrate at this station, found none. Choose a station that faces the film.`,
      { station },
    );
  }
  while (high - low > 1e-12 * settings.maxWidth) {
    const middle = (low + high) / 2;
    if (slack(middle) > 0) low = middle;
    else high = middle;
  }
  return low + high;
}
