import type { Point } from "#core/geometry/point.ts";
import type { Polygon } from "#core/geometry/polygon.ts";
import { combinePolygons } from "#core/geometry/polygon-boolean.ts";
import { simplifyRing } from "#core/geometry/simplify.ts";
import { createMark } from "./new-mark.ts";
import { areaOfPolygonsLabel } from "./number-label.ts";
import {
  combineWithSelected,
  polygonsOfRegion,
  type RegionMode,
  ringsOf,
  selectedRegion,
} from "./region-edit.ts";
import { distance, noPreview, type Preview, type Step, stay, type Tool, type ToolContext } from "./tool.ts";

export type BrushState =
  | { readonly name: "idle" }
  | {
      readonly name: "painting";
      readonly last: Point;
      readonly stroke: readonly Polygon[];
      readonly mode: RegionMode;
    };

type Painting = Extract<BrushState, { name: "painting" }>;

/** Sides of a round end: its area is 0.6 % below a circle's. */
const roundSides = 32;
/** A stroke grows when the hand has moved by this part of the brush. */
const stepShare = 0.15;
/** Outlines are simplified by this part of a screen px: it is never seen. */
const tolerancePx = 0.3;

const idle: BrushState = { name: "idle" };

/**
 * Paint a region: a stroke adds to the selected region, or begins one where none is selected; with Alt it takes away.
 * Holes and separate pieces stay what they are.
 */
export const brushTool: Tool<BrushState> = {
  idle,
  cursor: "none",
  busy: (state) => state.name === "painting",
  step(state, event, context) {
    if (state.name === "idle") {
      if (event.type !== "down" || context.readOnly) return stay(state);
      const region = selectedRegion(context);
      if (event.alt && !region) return stay(state);
      const mode = event.alt ? "subtract" : region ? "add" : "new";
      const stroke = [{ outer: capsule(event.at, event.at, context.brushRadius), holes: [] }];
      return show({ name: "painting", last: event.at, stroke, mode }, context);
    }
    switch (event.type) {
      case "move":
        return show(grown(state, event.at, context, stepShare * context.brushRadius), context);
      case "up":
        return finish(grown(state, event.at, context, 0), context);
      case "cancel":
      case "interrupt":
        return stay(idle);
      default:
        return show(state, context);
    }
  },
};

function grown(state: Painting, at: Point, { brushRadius }: ToolContext, from: number): Painting {
  if (distance(state.last, at) <= from) return state;
  const piece = [{ outer: capsule(state.last, at, brushRadius), holes: [] }];
  return { ...state, last: at, stroke: combinePolygons("union", state.stroke, piece) };
}

function finish(state: Painting, context: ToolContext): Step<BrushState> {
  const stroke = simplified(state.stroke, context.scale);
  if (state.mode !== "new") {
    return { state: idle, preview: noPreview, commands: combineWithSelected(context, state.mode, stroke) };
  }
  const { id, command } = createMark(context, "brush", "region", ringsOf(stroke));
  return { state: idle, preview: noPreview, commands: [command], select: [id] };
}

/** The region as it will be, so that everybody sees it grow and the numbers follow. */
function show(state: Painting, context: ToolContext): Step<BrushState> {
  const region = state.mode === "new" ? null : selectedRegion(context);
  const result = region
    ? combinePolygons(state.mode === "add" ? "union" : "difference", polygonsOfRegion(region), state.stroke)
    : state.stroke;
  const preview: Preview = {
    ...noPreview,
    shape: {
      kind: "region",
      annotationId: region?.id ?? null,
      interfaceId: null,
      body: null,
      rings: ringsOf(result),
      placed: [],
    },
    label: { at: state.last, text: areaOfPolygonsLabel(result, context.calibration) },
  };
  return stay<BrushState>(state, preview);
}

function simplified(polygons: readonly Polygon[], scale: number): Polygon[] {
  const simple = (ring: readonly Point[]) => simplifyRing(ring, tolerancePx / scale);
  return polygons.map(({ outer, holes }) => ({ outer: simple(outer), holes: holes.map(simple) }));
}

/** What a round brush covers on its way from a to b. */
function capsule(a: Point, b: Point, radius: number): Point[] {
  const along = Math.atan2(b.y - a.y, b.x - a.x);
  return Array.from({ length: roundSides + 2 }, (_, i) => {
    const half = roundSides / 2 + 1;
    const [end, k, from] = i < half ? [b, i, along - Math.PI / 2] : [a, i - half, along + Math.PI / 2];
    const angle = from + (k * 2 * Math.PI) / roundSides;
    return { x: end.x + radius * Math.cos(angle), y: end.y + radius * Math.sin(angle) };
  });
}
