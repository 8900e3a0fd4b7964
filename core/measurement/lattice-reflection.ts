import { mapPoint } from "#core/geometry/linear-map.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import type { KnownReflection } from "./calibrate-lattice.ts";
import type { LengthScale } from "./length-scale.ts";
import { MeasurementError } from "./measurement-error.ts";
import { locatePeak } from "./peak-centroid.ts";

/** Where a reflection lies, before anybody has said which it is. */
export type ReflectionPlace = Pick<KnownReflection, "x" | "y" | "uX" | "uY">;

interface Line {
  readonly p: Point;
  readonly q: Point;
}

/** A line is drawn at a right angle to fringes to some 5°: (1 - cos 5°)/√3. */
const obliqueRelativeU = 0.0022;

/**
 * Fringes that a line crosses at a right angle (in the calibrated plane), as a frequency in cycles a px: f = Aᵀ g.
 *
 * @param spacing from fringe to fringe, in the unit of the scale; @param relativeU of the spacing, the line's direction
 *   not included: that is added here
 * @throws MeasurementError `degenerate-polyline` for a line without a length, `bad-calibration` for a spacing that is not positive
 */
export function fringesAlong(
  { p, q }: Line,
  spacing: number,
  relativeU: number,
  { map }: Pick<LengthScale, "map">,
): ReflectionPlace {
  const along = mapPoint(map, { x: q.x - p.x, y: q.y - p.y });
  const length = Math.hypot(along.x, along.y);
  if (!(length > 0)) {
    throw new MeasurementError(
      "degenerate-polyline",
      "Expected a line across the fringes, but its two ends are the same. Draw it again.",
    );
  }
  if (!(spacing > 0) || !Number.isFinite(spacing)) {
    throw new MeasurementError(
      "bad-calibration",
      `Expected a positive distance between the fringes, got ${spacing}. Count at least one period.`,
      { spacing },
    );
  }
  const g = { x: along.x / (length * spacing), y: along.y / (length * spacing) };
  const x = map.xx * g.x + map.yx * g.y;
  const y = map.xy * g.x + map.yy * g.y;
  const u = Math.hypot(relativeU, obliqueRelativeU) * Math.hypot(x, y);
  return { x, y, uX: u, uY: u };
}

/**
 * `periods` fringes counted from end to end of a line: the ends are good to `endUPx` each.
 *
 * @throws MeasurementError as `fringesAlong`
 */
export function countedFringes(
  line: Line,
  periods: number,
  endUPx: number,
  scale: Pick<LengthScale, "map">,
): ReflectionPlace {
  const { p, q } = line;
  const along = mapPoint(scale.map, { x: q.x - p.x, y: q.y - p.y });
  const lengthPx = Math.hypot(q.x - p.x, q.y - p.y);
  const spacing = Math.hypot(along.x, along.y) / periods;
  return fringesAlong(line, spacing, (Math.SQRT2 * endUPx) / lengthPx, scale);
}

/** How a line was drawn over a diffraction pattern. */
export type DiffractionLine =
  /** From the middle of the pattern to a spot or a ring. */
  | "radius"
  /** From a spot g to its opposite -g, or across a ring: the middle need not be known. */
  | "diameter";

/** The reflection that a line over a diffraction pattern points out, px from the middle. */
export function reflectionOfLine({ p, q }: Line, drawn: DiffractionLine, endUPx: number): ReflectionPlace {
  const share = drawn === "radius" ? 1 : 0.5;
  const u = share * Math.SQRT2 * endUPx;
  return { x: share * (q.x - p.x), y: share * (q.y - p.y), uX: u, uY: u };
}

/** Around a place that a hand pointed at; a spot is at most this large. */
const searchPx = 8;
const spotPx = 6;
/** What has to be known around a place to refine it. */
export const refinePatchPx = searchPx + spotPx + 8;

/**
 * The middle of the diffraction spot nearest to where somebody pointed, image px; null where none stands out.
 *
 * @param corner image px of the raster's corner, where it is a piece
 */
export function refinedSpot(raster: Raster, at: Point, corner: Point = { x: 0, y: 0 }): Point | null {
  const { width, height, data } = raster;
  if (raster.samplesPerPixel !== 1) return null;
  try {
    const peak = locatePeak(
      { width, height, data },
      { column: at.x - corner.x - 0.5, row: at.y - corner.y - 0.5 },
      {
        searchRadius: searchPx,
        spotRadius: spotPx,
        leastProminence: 6,
        variance: (_signal, _background, spread) => spread * spread,
      },
    );
    return { x: corner.x + peak.column + 0.5, y: corner.y + peak.row + 0.5 };
  } catch (error) {
    if (error instanceof MeasurementError) return null;
    throw error;
  }
}
