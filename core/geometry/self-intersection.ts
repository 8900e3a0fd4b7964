import type { Point } from "./point.ts";
import { segmentsCross } from "./segment.ts";
import { boundingBox, createSpatialIndex } from "./spatial-index.ts";

/** True where two edges of a closed ring cross. Neighbouring edges share a vertex and do not count. O(n log n) for drawn outlines. */
export function ringCrossesItself(ring: readonly Point[]): boolean {
  const n = ring.length;
  if (n < 4) return false;
  const edge = (i: number): readonly [Point, Point] => [ring[i]!, ring[(i + 1) % n]!];
  const boxes = ring.map((_, i) => boundingBox(edge(i)));
  const index = createSpatialIndex(boxes);
  return boxes.some((box, i) =>
    index.within(box).some((j) => {
      const neighbours = j - i <= 1 || (i === 0 && j === n - 1);
      return !neighbours && segmentsCross(...edge(i), ...edge(j));
    }),
  );
}
