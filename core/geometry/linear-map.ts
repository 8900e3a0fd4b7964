import type { Point } from "./point.ts";

/** A 2 × 2 matrix: (x, y) ↦ (xx·x + xy·y, yx·x + yy·y). */
export interface LinearMap {
  readonly xx: number;
  readonly xy: number;
  readonly yx: number;
  readonly yy: number;
}

export const identityMap: LinearMap = { xx: 1, xy: 0, yx: 0, yy: 1 };

/** R(rotation) · diag(scaleX, scaleY); positive angles turn x towards y (clockwise on a screen, since y points down). */
export function rotationOfScale(scaleX: number, scaleY: number, rotationDeg: number): LinearMap {
  const angle = (rotationDeg * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return { xx: cos * scaleX, xy: -sin * scaleY, yx: sin * scaleX, yy: cos * scaleY };
}

export function mapPoint(map: LinearMap, p: Point): Point {
  return { x: map.xx * p.x + map.xy * p.y, y: map.yx * p.x + map.yy * p.y };
}

export function mapPoints(map: LinearMap, points: readonly Point[]): Point[] {
  return points.map((p) => mapPoint(map, p));
}

/** Signed area factor. */
export function determinant(map: LinearMap): number {
  return map.xx * map.yy - map.xy * map.yx;
}

/** The map that undoes this one. The determinant must not be zero. */
export function inverseMap(map: LinearMap): LinearMap {
  const d = determinant(map);
  return { xx: map.yy / d, xy: -map.xy / d, yx: -map.yx / d, yy: map.xx / d };
}
