import type { Point } from "#core/geometry/point.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { MeasurementError } from "./measurement-error.ts";

/**
 * Recorded intensity at an image point, bilinear between pixel centres: pixel (i, j) has its centre at (i+½, j+½).
 *
 * @returns the first sample of the pixel; NaN outside the image. Within half a pixel of the border the border's value holds.
 */
export function intensityAt({ width, height, samplesPerPixel, data }: Raster, x: number, y: number): number {
  if (x < 0 || y < 0 || x > width || y > height) return Number.NaN;
  const u = Math.min(width - 1, Math.max(0, x - 0.5));
  const v = Math.min(height - 1, Math.max(0, y - 0.5));
  const i = Math.min(width - 2, Math.floor(u));
  const j = Math.min(height - 2, Math.floor(v));
  const [left, top] = [Math.max(0, i), Math.max(0, j)];
  const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)];
  const s = u - left;
  const t = v - top;
  const at = (column: number, row: number) => data[(row * width + column) * samplesPerPixel]!;
  return (
    (1 - t) * ((1 - s) * at(left, top) + s * at(right, top)) +
    t * ((1 - s) * at(left, bottom) + s * at(right, bottom))
  );
}

/** Mean intensity along a line, averaged across its width. */
export interface ImageProfile {
  /** One value a step of 1 px from p towards q, both ends included. */
  readonly mean: Float64Array;
  /** Standard error of each mean, from the spread across the width. */
  readonly standardError: Float64Array;
}

/**
 * Profile from p to q in steps of 1 px, mean over parallel lines 1 px apart.
 *
 * @param p, q image px; @param offset shifts the strip sideways, along (-d_y, d_x); @param widthPx number of lines, rounded
 * @throws MeasurementError `degenerate-polyline` for a line shorter than a pixel; `bad-coordinates` where part of the line has
 *   no image under it
 */
export function lineProfile(raster: Raster, p: Point, q: Point, widthPx: number, offset = 0): ImageProfile {
  const length = Math.hypot(q.x - p.x, q.y - p.y);
  if (!(length >= 1)) {
    throw new MeasurementError(
      "degenerate-polyline",
      `Expected a line of at least 1 px, got ${length} px. Draw a longer line.`,
    );
  }
  const dx = (q.x - p.x) / length;
  const dy = (q.y - p.y) / length;
  const lines = Math.max(1, Math.round(widthPx));
  const n = Math.floor(length + 1e-9) + 1;
  const mean = new Float64Array(n);
  const standardError = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let [count, sum, squares] = [0, 0, 0];
    for (let line = 0; line < lines; line++) {
      const side = offset + line - (lines - 1) / 2;
      const value = intensityAt(raster, p.x + k * dx - side * dy, p.y + k * dy + side * dx);
      if (Number.isNaN(value)) continue;
      count++;
      sum += value;
      squares += value * value;
    }
    if (count === 0) {
      throw new MeasurementError(
        "bad-coordinates",
        "Expected the line to lie on the image, but part of it has no pixel under it. Move its ends into the image.",
        { sample: k },
      );
    }
    mean[k] = sum / count;
    const variance = count > 1 ? Math.max(0, squares - (sum * sum) / count) / (count - 1) : Number.NaN;
    standardError[k] = Math.sqrt(variance / count);
  }
  return { mean, standardError };
}
