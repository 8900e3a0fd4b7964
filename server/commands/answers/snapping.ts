import { snapLine } from "#core/measurement/snap.ts";
import { traceEdge } from "#core/measurement/trace-edge.ts";
import { toRaster } from "./image-gaps.ts";
import { type Answer, fromPoint, toPoint, toPoints } from "./vector-inputs.ts";

export const snapAnswers: Readonly<Record<string, Answer>> = {
  snap_line: ({ image, p, q, search_px, width_px }) => {
    const snapped = snapLine(toRaster(image), toPoint(p), toPoint(q), {
      searchPx: search_px,
      widthPx: width_px,
    });
    return {
      p: fromPoint(snapped.p),
      q: fromPoint(snapped.q),
      length_px: Math.hypot(snapped.q.x - snapped.p.x, snapped.q.y - snapped.p.y),
    };
  },
  trace_edge: ({ image, drawn, half_width_px }) => {
    const traced = traceEdge(toRaster(image), toPoints(drawn), { halfWidthPx: half_width_px });
    return { curve: traced.points.map(fromPoint) };
  },
};
