// From the engine itself: the package's own entry would bring offsetting and triangulation along, 15 kB for nothing.
import { ClipType, FillRule, type Path64, PathType } from "clipper2-ts/dist/Core.js";
import { Clipper64, type PolyPath64, PolyTree64 } from "clipper2-ts/dist/Engine.js";
import type { Point } from "./point.ts";
import { type Polygon, perimeterOf, ringMoments } from "./polygon.ts";
import { boundingBox } from "./spatial-index.ts";

const clipTypes = {
  union: ClipType.Union,
  intersection: ClipType.Intersection,
  difference: ClipType.Difference,
  xor: ClipType.Xor,
} as const;
export type BooleanOperation = keyof typeof clipTypes;

/** Integer grid on which Clipper works: 2^30 steps over the extent of the input, so that rounding is below 1e-9 of it. */
const gridSteps = 2 ** 30;

/**
 * Boolean combination of two sets of polygons (with holes), even-odd rule, exact on a grid of 1e-9 of their extent.
 *
 * Rings that cross themselves are accepted: inside is what the even-odd rule calls inside.
 * @returns polygons with their holes, islands in holes as polygons of their own; empty when nothing is left
 */
export function combinePolygons(
  operation: BooleanOperation,
  subject: readonly Polygon[],
  clip: readonly Polygon[],
): Polygon[] {
  const rings = (polygons: readonly Polygon[]) => polygons.flatMap(({ outer, holes }) => [outer, ...holes]);
  const box = boundingBox(rings([...subject, ...clip]).flat());
  const extent = Math.max(box.maxX - box.minX, box.maxY - box.minY);
  if (!(extent > 0)) return [];
  const scale = 2 ** Math.floor(Math.log2(gridSteps / extent));
  const toGrid = (ring: readonly Point[]): Path64 =>
    ring.map(({ x, y }) => ({
      x: Math.round((x - box.minX) * scale),
      y: Math.round((y - box.minY) * scale),
    }));
  const tree = new PolyTree64();
  const clipper = new Clipper64();
  clipper.addPaths(rings(subject).map(toGrid), PathType.Subject);
  clipper.addPaths(rings(clip).map(toGrid), PathType.Clip);
  clipper.execute(clipTypes[operation], FillRule.EvenOdd, tree);
  const fromGrid = (path: Path64 | null): Point[] =>
    (path ?? []).map(({ x, y }) => ({ x: x / scale + box.minX, y: y / scale + box.minY }));
  return outersBelow(tree).map((outer) => ({
    outer: fromGrid(outer.poly),
    holes: children(outer).map((hole) => fromGrid(hole.poly)),
  }));
}

/** Area of polygons, holes taken off. The polygons must not overlap each other. */
export function areaOf(polygons: readonly Polygon[]): number {
  return polygons.reduce(
    (sum, { outer, holes }) => sum + ringArea(outer) - holes.reduce((h, hole) => h + ringArea(hole), 0),
    0,
  );
}

export function perimeterOfAll(polygons: readonly Polygon[]): number {
  return polygons.reduce((sum, { outer }) => sum + perimeterOf(outer), 0);
}

const ringArea = (ring: readonly Point[]) => Math.abs(ring.length < 3 ? 0 : ringMoments(ring, ring[0]!).area);

const children = (node: PolyPath64): PolyPath64[] =>
  Array.from({ length: node.count }, (_, i) => node.child(i));

/** Outer rings lie at odd depth: the root holds outers, they hold holes, holes hold islands. */
function outersBelow(node: PolyPath64): PolyPath64[] {
  return children(node).flatMap((outer) => [outer, ...children(outer).flatMap(outersBelow)]);
}
