import { createMark } from "./new-mark.ts";
import { noPreview, stay, type Tool } from "./tool.ts";

/** One click, one pin. */
export const pinTool: Tool<null> = {
  idle: null,
  cursor: "crosshair",
  busy: () => false,
  step(state, event, context) {
    if (event.type !== "down" || context.readOnly) return stay(state);
    const rings = [{ closed: false, hole: false, points: [event.at] }];
    const { id, command } = createMark(context, "pin", "pin", rings);
    return { state, commands: [command], preview: noPreview, select: [id] };
  },
};
