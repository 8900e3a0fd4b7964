import Flatbush from "flatbush";
import type { Point } from "./point.ts";

export interface Box {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** Which of many boxes meet a window, and which lie nearest to a point. Static: build it anew when boxes change. */
export interface SpatialIndex {
  /** Indices of the boxes that touch the window, in no particular order. */
  within(window: Box): number[];
  /** Indices of boxes by distance from the point, nearest first. */
  nearest(point: Point, maxResults: number, maxDistance: number): number[];
}

/** Index boxes by their position in the list. An empty list is an index that finds nothing. */
export function createSpatialIndex(boxes: readonly Box[]): SpatialIndex {
  if (boxes.length === 0) return { within: () => [], nearest: () => [] };
  const tree = new Flatbush(boxes.length);
  for (const { minX, minY, maxX, maxY } of boxes) tree.add(minX, minY, maxX, maxY);
  tree.finish();
  return {
    within: ({ minX, minY, maxX, maxY }) => tree.search(minX, minY, maxX, maxY),
    nearest: ({ x, y }, maxResults, maxDistance) => tree.neighbors(x, y, maxResults, maxDistance),
  };
}

/** The smallest box around points. An empty list gives an inside-out box that touches nothing. */
export function boundingBox(points: readonly Point[]): Box {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    minX = Math.min(minX, x);
    maxX = Math.max(maxX, x);
    minY = Math.min(minY, y);
    maxY = Math.max(maxY, y);
  }
  return { minX, minY, maxX, maxY };
}
