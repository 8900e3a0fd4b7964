import { type ImagePoint, imagePoint, type ScreenPoint, screenPoint } from "#core/geometry/point.ts";

/** Where the picture lies on the screen: the image point in the viewer's top left corner, and screen px per image px. */
export interface Frame {
  readonly corner: ImagePoint;
  readonly scale: number;
}

export function toScreen(
  { corner, scale }: Frame,
  p: { readonly x: number; readonly y: number },
): ScreenPoint {
  return screenPoint((p.x - corner.x) * scale, (p.y - corner.y) * scale);
}

export function toImage({ corner, scale }: Frame, p: ScreenPoint): ImagePoint {
  return imagePoint(p.x / scale + corner.x, p.y / scale + corner.y);
}
