import type { Point } from "#core/geometry/point.ts";
import { simplifyLine, simplifyRing } from "#core/geometry/simplify.ts";
import type { AnnotationKind } from "#core/schema/annotation.ts";
import { createMark } from "./new-mark.ts";
import { areaLabel, lengthLabel } from "./number-label.ts";
import {
  alongEighths,
  distance,
  dragThresholdPx,
  handleRadiusPx,
  noPreview,
  type Preview,
  type Step,
  stay,
  type Tool,
  type ToolContext,
} from "./tool.ts";

/** `placed` counts points; `stroke` is the hand's own path since the press, once it moved far enough to be one. */
export type PathState =
  | { readonly name: "idle" }
  | {
      readonly name: "placing";
      readonly points: readonly Point[];
      /** Length of `points` before each press: what Esc and Backspace go back to. */
      readonly marks: readonly number[];
      readonly hover: Point;
      readonly press: { readonly at: Point; readonly stroke: readonly Point[] | null } | null;
    };

type Placing = Extract<PathState, { name: "placing" }>;

export interface PathGesture {
  readonly tool: string;
  readonly kind: AnnotationKind;
  readonly closed: boolean;
  readonly minPoints: number;
  /** The gesture ends by itself here. */
  readonly maxPoints: number;
  /** What dragging does: follow the hand, or pull a straight edge. */
  readonly drag: "follow" | "straight";
}

/** How far a hand-drawn outline may be simplified: half a screen pixel is never seen. */
const strokeTolerancePx = 0.5;

/** An outline of clicked points, of hand-drawn strokes, or of both in turn. */
export function pathTool(
  gesture: PathGesture,
  commit: (
    context: ToolContext,
    points: readonly Point[],
  ) => Pick<Step<PathState>, "commands" | "select" | "trace"> = (context, points) => {
    const rings = [{ closed: gesture.closed, hole: false, points }];
    const { id, command } = createMark(context, gesture.tool, gesture.kind, rings);
    return { commands: [command], select: [id] };
  },
): Tool<PathState> {
  const idle: PathState = { name: "idle" };

  const finish = (state: Placing, context: ToolContext): Step<PathState> => {
    const points = withoutRepeats(state.points, 0.5 / context.scale);
    if (points.length < gesture.minPoints) return show(state, context);
    return { state: idle, preview: noPreview, ...commit(context, points) };
  };

  const show = (state: Placing, context: ToolContext): Step<PathState> =>
    stay(state, previewOf(gesture, state, context));

  const back = (state: Placing, context: ToolContext): Step<PathState> => {
    const keep = state.marks.at(-1) ?? 0;
    if (keep === 0) return stay(idle);
    return show(
      { ...state, points: state.points.slice(0, keep), marks: state.marks.slice(0, -1), press: null },
      context,
    );
  };

  return {
    idle,
    cursor: "crosshair",
    busy: (state) => state.name === "placing",
    step(state, event, context) {
      if (state.name === "idle") {
        if (event.type !== "down" || context.readOnly) return stay(state);
        const press = { at: event.at, stroke: null };
        return show({ name: "placing", points: [event.at], marks: [0], hover: event.at, press }, context);
      }
      switch (event.type) {
        case "down": {
          if (event.clicks > 1) return finish(state, context);
          const first = state.points[0]!;
          const onFirst = distance(event.at, first) * context.scale < handleRadiusPx;
          if (gesture.closed && state.points.length >= gesture.minPoints && onFirst)
            return finish(state, context);
          const at = event.shift ? alongEighths(state.points.at(-1)!, event.at) : event.at;
          const marks = [...state.marks, state.points.length];
          const points = [...state.points, at];
          return show({ ...state, points, marks, hover: at, press: { at, stroke: null } }, context);
        }
        case "move": {
          const last = state.points.at(-1)!;
          const at = event.shift ? alongEighths(last, event.at) : event.at;
          return show({ ...state, hover: at, press: followed(state, at, gesture, context) }, context);
        }
        case "up": {
          const { press } = state;
          if (!press) return show(state, context);
          if (gesture.drag === "follow" && press.stroke) {
            const stroke = simplifyStroke([press.at, ...press.stroke, event.at], gesture, context);
            const began = state.points.length === 1;
            const placed = { ...state, points: [...state.points, ...stroke.slice(1)], press: null };
            // A gesture drawn in one stroke ends with it, the way a pen does.
            return began ? finish(placed, context) : show(placed, context);
          }
          const dragged = distance(press.at, event.at) * context.scale >= dragThresholdPx;
          const to = event.shift ? alongEighths(press.at, event.at) : event.at;
          const placed: Placing = dragged
            ? {
                ...state,
                points: [...state.points, to],
                marks: [...state.marks, state.points.length],
                press: null,
              }
            : { ...state, press: null };
          return placed.points.length >= gesture.maxPoints ? finish(placed, context) : show(placed, context);
        }
        case "finish":
          return finish({ ...state, press: null }, context);
        case "cancel":
        case "remove":
          return back(state, context);
        case "interrupt":
          return show({ ...state, press: null }, context);
        case "nudge":
          return show(state, context);
      }
    },
  };
}

function followed(state: Placing, at: Point, gesture: PathGesture, context: ToolContext): Placing["press"] {
  const { press } = state;
  if (!press || gesture.drag !== "follow") return press;
  if (press.stroke) return { ...press, stroke: [...press.stroke, at] };
  return distance(press.at, at) * context.scale >= dragThresholdPx ? { ...press, stroke: [at] } : press;
}

function simplifyStroke(points: readonly Point[], gesture: PathGesture, context: ToolContext): Point[] {
  const tolerance = strokeTolerancePx / context.scale;
  return gesture.closed ? simplifyRing(points, tolerance) : simplifyLine(points, tolerance);
}

function previewOf(gesture: PathGesture, state: Placing, context: ToolContext): Preview {
  const stroke = state.press?.stroke ?? [];
  const points = withoutRepeats([...state.points, ...stroke, state.hover], 0.25 / context.scale);
  const enclosing = gesture.closed && points.length > 2;
  return {
    ...noPreview,
    shape: {
      kind: gesture.kind,
      annotationId: null,
      interfaceId: gesture.kind === "interface-trace" ? context.trace.interfaceId : null,
      body: gesture.kind === "interface-trace" ? context.trace.body : null,
      rings: [{ closed: enclosing, hole: false, points }],
      placed: state.points.length > 200 ? state.points.slice(0, 1) : state.points,
    },
    label: {
      at: state.hover,
      text: enclosing ? areaLabel(points, context.calibration) : lengthLabel(points, context.calibration),
    },
  };
}

/** Clicks that fell on the same place count once. */
function withoutRepeats(points: readonly Point[], within: number): Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    if (!last || distance(last, point) > within) kept.push(point);
  }
  return kept;
}
