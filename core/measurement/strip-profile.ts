import { inverseMap, mapPoint } from "#core/geometry/linear-map.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { intensityAt } from "./image-profile.ts";
import type { LengthScale } from "./length-scale.ts";
import { MeasurementError } from "./measurement-error.ts";

/** A strip along a line: where its samples lie, image px, and how far apart they are in the calibration's unit. */
export interface Strip {
  readonly p: Point;
  readonly q: Point;
  /** Samples along the line, both ends included. */
  readonly samples: number;
  /** Parallel lines that are averaged, one px apart. */
  readonly lines: number;
  /** From one sample to the next, image px; never more than 1. */
  readonly along: Point;
  /** From one parallel line to the next, image px: at a right angle in the calibrated plane. */
  readonly across: Point;
  /** From one sample to the next, in `unit`. */
  readonly step: number;
  readonly unit: LengthScale["unit"];
}

/** Mean intensity along a strip. NaN where no pixel with a number lies under it. */
export interface StripProfile {
  readonly mean: Float64Array;
  /** Standard error of each mean, from the spread across the width; NaN for a single line, which has none. */
  readonly standardError: Float64Array;
}

/** A strip is read at most this many times: some hundred ms. */
export const mostStripReadings = 4_000_000;

/**
 * The strip of a line from p to q, `widthPx` wide. Right angles are taken in the calibrated plane: pixels that are not
 * square bend them.
 *
 * @param p, q image px; @param widthPx at least 1, rounded
 * @throws MeasurementError `degenerate-polyline` for a line shorter than a pixel; `bad-step` for more than
 *   `mostStripReadings` readings
 */
export function stripAlong(p: Point, q: Point, widthPx: number, scale: LengthScale): Strip {
  const lengthPx = Math.hypot(q.x - p.x, q.y - p.y);
  if (!(lengthPx >= 1) || !Number.isFinite(lengthPx)) {
    throw new MeasurementError(
      "degenerate-polyline",
      `Expected a line of at least 1 px, got ${lengthPx} px. Draw a longer line.`,
    );
  }
  const intervals = Math.ceil(lengthPx - 1e-9);
  const lines = Math.max(1, Math.round(widthPx));
  if (!((intervals + 1) * lines <= mostStripReadings)) {
    throw new MeasurementError(
      "bad-step",
      `Expected a strip of at most ${mostStripReadings} readings, got ${intervals + 1} along × ${lines} across. Make it narrower or shorter.`,
      { samples: intervals + 1, lines },
    );
  }
  const direction = mapPoint(scale.map, { x: q.x - p.x, y: q.y - p.y });
  const length = Math.hypot(direction.x, direction.y);
  const normal = mapPoint(inverseMap(scale.map), { x: -direction.y, y: direction.x });
  const normalPx = Math.hypot(normal.x, normal.y);
  return {
    p,
    q,
    samples: intervals + 1,
    lines,
    along: { x: (q.x - p.x) / intervals, y: (q.y - p.y) / intervals },
    across: { x: normal.x / normalPx, y: normal.y / normalPx },
    step: length / intervals,
    unit: scale.unit,
  };
}

/** Outline of a strip, image px: what lies under it. */
export function stripCorners({ p, q, across, lines }: Strip): readonly [Point, Point, Point, Point] {
  const half = lines / 2;
  const at = ({ x, y }: Point, side: number) => ({ x: x + side * across.x, y: y + side * across.y });
  return [at(p, -half), at(q, -half), at(q, half), at(p, half)];
}

export function emptyProfile({ samples }: Strip): StripProfile {
  return {
    mean: new Float64Array(samples).fill(Number.NaN),
    standardError: new Float64Array(samples).fill(Number.NaN),
  };
}

/** Image px under the samples `from` … `to` - 1, with the pixels that bilinear reading touches. */
export function boxUnder(strip: Strip, from: number, to: number) {
  const half = (strip.lines - 1) / 2;
  const ends = [from, to - 1].flatMap((k) =>
    [-half, half].map((side) => ({
      x: strip.p.x + k * strip.along.x + side * strip.across.x,
      y: strip.p.y + k * strip.along.y + side * strip.across.y,
    })),
  );
  return {
    minX: Math.min(...ends.map(({ x }) => x)) - 1,
    minY: Math.min(...ends.map(({ y }) => y)) - 1,
    maxX: Math.max(...ends.map(({ x }) => x)) + 1,
    maxY: Math.max(...ends.map(({ y }) => y)) + 1,
  };
}

/**
 * Read the samples `from` … `to` - 1 of a strip into a profile: long strips are read piece by piece.
 *
 * Values that are not finite are left out of a mean; a sample with none stays NaN. The standard error is that of the mean
 * of n readings 1 px apart, SD/√n: bilinear reading makes neighbours share pixels, so at 45° it is up to 1.5 times too small.
 *
 * @param raster first sample of its pixels; @param corner image px of the raster's own corner, where it is a piece
 */
export function readStrip(
  raster: Raster,
  strip: Strip,
  into: StripProfile,
  from = 0,
  to = strip.samples,
  corner: Point = { x: 0, y: 0 },
): void {
  const { p, along, across, lines } = strip;
  const half = (lines - 1) / 2;
  for (let k = from; k < to; k++) {
    const x = p.x + k * along.x - corner.x;
    const y = p.y + k * along.y - corner.y;
    let [count, mean, squares] = [0, 0, 0];
    for (let line = 0; line < lines; line++) {
      const side = line - half;
      const value = intensityAt(raster, x + side * across.x, y + side * across.y);
      if (!Number.isFinite(value)) continue;
      // Welford: sums of squares of large counts would lose the spread.
      count++;
      const before = value - mean;
      mean += before / count;
      squares += before * (value - mean);
    }
    into.mean[k] = count > 0 ? mean : Number.NaN;
    into.standardError[k] = count > 1 ? Math.sqrt(squares / (count - 1) / count) : Number.NaN;
  }
}

/** Where sample k lies, image px; k may be a fraction. */
export function placeOnStrip({ p, along }: Strip, k: number): Point {
  return { x: p.x + k * along.x, y: p.y + k * along.y };
}
