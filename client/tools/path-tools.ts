import { createMark } from "./new-mark.ts";
import { pathTool } from "./path-tool.ts";

const unlimited = Number.POSITIVE_INFINITY;

/** Clicked corners; a drag pulls a straight edge. */
export const polygonTool = pathTool({
  tool: "polygon",
  kind: "region",
  closed: true,
  minPoints: 3,
  maxPoints: unlimited,
  drag: "straight",
});

export const freehandTool = pathTool({
  tool: "freehand",
  kind: "region",
  closed: true,
  minPoints: 3,
  maxPoints: unlimited,
  drag: "follow",
});

export const lineTool = pathTool({
  tool: "line",
  kind: "measurement-line",
  closed: false,
  minPoints: 2,
  maxPoints: 2,
  drag: "straight",
});

/**
 * One surface of an interface. The substrate side mints the interface's id, the film side takes it over: the gap
 * exists from the moment the second one is finished.
 */
export const traceTool = pathTool(
  {
    tool: "trace",
    kind: "interface-trace",
    closed: false,
    minPoints: 2,
    maxPoints: unlimited,
    drag: "follow",
  },
  (context, points) => {
    const { body } = context.trace;
    const interfaceId = context.trace.interfaceId ?? context.newId();
    const rings = [{ closed: false, hole: false, points }];
    const { id, command } = createMark(context, "trace", "interface-trace", rings, { interfaceId, body });
    return {
      commands: [command],
      select: [id],
      trace: body === "substrate" ? { body: "film", interfaceId } : { body: "substrate", interfaceId: null },
    };
  },
);
