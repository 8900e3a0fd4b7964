import { createMark, originOf } from "./new-mark.ts";
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
  edges: "none",
});

export const freehandTool = pathTool({
  tool: "freehand",
  kind: "region",
  closed: true,
  minPoints: 3,
  maxPoints: unlimited,
  drag: "follow",
  edges: "none",
});

const straightLine = {
  kind: "measurement-line",
  closed: false,
  minPoints: 2,
  maxPoints: 2,
  drag: "straight",
  edges: "ends",
} as const;

/** A straight distance. Ends that went to an edge keep where the hand had put them. */
export const lineTool = pathTool({ tool: "line", ...straightLine }, (context, { points, edges, byHand }) => {
  const rings = [{ closed: false, hole: false, points }];
  const [p, q] = byHand;
  const { id, command } = createMark(context, "line", "measurement-line", rings, {
    origin: originOf("line", edges),
    ...(edges && p && q ? { parameters: { drawnX1: p.x, drawnY1: p.y, drawnX2: q.x, drawnY2: q.y } } : {}),
  });
  return { commands: [command], select: [id] };
});

/** A line along which intensity is read. Its ends stay where the hand puts them: a profile begins before the edge. */
export const profileTool = pathTool(
  { tool: "profile", ...straightLine, kind: "profile-line", edges: "none" },
  (context, { points }) => {
    const rings = [{ closed: false, hole: false, points }];
    const { id, command } = createMark(context, "profile", "profile-line", rings, {
      parameters: { widthPx: context.profileWidthPx },
    });
    return { commands: [command], select: [id] };
  },
);

const knownLine = pathTool({ tool: "calibrate", ...straightLine }, (_, { points }) => ({
  commands: [],
  knownFeature: { p: points[0]!, q: points[1]! },
}));

/**
 * Two ends of a feature whose length is known: no mark, but a question. On a diffraction pattern they stay where the hand
 * puts them: what is meant are the middles of spots, not their rims.
 */
export const calibrateTool: typeof knownLine = {
  ...knownLine,
  step: (state, event, context) => {
    const { calibration } = context;
    const pattern = calibration.state === "calibrated" && calibration.unit === "1/nm";
    return knownLine.step(state, event, pattern ? { ...context, edges: null } : context);
  },
};

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
    edges: "follow",
  },
  (context, { points, edges }) => {
    const { body } = context.trace;
    const interfaceId = context.trace.interfaceId ?? context.newId();
    const rings = [{ closed: false, hole: false, points }];
    const { id, command } = createMark(context, "trace", "interface-trace", rings, {
      interfaceId,
      body,
      origin: originOf("trace", edges),
    });
    return {
      commands: [command],
      select: [id],
      trace: body === "substrate" ? { body: "film", interfaceId } : { body: "substrate", interfaceId: null },
    };
  },
);
