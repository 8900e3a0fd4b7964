import type { Point } from "#core/geometry/point.ts";
import {
  createPolyline,
  type Polyline,
  stationsAlong,
  tangentsAlong,
  walkPolyline,
} from "#core/geometry/polyline.ts";
import { SegmentHierarchy } from "#core/geometry/segment-hierarchy.ts";
import { MeasurementError } from "./measurement-error.ts";

/** Widths of a wire across its axis, one a station; NaN where an edge is missing. In the unit of the edges. */
export interface WireDiameter {
  readonly s: Float64Array;
  readonly diameter: Float64Array;
  readonly mean: number;
  readonly sd: number;
  readonly step: number;
  readonly axis: readonly Point[];
}

export interface WireSettings {
  readonly step: number;
  /** The axis' direction is its chord over ± this. */
  readonly chordHalfWindow: number;
  /** Replace the drawn axis by the midline of the edges, twice: an axis drawn askew inflates widths by 1/cos. */
  readonly refineAxis: boolean;
}

/**
 * Diameter of a wire between two edges, perpendicular to its axis.
 *
 * The projected width is the diameter only of a round wire.
 * @throws MeasurementError `no-overlap` when no station meets both edges; GeometryError `degenerate-polyline`
 */
export function wireDiameter(
  axis: readonly Point[],
  edges: readonly [readonly Point[], readonly Point[]],
  settings: WireSettings,
): WireDiameter {
  const [first, second] = edges.map((edge) => new SegmentHierarchy(createPolyline(edge))) as [
    SegmentHierarchy,
    SegmentHierarchy,
  ];
  let line = createPolyline(axis);
  let crossing = acrossAxis(line, first, second, settings);
  for (let round = 0; settings.refineAxis && round < 2; round++) {
    line = midline(crossing);
    crossing = acrossAxis(line, first, second, settings);
  }
  const widths = crossing.diameter.filter((d) => !Number.isNaN(d));
  const mean = widths.reduce((a, b) => a + b, 0) / widths.length;
  const sd = Math.sqrt(widths.reduce((sum, d) => sum + (d - mean) ** 2, 0) / widths.length);
  const path = Array.from(line.x, (x, i) => ({ x, y: line.y[i]! }));
  return {
    s: crossing.s,
    diameter: crossing.diameter,
    mean,
    sd,
    step: line.length / crossing.s.length,
    axis: path,
  };
}

interface Crossing {
  readonly s: Float64Array;
  readonly diameter: Float64Array;
  readonly middle: readonly Point[];
}

function acrossAxis(
  line: Polyline,
  first: SegmentHierarchy,
  second: SegmentHierarchy,
  settings: WireSettings,
): Crossing {
  const s = stationsAlong(line.length, settings.step);
  const tangent = tangentsAlong(line, s, settings.chordHalfWindow);
  const walk = walkPolyline(line);
  const at = { x: 0, y: 0 };
  const diameter = new Float64Array(s.length).fill(Number.NaN);
  const middle: Point[] = [];
  for (let k = 0; k < s.length; k++) {
    walk(s[k]!, at);
    const [nx, ny] = [-tangent.y[k]!, tangent.x[k]!];
    const a = first.castLine(at.x, at.y, nx, ny, Number.POSITIVE_INFINITY);
    const b = second.castLine(at.x, at.y, nx, ny, Number.POSITIVE_INFINITY);
    if (a.segment < 0 || b.segment < 0) continue;
    diameter[k] = Math.abs(a.distance - b.distance);
    const t = (a.distance + b.distance) / 2;
    middle.push({ x: at.x + t * nx, y: at.y + t * ny });
  }
  if (middle.length === 0) {
    throw new MeasurementError(
      "no-overlap",
      "Expected both edges beside the axis, but no station meets both. Draw the axis between the edges.",
    );
  }
  return { s, diameter, middle };
}

/** The middles between the edges, smoothed, as the new axis; one middle alone cannot give a direction and ends in a refusal. */
function midline({ middle }: Crossing): Polyline {
  return createPolyline(smoothed(middle));
}

/** Running mean over about a tenth of the line: the axis bends with the wire, not with its roughness. */
function smoothed(points: readonly Point[]): Point[] {
  const half = Math.max(1, Math.floor(points.length / 20));
  return points.map((_, i) => {
    const reach = Math.min(half, i, points.length - 1 - i);
    let [x, y] = [0, 0];
    for (let j = i - reach; j <= i + reach; j++) {
      x += points[j]!.x;
      y += points[j]!.y;
    }
    return { x: x / (2 * reach + 1), y: y / (2 * reach + 1) };
  });
}
