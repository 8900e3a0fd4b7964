import type { Point } from "#core/geometry/point.ts";
import { createMark } from "./new-mark.ts";
import { areaLabel, sidesLabel } from "./number-label.ts";
import {
  distance,
  dragThresholdPx,
  type Modifiers,
  noPreview,
  type Preview,
  stay,
  type Tool,
  type ToolContext,
} from "./tool.ts";

export type BoxState =
  | { readonly name: "idle" }
  | { readonly name: "dragging"; readonly anchor: Point; readonly to: Point; readonly keys: Modifiers };

interface Corners {
  readonly from: Point;
  readonly to: Point;
}

/** A region by its bounding box: press at one corner, release at the other. Shift: equal sides; Alt: from the centre. */
function boxTool(name: string, outline: (box: Corners) => readonly Point[]): Tool<BoxState> {
  const idle: BoxState = { name: "idle" };
  const preview = (box: Corners, context: ToolContext): Preview => ({
    ...noPreview,
    shape: {
      kind: "region",
      annotationId: null,
      interfaceId: null,
      body: null,
      rings: [{ closed: true, hole: false, points: outline(box) }],
      placed: [],
    },
    label: {
      at: box.to,
      text: `${sidesLabel(box.from, box.to, context.calibration)}\n${areaLabel(outline(box), context.calibration)}`,
    },
  });
  return {
    idle,
    cursor: "crosshair",
    busy: (state) => state.name === "dragging",
    step(state, event, context) {
      if (state.name === "idle") {
        if (event.type !== "down" || context.readOnly) return stay(state);
        return stay({ name: "dragging", anchor: event.at, to: event.at, keys: event });
      }
      switch (event.type) {
        case "move":
        case "down":
          return stay(
            { ...state, to: event.at, keys: event },
            preview(corners(state.anchor, event.at, event), context),
          );
        case "up": {
          const box = corners(state.anchor, event.at, event);
          if (distance(box.from, box.to) * context.scale < dragThresholdPx) return stay(idle);
          const rings = [{ closed: true, hole: false, points: outline(box) }];
          const { id, command } = createMark(context, name, "region", rings);
          return { state: idle, commands: [command], preview: noPreview, select: [id] };
        }
        case "cancel":
        case "interrupt":
          return stay(idle);
        default:
          return stay(state, preview(corners(state.anchor, state.to, state.keys), context));
      }
    },
  };
}

function corners(anchor: Point, at: Point, { shift, alt }: Modifiers): Corners {
  let dx = at.x - anchor.x;
  let dy = at.y - anchor.y;
  if (shift) {
    const side = Math.max(Math.abs(dx), Math.abs(dy));
    dx = (dx < 0 ? -1 : 1) * side;
    dy = (dy < 0 ? -1 : 1) * side;
  }
  return {
    from: alt ? { x: anchor.x - dx, y: anchor.y - dy } : anchor,
    to: { x: anchor.x + dx, y: anchor.y + dy },
  };
}

export const rectangleTool = boxTool("rectangle", ({ from, to }) => [
  from,
  { x: to.x, y: from.y },
  to,
  { x: from.x, y: to.y },
]);

/** Vertices of an ellipse: its area is 0.2 % below the true one, and editing stays possible by hand. */
const ellipseVertices = 56;

export const ellipseTool = boxTool("ellipse", ({ from, to }) => {
  const [cx, cy] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
  const [rx, ry] = [Math.abs(to.x - from.x) / 2, Math.abs(to.y - from.y) / 2];
  return Array.from({ length: ellipseVertices }, (_, i) => {
    const angle = (2 * Math.PI * i) / ellipseVertices;
    return { x: cx + rx * Math.cos(angle), y: cy + ry * Math.sin(angle) };
  });
});
