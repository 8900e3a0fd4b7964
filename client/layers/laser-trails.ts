import { toScreen } from "#client/viewer/frames.ts";
import type { ViewState } from "#client/viewer/micrograph-viewer.ts";
import type { Point } from "#core/geometry/point.ts";

/** How long one sees where a laser pointer went. */
const fadeMs = 900;
const widthPx = 5;

interface Trail {
  colour: string;
  readonly points: { readonly at: Point; readonly ms: number }[];
}

export interface LaserTrails {
  /** The laser of somebody is here now. */
  note(who: number, at: Point, colour: string): void;
  paint(context: CanvasRenderingContext2D, view: ViewState): void;
  close(): void;
}

/** Where laser pointers went, fading. @param redraw asked for before each frame while anything still fades */
export function openLaserTrails(redraw: () => void): LaserTrails {
  const trails = new Map<number, Trail>();
  let waiting = 0;
  const fadeOn = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      redraw();
    });
  };
  return {
    note(who, at, colour) {
      const trail = trails.get(who) ?? { colour, points: [] };
      trails.set(who, trail);
      trail.colour = colour;
      const last = trail.points.at(-1)?.at;
      if (last?.x !== at.x || last.y !== at.y) trail.points.push({ at, ms: performance.now() });
      fadeOn();
    },
    paint(context, view) {
      const now = performance.now();
      for (const [who, { colour, points }] of trails) {
        while (points[0] && now - points[0].ms > fadeMs) points.shift();
        if (points.length === 0) trails.delete(who);
        else paintTrail(context, view, points, colour, now);
      }
      if (trails.size > 0) fadeOn();
    },
    close: () => cancelAnimationFrame(waiting),
  };
}

/** Piece by piece, each as faint and thin as it is old. */
function paintTrail(
  context: CanvasRenderingContext2D,
  view: ViewState,
  points: Trail["points"],
  colour: string,
  now: number,
) {
  context.lineCap = "round";
  context.strokeStyle = colour;
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [toScreen(view, points[i - 1]!.at), toScreen(view, points[i]!.at)];
    const left = 1 - (now - points[i]!.ms) / fadeMs;
    context.globalAlpha = Math.max(0, left);
    context.lineWidth = 1 + widthPx * Math.max(0, left);
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** The spot itself: bright on any picture, with a halo in its person's colour. */
export function paintLaserSpot(context: CanvasRenderingContext2D, { x, y }: Point, colour: string) {
  for (const [radius, alpha] of [
    [13, 0.25],
    [8, 0.55],
  ] as const) {
    context.globalAlpha = alpha;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
  }
  context.globalAlpha = 1;
  context.beginPath();
  context.arc(x, y, 4, 0, 2 * Math.PI);
  context.fillStyle = "#ffffff";
  context.fill();
}
