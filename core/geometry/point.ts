import type { Brand } from "#core/units/brand.ts";

/** A bare pair: x to the right, y down. Frame of reference is said by whoever holds it. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Full-resolution image pixels; origin at the outer corner of pixel (0,0); pixel (i,j) has its centre at (i+½, j+½). */
export type ImagePoint = Brand<Point, "image px">;

/** CSS pixels of the viewer element, origin at its top left corner. */
export type ScreenPoint = Brand<Point, "screen px">;

export function imagePoint(x: number, y: number): ImagePoint {
  return { x, y } as ImagePoint;
}

export function screenPoint(x: number, y: number): ScreenPoint {
  return { x, y } as ScreenPoint;
}
