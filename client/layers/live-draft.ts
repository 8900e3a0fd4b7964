import type { Preview } from "#client/tools/tool.ts";
import type { Point } from "#core/geometry/point.ts";
import { simplifyLineTo } from "#core/geometry/simplify.ts";
import type { Draft } from "#core/protocol/presence.ts";

/** Limits of the protocol: a draft is seen, not stored. */
const mostVertices = 512;
const simplifiedWithinPx = 0.5;

/** What the others see of a gesture, simplified to what a screen can show. */
export function draftOf({ shape, transform }: Preview, classId: string | null, scale: number): Draft | null {
  if (transform)
    return { type: "transform", annotationIds: transform.ids.slice(0, 200), affine: transform.affine };
  if (!shape) return null;
  const { kind, annotationId, interfaceId, body, rings } = shape;
  const share = Math.floor(mostVertices / Math.max(1, rings.length));
  return {
    type: "shape",
    kind,
    classId,
    annotationId,
    interfaceId,
    body,
    rings: rings.map(({ closed, hole, points }) => ({
      closed,
      hole,
      xy: simplifyLineTo(points, simplifiedWithinPx / scale, share).flatMap(eighths),
    })),
  };
}

function eighths({ x, y }: Point): number[] {
  return [Math.round(x * 8) / 8, Math.round(y * 8) / 8];
}
