import type { Point } from "#core/geometry/point.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { fitEdge } from "./edge-fit.ts";
import { medianOf, noiseOf } from "./gap-candidate.ts";
import { lineProfile } from "./image-profile.ts";
import { MeasurementError } from "./measurement-error.ts";

export interface SnapSettings {
  /** An edge is looked for this far on either side of an end, px. */
  readonly searchPx: number;
  /** Profiles are averaged over this width, px. */
  readonly widthPx: number;
}

/** Ends of a line moved onto the edges nearest to them; `null` where there is no edge and the end stays. */
export interface SnappedLine {
  readonly p: Point;
  readonly q: Point;
  readonly pEdge: { readonly uPx: number } | null;
  readonly qEdge: { readonly uPx: number } | null;
}

const fitHalfWidthPx = 7;
/** Norm of a Gaussian derivative of σ 1: white noise of SD 1 gives slopes of this SD. */
const slopeNoise = Math.sqrt(1 / (4 * Math.sqrt(Math.PI)));

/**
 * Snap both ends of a line along its own direction: the strongest slope (Gaussian derivative, σ 1 px), weighted by
 * exp(-½(d/search)²), then a blurred edge fitted within ±7 px.
 *
 * @throws MeasurementError `no-edge` when neither end has an edge above 4 SD of the noise; errors of `lineProfile`
 */
export function snapLine(raster: Raster, p: Point, q: Point, settings: SnapSettings): SnappedLine {
  const length = Math.hypot(q.x - p.x, q.y - p.y);
  const direction = { x: (q.x - p.x) / length, y: (q.y - p.y) / length };
  const first = edgeNear(raster, p, direction, settings);
  const second = edgeNear(raster, q, direction, settings);
  if (!first && !second) {
    throw new MeasurementError(
      "no-edge",
      "Expected an edge near an end of the line, found none above the noise. Move the ends closer to the edges, or average over a wider line.",
    );
  }
  const along = (end: Point, shift: number) => ({
    x: end.x + shift * direction.x,
    y: end.y + shift * direction.y,
  });
  return {
    p: first ? along(p, first.shift) : p,
    q: second ? along(q, second.shift) : q,
    pEdge: first && { uPx: first.u },
    qEdge: second && { uPx: second.u },
  };
}

function edgeNear(raster: Raster, end: Point, direction: Point, { searchPx, widthPx }: SnapSettings) {
  const reach = Math.ceil(searchPx) + fitHalfWidthPx + 1;
  const at = (t: number) => ({ x: end.x + t * direction.x, y: end.y + t * direction.y });
  const { mean: values } = lineProfile(raster, at(-reach), at(reach), widthPx);
  const slopes = values.map((_, k) => slopeAt(values, k));
  const threshold = 4 * Math.max(slopeNoise * noiseOf(values), robustSd(slopes));
  let best = -1;
  let bestWeight = 0;
  for (let k = 0; k < values.length; k++) {
    const distance = k - reach;
    if (Math.abs(distance) > searchPx) continue;
    const slope = Math.abs(slopes[k]!);
    const weight = slope * Math.exp(-0.5 * (distance / searchPx) ** 2);
    if (slope > threshold && weight > bestWeight) [best, bestWeight] = [k, weight];
  }
  if (best < 0) return null;
  const from = Math.max(0, best - fitHalfWidthPx);
  const window = values.slice(from, best + fitHalfWidthPx + 1);
  const third = Math.max(2, Math.floor(window.length / 3));
  const fit = fitEdge(window, {
    position: best - from,
    before: medianOf(window.slice(0, third)),
    after: medianOf(window.slice(-third)),
  });
  return { shift: from + fit.position - reach, u: fit.uPosition };
}

/**
 * SD of slopes about zero by the median of their size. Sampling between pixels smooths, so that first differences alone
 * underrate the noise by up to a half; an edge, being short against the profile, hardly moves the median.
 */
export function robustSd(slopes: Float64Array): number {
  return medianOf(slopes.map((v) => Math.abs(v))) / 0.6745;
}

/** j·exp(-½j²)/√(2π) for j = -4 … 4: worked out once, as it is asked for at every pixel of a band. */
const derivative = Float64Array.from(
  { length: 9 },
  (_, i) => ((i - 4) * Math.exp(-0.5 * (i - 4) ** 2)) / Math.sqrt(2 * Math.PI),
);

/** Gaussian derivative, σ 1 sample; ends repeat their value. */
export function slopeAt(values: Float64Array, k: number): number {
  let sum = 0;
  const last = values.length - 1;
  for (let j = -4; j <= 4; j++) {
    const at = k + j;
    sum += values[at < 0 ? 0 : at > last ? last : at]! * derivative[j + 4]!;
  }
  return sum;
}
