import type { FourierRegion } from "#client/state/fourier-store.ts";
import { toScreen } from "#client/viewer/frames.ts";
import type { ViewState } from "#client/viewer/micrograph-viewer.ts";
import type { Point } from "#core/geometry/point.ts";
import { lengthScale } from "#core/measurement/length-scale.ts";
import { stripAlong, stripCorners } from "#core/measurement/strip-profile.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Annotation } from "#core/schema/annotation.ts";

const dark = "rgba(8, 12, 14, 0.7)";
const accent = "#3fd0c0";

/** The square of the Fourier transform: a corner mark at each corner, since its sides may lie on something to be seen. */
export function paintFourierRegion(
  context: CanvasRenderingContext2D,
  view: ViewState,
  { x, y, side }: FourierRegion,
) {
  const a = toScreen(view, { x, y });
  const length = side * view.scale;
  for (const [colour, width] of [
    [dark, 3.5],
    [accent, 1.5],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash([5, 4]);
    context.strokeRect(a.x, a.y, length, length);
    context.setLineDash([]);
    const arm = Math.min(14, length / 4);
    context.beginPath();
    for (const [cx, cy, sx, sy] of [
      [a.x, a.y, 1, 1],
      [a.x + length, a.y, -1, 1],
      [a.x + length, a.y + length, -1, -1],
      [a.x, a.y + length, 1, -1],
    ] as const) {
      context.moveTo(cx + sx * arm, cy);
      context.lineTo(cx, cy);
      context.lineTo(cx, cy + sy * arm);
    }
    context.lineWidth = width + 1;
    context.stroke();
  }
}

/** What a profile averages over, while the line is drawn or selected. */
export function paintStrip(
  context: CanvasRenderingContext2D,
  view: ViewState,
  ends: readonly Point[],
  widthPx: number,
  calibration: Calibration,
) {
  const [p, q] = ends;
  if (!p || !q || ends.length !== 2 || widthPx * view.scale < 2 || Math.hypot(q.x - p.x, q.y - p.y) < 1)
    return;
  const corners = stripCorners(stripAlong(p, q, widthPx, lengthScale(calibration)));
  context.beginPath();
  corners.forEach((corner, i) => {
    const { x, y } = toScreen(view, corner);
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.closePath();
  context.fillStyle = "rgba(63, 208, 192, 0.12)";
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = "rgba(63, 208, 192, 0.8)";
  context.stroke();
}

/** The width a profile line carries; lines of other programs may carry none. */
export function widthOfProfile({ parameters }: Pick<Annotation, "parameters">): number {
  const width = parameters.widthPx;
  return typeof width === "number" && width >= 1 ? width : 1;
}
