import type { Affine } from "#core/document/commands.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { areaLabel, lengthLabel } from "./number-label.ts";
import {
  distance,
  dragThresholdPx,
  type Handle,
  noPreview,
  type Preview,
  type Step,
  stay,
  type Tool,
  type ToolContext,
} from "./tool.ts";

export type SelectState =
  /** `vertex`: the one pressed last, which Delete removes. */
  | { readonly name: "idle"; readonly vertex: Extract<Handle, { type: "vertex" }> | null }
  | { readonly name: "pressing"; readonly at: Point; readonly hits: readonly string[]; readonly add: boolean }
  | { readonly name: "moving"; readonly ids: readonly string[]; readonly from: Point; readonly to: Point }
  | { readonly name: "reshaping"; readonly handle: Handle; readonly from: Point; readonly to: Point }
  | {
      readonly name: "sweeping";
      readonly from: Point;
      readonly to: Point;
      readonly before: readonly string[];
    };

const idle: SelectState = { name: "idle", vertex: null };

/** Select, move and reshape. Marks may vanish in mid-gesture: each step asks again whether they are there. */
export const selectTool: Tool<SelectState> = {
  idle,
  cursor: "default",
  busy: (state) => state.name !== "idle" || state.vertex !== null,
  step(state, event, context) {
    switch (state.name) {
      case "idle":
        return fromIdle(state, event, context);
      case "pressing":
        return fromPressing(state, event, context);
      case "moving":
        return fromMoving(state, event, context);
      case "reshaping":
        return fromReshaping(state, event, context);
      case "sweeping":
        return fromSweeping(state, event, context);
    }
  },
};

type Event = Parameters<typeof selectTool.step>[1];
type In<Name extends SelectState["name"]> = Extract<SelectState, { name: Name }>;

function fromIdle(state: In<"idle">, event: Event, context: ToolContext): Step<SelectState> {
  switch (event.type) {
    case "down": {
      const handle = context.readOnly || event.shift ? null : context.handleAt(event.at);
      if (handle) {
        if (event.alt && handle.type === "vertex") return removeVertex(handle, context);
        return stay({ name: "reshaping", handle, from: event.at, to: event.at });
      }
      return stay({ name: "pressing", at: event.at, hits: context.hits(event.at), add: event.shift });
    }
    case "remove": {
      if (context.readOnly) return stay(state);
      if (state.vertex) return removeVertex(state.vertex, context);
      const ids = editable(context.selected, context);
      return ids.length === 0
        ? stay(idle)
        : { state: idle, commands: [{ type: "delete", ids }], preview: noPreview, select: [] };
    }
    case "nudge": {
      const ids = context.readOnly ? [] : editable(context.selected, context);
      if (ids.length === 0) return stay(state);
      const affine: Affine = [1, 0, 0, 1, event.dx, event.dy];
      return { state, commands: [{ type: "transform", ids, affine }], preview: noPreview };
    }
    case "cancel":
      return { ...stay(idle), select: [] };
    default:
      return stay(state);
  }
}

function fromPressing(state: In<"pressing">, event: Event, context: ToolContext): Step<SelectState> {
  switch (event.type) {
    case "move": {
      if (distance(event.at, state.at) * context.scale < dragThresholdPx) return stay(state);
      const grabbed = state.hits.find((id) => context.selected.includes(id)) ?? state.hits[0];
      if (grabbed === undefined) {
        const before = state.add ? context.selected : [];
        return sweep({ name: "sweeping", from: state.at, to: event.at, before }, context);
      }
      const ids = context.selected.includes(grabbed) ? context.selected : [grabbed];
      const movable = context.readOnly ? [] : editable(ids, context);
      if (movable.length === 0) return { ...stay(idle), select: ids };
      const moving = { name: "moving", ids: movable, from: state.at, to: event.at } as const;
      return { ...stay<SelectState>(moving, movingPreview(moving, context)), select: ids };
    }
    case "up":
      return { ...stay(idle), select: clickSelection(state, context) };
    case "cancel":
    case "interrupt":
      return stay(idle);
    default:
      return stay(state);
  }
}

/** A click on what is already selected goes on to the mark beneath; Shift adds or takes away. */
function clickSelection({ hits, add }: In<"pressing">, { selected }: ToolContext): readonly string[] {
  const top = hits[0];
  if (add) {
    if (top === undefined) return selected;
    return selected.includes(top) ? selected.filter((id) => id !== top) : [...selected, top];
  }
  if (top === undefined) return [];
  const current = selected.length === 1 ? hits.indexOf(selected[0]!) : -1;
  return [hits[(current + 1) % hits.length]!];
}

function fromMoving(state: In<"moving">, event: Event, context: ToolContext): Step<SelectState> {
  switch (event.type) {
    case "move": {
      const to = event.shift ? alongAxis(state.from, event.at) : event.at;
      const moved = { ...state, to };
      return stay(moved, movingPreview(moved, context));
    }
    case "up": {
      const ids = editable(state.ids, context);
      const affine = shift(state.from, event.shift ? alongAxis(state.from, event.at) : event.at);
      const still = affine[4] === 0 && affine[5] === 0;
      return {
        state: idle,
        commands: ids.length && !still ? [{ type: "transform", ids, affine }] : [],
        preview: noPreview,
      };
    }
    case "cancel":
    case "interrupt":
      return stay(idle);
    default:
      return stay(state, movingPreview(state, context));
  }
}

function movingPreview(state: In<"moving">, context: ToolContext): Preview {
  const ids = editable(state.ids, context);
  return {
    ...noPreview,
    transform: ids.length === 0 ? null : { ids, affine: shift(state.from, state.to) },
    label: { at: state.to, text: lengthLabel([state.from, state.to], context.calibration) },
  };
}

function fromReshaping(state: In<"reshaping">, event: Event, context: ToolContext): Step<SelectState> {
  const { handle } = state;
  const mark = context.annotation(handle.id);
  if (!mark || mark.locked || !hasVertex(mark, handle.type === "vertex" ? handle.vertexId : handle.leftId))
    return stay(idle);
  switch (event.type) {
    case "move": {
      const dragged = { ...state, to: event.at };
      return stay(dragged, reshapingPreview(mark, dragged, context));
    }
    case "up": {
      const moved = distance(state.from, event.at) * context.scale >= 1;
      const next: SelectState = { name: "idle", vertex: handle.type === "vertex" ? handle : null };
      if (!moved) return stay(next);
      const { x, y } = event.at;
      return {
        state: next,
        preview: noPreview,
        commands: [
          handle.type === "vertex"
            ? { type: "move-vertices", id: handle.id, vertices: [{ id: handle.vertexId, x, y }] }
            : { type: "insert-vertex", id: handle.id, leftId: handle.leftId, x, y },
        ],
      };
    }
    case "cancel":
    case "interrupt":
      return stay(idle);
    default:
      return stay(state, reshapingPreview(mark, state, context));
  }
}

function reshapingPreview(mark: Annotation, { handle, to }: In<"reshaping">, context: ToolContext): Preview {
  const rings = mark.outline.rings.map(({ closed, hole, vertices }) => ({
    closed,
    hole,
    points: vertices.flatMap(({ id, x, y }): Point[] => {
      if (handle.type === "vertex") return [id === handle.vertexId ? to : { x, y }];
      return id === handle.leftId ? [{ x, y }, to] : [{ x, y }];
    }),
  }));
  const outer = rings[0]!;
  const text = outer.closed
    ? areaLabel(outer.points, context.calibration)
    : lengthLabel(outer.points, context.calibration);
  return {
    ...noPreview,
    shape: {
      kind: mark.kind,
      annotationId: mark.id,
      interfaceId: mark.interfaceId,
      body: mark.body,
      rings,
      placed: [],
    },
    label: outer.points.length < 2 ? null : { at: to, text },
  };
}

function fromSweeping(state: In<"sweeping">, event: Event, context: ToolContext): Step<SelectState> {
  switch (event.type) {
    case "move":
      return sweep({ ...state, to: event.at }, context);
    case "cancel":
      return { ...stay(idle), select: state.before };
    case "up":
    case "interrupt":
      return stay(idle);
    default:
      return sweep(state, context);
  }
}

function sweep(state: In<"sweeping">, context: ToolContext): Step<SelectState> {
  const found = context.within(state.from, state.to);
  return {
    ...stay<SelectState>(state, { ...noPreview, marquee: { from: state.from, to: state.to } }),
    select: [...new Set([...state.before, ...found])],
  };
}

function removeVertex(handle: Extract<Handle, { type: "vertex" }>, context: ToolContext): Step<SelectState> {
  const mark = context.annotation(handle.id);
  const ring = mark?.outline.rings.find(({ vertices }) => vertices.some(({ id }) => id === handle.vertexId));
  // The last vertices of an outline are the mark itself: deleting that is another act.
  if (!mark || mark.locked || !ring || ring.vertices.length <= (ring.closed ? 3 : 2)) return stay(idle);
  return {
    state: idle,
    commands: [{ type: "remove-vertices", id: handle.id, vertexIds: [handle.vertexId] }],
    preview: noPreview,
  };
}

function hasVertex(mark: Annotation, vertexId: number): boolean {
  return mark.outline.rings.some(({ vertices }) => vertices.some(({ id }) => id === vertexId));
}

function editable(ids: readonly string[], context: ToolContext): readonly string[] {
  return ids.filter((id) => context.annotation(id)?.locked === false);
}

function shift(from: Point, to: Point): Affine {
  return [1, 0, 0, 1, to.x - from.x, to.y - from.y];
}

function alongAxis(from: Point, to: Point): Point {
  return Math.abs(to.x - from.x) > Math.abs(to.y - from.y) ? { x: to.x, y: from.y } : { x: from.x, y: to.y };
}
