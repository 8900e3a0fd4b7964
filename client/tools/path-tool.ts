import type { Point } from "#core/geometry/point.ts";
import { simplifyLine, simplifyRing } from "#core/geometry/simplify.ts";
import type { AnnotationKind } from "#core/schema/annotation.ts";
import { createMark, originOf } from "./new-mark.ts";
import { areaLabel, lengthLabel } from "./number-label.ts";
import { combineWithSelected, modeOfPress, type RegionMode } from "./region-edit.ts";
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
      /** The way from the last point to the hover along an edge; null: straight. */
      readonly wire: readonly Point[] | null;
      /** An edge has moved some of `points`. */
      readonly wired: boolean;
      readonly press: { readonly at: Point; readonly stroke: readonly Point[] | null } | null;
      readonly mode: RegionMode;
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
  /** What edges of the picture do to it: draw the way between the points, or take the two ends. */
  readonly edges: "follow" | "ends" | "none";
}

/** What an edge did to the outline, and where the hand had put it. */
export interface Drawn {
  readonly points: readonly Point[];
  readonly edges: "live-wire" | "snapped" | null;
  readonly byHand: readonly Point[];
}

/** How far a hand-drawn outline may be simplified: half a screen pixel is never seen. */
const strokeTolerancePx = 0.5;

/** An outline of clicked points, of hand-drawn strokes, or of both in turn. */
export function pathTool(
  gesture: PathGesture,
  commit: (
    context: ToolContext,
    drawn: Drawn,
  ) => Pick<Step<PathState>, "commands" | "select" | "trace" | "knownFeature"> = (
    context,
    { points, edges },
  ) => {
    const rings = [{ closed: gesture.closed, hole: false, points }];
    const { id, command } = createMark(context, gesture.tool, gesture.kind, rings, {
      origin: originOf(gesture.tool, edges),
    });
    return { commands: [command], select: [id] };
  },
): Tool<PathState> {
  const idle: PathState = { name: "idle" };

  const finish = (state: Placing, context: ToolContext, free: boolean): Step<PathState> => {
    const drawn = withoutRepeats(state.points, state.wired ? 0 : 0.5 / context.scale);
    // A gesture of two points ends where the hand ended, whatever it did between.
    const byHand =
      drawn.length > gesture.maxPoints ? [...drawn.slice(0, gesture.maxPoints - 1), drawn.at(-1)!] : drawn;
    if (byHand.length < gesture.minPoints) return show(state, context, free);
    if (state.mode !== "new") {
      const commands = combineWithSelected(context, state.mode, byHand);
      return { state: idle, preview: noPreview, commands };
    }
    const snapped = gesture.edges === "ends" && !free ? snappedEnds(byHand, context) : null;
    const edges = snapped ? "snapped" : state.wired ? "live-wire" : null;
    return {
      state: idle,
      preview: noPreview,
      ...commit(context, { points: snapped ?? byHand, edges, byHand }),
    };
  };

  const show = (state: Placing, context: ToolContext, free: boolean): Step<PathState> =>
    stay(state, previewOf(gesture, state, context, free));

  const back = (state: Placing, context: ToolContext): Step<PathState> => {
    const keep = state.marks.at(-1) ?? 0;
    if (keep === 0) return stay(idle);
    const points = state.points.slice(0, keep);
    return show(
      { ...state, points, marks: state.marks.slice(0, -1), wire: null, press: null },
      context,
      true,
    );
  };

  /** The way from the last point to `at`, along an edge where there is one. */
  const wireTo = (state: Placing, at: Point, context: ToolContext, hand: "moving" | "placed" | "free") =>
    gesture.edges === "follow" && hand !== "free"
      ? (context.edges?.follow([state.points.at(-1)!, at], hand) ?? null)
      : null;

  const withPiece = (state: Placing, piece: readonly Point[] | null, at: Point): Placing => {
    if (!piece) return { ...state, points: [...state.points, at] };
    // The first point was put beside the edge: the edge has it now.
    const before = state.points.length === 1 ? [] : state.points;
    return { ...state, points: [...before, ...piece], wired: true };
  };

  return {
    idle,
    cursor: "crosshair",
    busy: (state) => state.name === "placing",
    step(state, event, context) {
      if (state.name === "idle") {
        if (event.type !== "down" || context.readOnly) return stay(state);
        const mode = gesture.kind === "region" ? modeOfPress(event, context) : "new";
        const start: Placing = {
          ...{ name: "placing", points: [event.at], marks: [0], hover: event.at, mode },
          ...{ wire: null, wired: false, press: { at: event.at, stroke: null } },
        };
        return show(start, context, event.ctrl);
      }
      switch (event.type) {
        case "down": {
          if (event.clicks > 1) return finish(state, context, event.ctrl);
          const first = state.points[0]!;
          const onFirst = distance(event.at, first) * context.scale < handleRadiusPx;
          if (gesture.closed && state.points.length >= gesture.minPoints && onFirst)
            return finish(state, context, event.ctrl);
          const at = event.shift ? alongEighths(state.points.at(-1)!, event.at) : event.at;
          const marks = [...state.marks, state.points.length];
          const placed = withPiece(state, wireTo(state, at, context, event.ctrl ? "free" : "placed"), at);
          const press = { at, stroke: null };
          return show({ ...placed, marks, hover: at, wire: null, press }, context, event.ctrl);
        }
        case "move": {
          const last = state.points.at(-1)!;
          const at = event.shift ? alongEighths(last, event.at) : event.at;
          const wire = wireTo(state, at, context, event.ctrl || state.press ? "free" : "moving");
          const press = followed(state, at, gesture, context);
          return show({ ...state, hover: at, wire, press }, context, event.ctrl);
        }
        case "up": {
          const { press } = state;
          if (!press) return show(state, context, event.ctrl);
          if (gesture.drag === "follow" && press.stroke) {
            const stroke = simplifyStroke([press.at, ...press.stroke, event.at], gesture, context);
            const edge =
              gesture.edges === "follow" && !event.ctrl ? context.edges?.follow(stroke, "placed") : null;
            const began = state.points.length === 1;
            const wired = state.wired || Boolean(edge);
            const points = edge
              ? [...state.points.slice(0, -1), ...edge]
              : [...state.points, ...stroke.slice(1)];
            const placed = { ...state, points, wired, wire: null, press: null };
            // A gesture drawn in one stroke ends with it, the way a pen does.
            return began ? finish(placed, context, event.ctrl) : show(placed, context, event.ctrl);
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
          return placed.points.length >= gesture.maxPoints
            ? finish(placed, context, event.ctrl)
            : show(placed, context, event.ctrl);
        }
        case "finish":
          return finish({ ...state, press: null }, context, false);
        case "cancel":
        case "remove":
          return back(state, context);
        case "interrupt":
          return show({ ...state, press: null }, context, true);
        case "nudge":
          return show(state, context, true);
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

/** Both ends of a line on their edges; null where neither has one. */
function snappedEnds(points: readonly Point[], context: ToolContext): readonly Point[] | null {
  const [p, q] = [points[0], points.at(-1)];
  const found = p && q && points.length === 2 ? context.edges?.snap(p, q) : null;
  return found ? [found.p, found.q] : null;
}

function previewOf(gesture: PathGesture, state: Placing, context: ToolContext, free: boolean): Preview {
  const { wire, points: placed, hover } = state;
  const stroke = state.press?.stroke ?? [];
  const way = wire ? [...(placed.length === 1 ? [] : placed), ...wire] : [...placed, ...stroke, hover];
  const byHand = withoutRepeats(way, wire ? 0 : 0.25 / context.scale);
  const snapped = gesture.edges === "ends" && !free ? snappedEnds(byHand, context) : null;
  const points = snapped ?? byHand;
  const enclosing = gesture.closed && points.length > 2;
  return {
    ...noPreview,
    shape: {
      kind: gesture.kind,
      annotationId: null,
      interfaceId: gesture.kind === "interface-trace" ? context.trace.interfaceId : null,
      body: gesture.kind === "interface-trace" ? context.trace.body : null,
      rings: [{ closed: enclosing, hole: false, points }],
      placed: snapped ?? clickedOf(state),
    },
    label: {
      at: hover,
      text: enclosing ? areaLabel(points, context.calibration) : lengthLabel(points, context.calibration),
    },
  };
}

/** Where the hand pressed: the points between follow an edge or a stroke. */
function clickedOf({ points, marks, wired }: Placing): readonly Point[] {
  if (points.length <= 200 && !wired) return points;
  return [points[0]!, ...marks.slice(1).map((length) => points[length - 1]!), points.at(-1)!];
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
