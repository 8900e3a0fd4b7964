import { type FourierRegion, nearestSide, regionAbout } from "#client/state/fourier-store.ts";
import type { Point } from "#core/geometry/point.ts";
import {
  distance,
  dragThresholdPx,
  noPreview,
  type Step,
  stay,
  type Tool,
  type ToolContext,
} from "./tool.ts";

export type FourierToolState =
  | { readonly name: "idle" }
  | {
      readonly name: "moving";
      readonly before: FourierRegion;
      /** From the region's corner to the hand. */
      readonly grip: Point;
    }
  | { readonly name: "drawing"; readonly before: FourierRegion | null; readonly anchor: Point };

/** A click puts a square of this side where there was none. */
const firstSide = 512;

/**
 * The square whose Fourier transform is shown: drag inside it to move it, drag elsewhere to draw another (its side goes
 * to the nearest power of two), click to bring it there. It is nobody's mark: readers use it too, and nothing is stored.
 */
export const fourierTool: Tool<FourierToolState> = {
  idle: { name: "idle" },
  cursor: "crosshair",
  busy: (state) => state.name !== "idle",
  step(state, event, context) {
    const { fourierRegion: region } = context;
    if (state.name === "idle") {
      if (event.type !== "down") return stay(state);
      if (region && contains(region, event.at)) {
        return stay({
          name: "moving",
          before: region,
          grip: { x: event.at.x - region.x, y: event.at.y - region.y },
        });
      }
      return stay({ name: "drawing", before: region, anchor: event.at });
    }
    switch (event.type) {
      case "cancel":
      case "interrupt":
      case "remove":
        return { ...stay<FourierToolState>({ name: "idle" }), fourierRegion: state.before };
      case "move":
      case "down":
        return show(
          state,
          state.name === "moving" ? moved(state, event.at, context) : drawn(state, event.at, context),
        );
      case "up": {
        const idle: FourierToolState = { name: "idle" };
        if (state.name === "moving") return show(idle, moved(state, event.at, context));
        const clicked = distance(state.anchor, event.at) * context.scale < dragThresholdPx;
        return show(
          idle,
          clicked
            ? regionAbout(event.at, state.before?.side ?? firstSide, context.imageSize)
            : drawn(state, event.at, context),
        );
      }
      default:
        return stay(state);
    }
  },
};

function show(state: FourierToolState, region: FourierRegion | null): Step<FourierToolState> {
  return { state, commands: [], preview: noPreview, ...(region ? { fourierRegion: region } : {}) };
}

function moved(
  { before, grip }: Extract<FourierToolState, { name: "moving" }>,
  at: Point,
  { imageSize }: ToolContext,
): FourierRegion | null {
  const half = before.side / 2;
  return regionAbout({ x: at.x - grip.x + half, y: at.y - grip.y + half }, before.side, imageSize);
}

/** From the anchor towards the hand, as large as the longer of the two ways. */
function drawn(
  { anchor, before }: Extract<FourierToolState, { name: "drawing" }>,
  at: Point,
  { imageSize, scale }: ToolContext,
): FourierRegion | null {
  const [dx, dy] = [at.x - anchor.x, at.y - anchor.y];
  const length = Math.max(Math.abs(dx), Math.abs(dy));
  if (length * scale < dragThresholdPx) return before;
  const side = nearestSide(length);
  const middle = {
    x: anchor.x + (Math.sign(dx) || 1) * (side / 2),
    y: anchor.y + (Math.sign(dy) || 1) * (side / 2),
  };
  return regionAbout(middle, side, imageSize);
}

function contains({ x, y, side }: FourierRegion, at: Point): boolean {
  return at.x >= x && at.y >= y && at.x <= x + side && at.y <= y + side;
}
