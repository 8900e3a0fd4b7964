import { GeometryError } from "#core/geometry/geometry-error.ts";
import type { Point } from "#core/geometry/point.ts";
import { simplifyLine } from "#core/geometry/simplify.ts";
import { boundingBox } from "#core/geometry/spatial-index.ts";
import { MeasurementError } from "#core/measurement/measurement-error.ts";
import { type SnappedLine, snapLine } from "#core/measurement/snap.ts";
import { traceEdge } from "#core/measurement/trace-edge.ts";
import type { Raster } from "#core/micrograph/raster.ts";

/** Edges of the recorded picture, for gestures that follow them. Image px; null where there is no edge, or no values yet. */
export interface EdgeFinder {
  /** The edge beside a drawn curve, from end to end. `moving`: asked for again at the next step of the hand. */
  follow(drawn: readonly Point[], hand: "moving" | "placed"): readonly Point[] | null;
  /** The two ends of a line on the edges nearest to them. */
  snap(p: Point, q: Point): SnappedLine | null;
}

/** Recorded values around a box: `x`, `y` are image px of the raster's corner. */
export type PatchOf = (box: {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}) => { readonly x: number; readonly y: number; readonly raster: Raster } | null;

/** How far the hand may be off, on the screen; in image px within what an edge needs and what a frame has time for. */
const handPx = 9;
const reachPx = { least: 5, most: 24 } as const;
/** Averaged across a line whose ends are snapped. */
const snapWidthPx = 9;
/** Beyond the band: what the derivative and the fit of an end look at. */
const marginPx = 10;
/**
 * Pixels of the band that is searched. While the hand moves, no more than a part of a frame has time for (some 10 ms);
 * when a piece is placed, as many as nobody waits for.
 */
const mostPixels = { moving: 30_000, placed: 150_000 } as const;
/** Vertices nobody could tell apart: a tenth of the accuracy of the path. */
const toleranceIn = 0.05;

/** @param scale screen px per image px */
export function createEdgeFinder(patchOf: PatchOf, scale: number): EdgeFinder {
  const reach = Math.min(reachPx.most, Math.max(reachPx.least, handPx / scale));
  return {
    follow(drawn, hand) {
      const length = lengthOf(drawn);
      if (length < 4 || length * (2 * reach + 1) > mostPixels[hand]) return null;
      const patch = patchOf(grown(boundingBox(drawn), reach + marginPx));
      if (!patch) return null;
      return attempted(() => {
        const local = drawn.map(({ x, y }) => ({ x: x - patch.x, y: y - patch.y }));
        const { points } = traceEdge(patch.raster, local, { halfWidthPx: reach });
        return simplifyLine(
          points.map(({ x, y }) => ({ x: x + patch.x, y: y + patch.y })),
          toleranceIn,
        );
      });
    },
    snap(p, q) {
      if (Math.hypot(q.x - p.x, q.y - p.y) < 2) return null;
      const patch = patchOf(grown(boundingBox([p, q]), reach + snapWidthPx + marginPx));
      if (!patch) return null;
      return attempted(() => {
        const to = (at: Point) => ({ x: at.x - patch.x, y: at.y - patch.y });
        const from = (at: Point) => ({ x: at.x + patch.x, y: at.y + patch.y });
        const found = snapLine(patch.raster, to(p), to(q), { searchPx: reach, widthPx: snapWidthPx });
        return { ...found, p: from(found.p), q: from(found.q) };
      });
    },
  };
}

/** Where there is no edge, the hand's own line stands. */
function attempted<Found>(find: () => Found): Found | null {
  try {
    return find();
  } catch (reason) {
    if (reason instanceof MeasurementError || reason instanceof GeometryError) return null;
    throw reason;
  }
}

function lengthOf(points: readonly Point[]): number {
  let length = 0;
  for (let i = 1; i < points.length; i++) {
    length += Math.hypot(points[i]!.x - points[i - 1]!.x, points[i]!.y - points[i - 1]!.y);
  }
  return length;
}

function grown(box: ReturnType<typeof boundingBox>, by: number) {
  return { minX: box.minX - by, minY: box.minY - by, maxX: box.maxX + by, maxY: box.maxY + by };
}
