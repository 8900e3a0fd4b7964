import { isDomainError } from "#core/errors/domain-error.ts";
import type { Point } from "#core/geometry/point.ts";
import { createPolyline, pointAt, stationsAlong, tangentsAlong } from "#core/geometry/polyline.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { fitGap, type GapFit, type GapFitOptions } from "./gap-fit.ts";
import { intensityAt, lineProfile } from "./image-profile.ts";
import { MeasurementError } from "./measurement-error.ts";

/** A gap measured from intensity, in px of the image. */
export interface ImageGap extends GapFit {
  /** Combined standard uncertainty: fit, and the disagreement with the derivative method where the gap is resolved. */
  readonly u: number;
  readonly budget: { readonly fit: number; readonly model: number };
  /** Angle between the line as drawn and the interface's normal, degrees; 0 where it was not looked for. */
  readonly tiltDeg: number;
}

/** Gap along the line p → q, averaged over `widthPx`, the line taken as perpendicular to the interface. Errors: `fitGap`, `lineProfile`. */
export function gapAcrossLine(
  raster: Raster,
  p: Point,
  q: Point,
  widthPx: number,
  options: GapFitOptions,
): ImageGap {
  return withUncertainty(fitGap(lineProfile(raster, p, q, widthPx).mean, options), 0);
}

const stripCount = 5;
const maxTurns = 3;
const toleratedTiltDeg = 0.5;

/**
 * The same for a line drawn off the interface's normal: the gap's centre is found in strips across the width, and their slope
 * is the tilt. Above 0.5° the line is turned about its middle and measured again, at most 3 times. Untreated, a tilt δ
 * inflates the width by 1/cos δ and blurs the edges by width·tan δ/√12.
 */
export function gapAcrossTiltedLine(
  raster: Raster,
  p: Point,
  q: Point,
  widthPx: number,
  options: GapFitOptions,
): ImageGap {
  const middle = { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2 };
  const half = { x: (q.x - p.x) / 2, y: (q.y - p.y) / 2 };
  let turned = 0;
  for (let turn = 0; ; turn++) {
    const [cos, sin] = [Math.cos(turned), Math.sin(turned)];
    const h = { x: cos * half.x - sin * half.y, y: sin * half.x + cos * half.y };
    const from = { x: middle.x - h.x, y: middle.y - h.y };
    const to = { x: middle.x + h.x, y: middle.y + h.y };
    const tilt = tiltOfGap(raster, from, to, widthPx, options);
    if (Math.abs(tilt) * (180 / Math.PI) <= toleratedTiltDeg || turn === maxTurns) {
      const fit = fitGap(lineProfile(raster, from, to, widthPx).mean, options);
      return withUncertainty(
        { ...fit, width: fit.width * Math.cos(tilt) },
        ((turned + tilt) * 180) / Math.PI,
      );
    }
    turned += tilt;
  }
}

/** Turn that makes the line perpendicular to the gap, radians: minus the slope of the gap's centre across the width. */
function tiltOfGap(raster: Raster, p: Point, q: Point, widthPx: number, options: GapFitOptions): number {
  const strip = widthPx / stripCount;
  const points: [offset: number, centre: number][] = [];
  for (let k = 0; k < stripCount; k++) {
    const offset = (k + 0.5) * strip - widthPx / 2;
    try {
      points.push([offset, fitGap(lineProfile(raster, p, q, strip, offset).mean, options).centre]);
    } catch (error) {
      // A strip too noisy to show the gap has no say in the direction.
      if (!isDomainError(error)) throw error;
    }
  }
  if (points.length < 3) return 0;
  const mean = (i: 0 | 1) => points.reduce((sum, point) => sum + point[i], 0) / points.length;
  const [mo, mc] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, [o, c]) => sum + (o - mo) * (c - mc), 0);
  const variance = points.reduce((sum, [o]) => sum + (o - mo) ** 2, 0);
  return -Math.atan(covariance / variance);
}

/** Gap along a curved interface, one width a segment. */
export interface BandGap {
  /** Arc length along the drawn curve at the middle of each fitted segment, px. */
  readonly s: Float64Array;
  readonly gap: Float64Array;
  readonly u: Float64Array;
  /** Segments in which no gap could be fitted. */
  readonly refused: number;
  readonly meanGap: number;
}

/** The curve's direction is its chord over ± this, so that the hand's tremor does not turn the normals. */
const bandChordHalfWindowPx = 8;

/**
 * Straighten a band along a drawn curve (columns 1 px of arc length, rows 1 px along the normal), average its columns in
 * segments and fit each. Keep halfWidth × curvature below 0.5, or neighbouring normals cross.
 *
 * @throws MeasurementError the refusal of the last segment when none can be fitted; `degenerate-polyline`
 */
export function gapAlongCurve(
  raster: Raster,
  curve: readonly Point[],
  halfWidthPx: number,
  segmentPx: number,
  options: GapFitOptions,
): BandGap {
  const line = createPolyline(curve);
  const columns = stationsAlong(line.length, 1);
  const tangent = tangentsAlong(line, columns, bandChordHalfWindowPx);
  const rows = 2 * Math.round(halfWidthPx) + 1;
  const segments = Math.max(1, Math.round(columns.length / segmentPx));
  const found: { s: number; fit: ImageGap }[] = [];
  let lastRefusal: unknown = null;
  for (let segment = 0; segment < segments; segment++) {
    const first = Math.round((segment * columns.length) / segments);
    const last = Math.round(((segment + 1) * columns.length) / segments);
    const sums = new Float64Array(rows);
    const counts = new Float64Array(rows);
    for (let column = first; column < last; column++) {
      const { x, y } = pointAt(line, columns[column]!);
      for (let row = 0; row < rows; row++) {
        const offset = row - (rows - 1) / 2;
        const value = intensityAt(raster, x - offset * tangent.y[column]!, y + offset * tangent.x[column]!);
        if (Number.isNaN(value)) continue;
        sums[row]! += value;
        counts[row]!++;
      }
    }
    try {
      if (counts.some((count) => count === 0)) {
        throw new MeasurementError(
          "bad-coordinates",
          "Expected the band to lie on the image. Make it narrower or move the curve.",
        );
      }
      const fit = withUncertainty(
        fitGap(
          sums.map((v, row) => v / counts[row]!),
          options,
        ),
        0,
      );
      found.push({ s: (columns[first]! + columns[last - 1]!) / 2, fit });
    } catch (error) {
      if (!isDomainError(error)) throw error;
      lastRefusal = error;
    }
  }
  if (found.length === 0) throw lastRefusal;
  return {
    s: Float64Array.from(found, ({ s }) => s),
    gap: Float64Array.from(found, ({ fit }) => fit.width),
    u: Float64Array.from(found, ({ fit }) => fit.u),
    refused: segments - found.length,
    meanGap: found.reduce((sum, { fit }) => sum + fit.width, 0) / found.length,
  };
}

function withUncertainty(fit: GapFit, tiltDeg: number): ImageGap {
  const model = fit.resolved ? Math.abs(fit.width - fit.derivativeWidth) / Math.sqrt(3) : 0;
  return { ...fit, u: Math.hypot(fit.uFit, model), budget: { fit: fit.uFit, model }, tiltDeg };
}
