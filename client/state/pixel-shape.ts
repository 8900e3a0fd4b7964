import type { Point } from "#core/geometry/point.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";

/** What a new calibration keeps of the old one: how high a pixel is for its width, and how the grid is turned. */
export interface PixelShape {
  /** y / x */
  readonly aspect: number;
  readonly rotationDeg: number;
}

export const squarePixels: PixelShape = { aspect: 1, rotationDeg: 0 };

/** Square where nothing is known. */
export function pixelShapeOf(calibration: Calibration): PixelShape {
  if (calibration.state !== "calibrated") return squarePixels;
  const { pixelSize, rotationDeg } = calibration;
  return { aspect: pixelSize.y / pixelSize.x, rotationDeg };
}

/** A distance in widths of a pixel. */
export function lengthInWidths(p: Point, q: Point, { aspect }: PixelShape): number {
  return Math.hypot(q.x - p.x, aspect * (q.y - p.y));
}
