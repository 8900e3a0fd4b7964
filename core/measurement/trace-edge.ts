import type { Point } from "#core/geometry/point.ts";
import { createPolyline, pointAt, stationsAlong, tangentsAlong } from "#core/geometry/polyline.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { intensityAt } from "./image-profile.ts";
import { MeasurementError } from "./measurement-error.ts";
import { robustSd, slopeAt } from "./snap.ts";

export interface TraceSettings {
  /** The edge is looked for this far on either side of the drawn curve, px. */
  readonly halfWidthPx: number;
  /** Forces a rise or a fall along the normal (-t_y, t_x) of the curve as drawn; either, where not given. */
  readonly polarity?: "rising" | "falling";
}

export interface TracedEdge {
  readonly points: readonly Point[];
  /** False where the slope is below 3 times its noise: the point is where its neighbours put it. */
  readonly supported: readonly boolean[];
}

/** The hand's tremor is taken out over this length before normals are built. */
const drawnSmoothingPx = 8;
const resultSmoothingPx = 2;
const stepPenalty = 0.02;

/**
 * Follow the edge within a band about a drawn curve: the band is straightened (columns 1 px of arc length, rows 1 px along the
 * normal), and the path of least cost -|∂I/∂n|/max found by dynamic programming, at most one row a column, with a
 * penalty of 0.02 a step; then a parabola through the slope and Gaussian smoothing of σ 2 px.
 *
 * @throws MeasurementError `no-edge` when fewer than half of the columns have a slope above 3 times the noise; `degenerate-polyline`
 * Source: Amini 1990; Mortensen & Barrett 1995.
 */
export function traceEdge(raster: Raster, drawn: readonly Point[], settings: TraceSettings): TracedEdge {
  const line = createPolyline(smoothPath(resample(drawn), drawnSmoothingPx));
  const columns = stationsAlong(line.length, 1);
  const tangent = tangentsAlong(line, columns, drawnSmoothingPx);
  const half = Math.round(settings.halfWidthPx);
  const rows = 2 * half + 1;
  const sign = settings.polarity === "rising" ? 1 : settings.polarity === "falling" ? -1 : 0;
  const base = Array.from(columns, (s) => pointAt(line, s));
  const slopes: Float64Array[] = [];
  const noises: number[] = [];
  for (const [k, { x, y }] of base.entries()) {
    const column = Float64Array.from({ length: rows }, (_, row) =>
      intensityAt(raster, x - (row - half) * tangent.y[k]!, y + (row - half) * tangent.x[k]!),
    );
    fillOutside(column);
    const slope = column.map((_, row) => slopeAt(column, row));
    slopes.push(slope.map((v) => strength(v, sign)));
    noises.push(robustSd(slope));
  }
  const threshold = (3 * noises.reduce((a, b) => a + b, 0)) / noises.length;
  const strongest = slopes.reduce((m, column) => Math.max(m, ...column), 0);
  const path = leastCostPath(slopes, Math.max(strongest, Number.MIN_VALUE));
  const supported = path.map((row, k) => slopes[k]![row]! > threshold);
  // The best path through pure noise finds such slopes too, but not on half of its way.
  if (supported.filter(Boolean).length < supported.length / 2) {
    throw new MeasurementError(
      "no-edge",
      "Expected an edge along the band, found none above the noise on most of it. Draw closer to the edge or widen the band.",
    );
  }
  const offsets = gaussianSmooth(
    Float64Array.from(path, (row, k) => refine(slopes[k]!, row) - half),
    resultSmoothingPx,
  );
  return {
    points: base.map(({ x, y }, k) => ({
      x: x - offsets[k]! * tangent.y[k]!,
      y: y + offsets[k]! * tangent.x[k]!,
    })),
    supported,
  };
}

const strength = (slope: number, sign: number) => (sign === 0 ? Math.abs(slope) : Math.max(0, sign * slope));

/** Viterbi: the path of least Σ(-slope/max + penalty·|step|), steps of at most one row. */
function leastCostPath(slopes: readonly Float64Array[], strongest: number): number[] {
  const rows = slopes[0]!.length;
  let cost = slopes[0]!.map((v) => -v / strongest);
  const from: Int8Array[] = [];
  for (let k = 1; k < slopes.length; k++) {
    const next = new Float64Array(rows);
    const steps = new Int8Array(rows);
    for (let row = 0; row < rows; row++) {
      let best = cost[row]!;
      for (const step of [-1, 1]) {
        const other = cost[row + step];
        if (other !== undefined && other + stepPenalty < best) {
          best = other + stepPenalty;
          steps[row] = step;
        }
      }
      next[row] = best - slopes[k]![row]! / strongest;
    }
    from.push(steps);
    cost = next;
  }
  let row = cost.indexOf(cost.reduce((a, b) => Math.min(a, b)));
  const path = [row];
  for (let k = from.length - 1; k >= 0; k--) {
    row += from[k]![row]!;
    path.push(row);
  }
  return path.reverse();
}

/** Sub-pixel maximum by a parabola through three rows. */
function refine(slope: Float64Array, row: number): number {
  const [a, b, c] = [slope[row - 1], slope[row]!, slope[row + 1]];
  if (a === undefined || c === undefined) return row;
  const curvature = a - 2 * b + c;
  return curvature < 0 ? row + Math.max(-0.5, Math.min(0.5, (a - c) / (2 * curvature))) : row;
}

function resample(points: readonly Point[]): Point[] {
  const line = createPolyline(points);
  const n = Math.max(2, Math.ceil(line.length) + 1);
  return Array.from({ length: n }, (_, k) => pointAt(line, (k * line.length) / (n - 1)));
}

/** Gaussian smoothing of a path with points 1 px apart; the window shrinks symmetrically, so the ends stay. */
function smoothPath(points: readonly Point[], sigma: number): Point[] {
  const x = gaussianSmooth(
    Float64Array.from(points, (p) => p.x),
    sigma,
  );
  const y = gaussianSmooth(
    Float64Array.from(points, (p) => p.y),
    sigma,
  );
  return points.map((_, i) => ({ x: x[i]!, y: y[i]! }));
}

function gaussianSmooth(values: Float64Array, sigma: number): Float64Array {
  return values.map((_, i) => {
    const reach = Math.min(Math.ceil(3 * sigma), i, values.length - 1 - i);
    let [sum, weights] = [0, 0];
    for (let j = -reach; j <= reach; j++) {
      const weight = Math.exp(-0.5 * (j / sigma) ** 2);
      sum += weight * values[i + j]!;
      weights += weight;
    }
    return sum / weights;
  });
}

/** Rows beyond the image repeat the nearest row inside, so that the border itself is no edge. */
function fillOutside(column: Float64Array): void {
  for (let k = 1; k < column.length; k++) if (Number.isNaN(column[k]!)) column[k] = column[k - 1]!;
  for (let k = column.length - 2; k >= 0; k--) if (Number.isNaN(column[k]!)) column[k] = column[k + 1]!;
}
