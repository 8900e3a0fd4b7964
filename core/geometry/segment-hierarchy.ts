import type { Polyline } from "./polyline.ts";

/** Segments under one leaf. Eight keep the tree shallow while a leaf still fits two cache lines. */
const leafSize = 8;

/** Where a query ended. Reused between calls: read it before asking again. */
export interface SegmentHit {
  /** Index of the segment, -1 when there is none. */
  segment: number;
  /** Position on the segment, 0 … 1. */
  t: number;
  /** Distance from the query point; along the line for `castLine`, then signed. */
  distance: number;
}

/**
 * Exact nearest and line queries on a polyline, by a binary tree of bounding boxes over consecutive segments.
 *
 * Neighbours along a line are neighbours in space, so the boxes need no sorting: building is one pass. A query starts at
 * the leaf of the previous answer and climbs, opening a sibling only where its box can hold something nearer; with
 * queries that walk along a second line most siblings stay shut.
 * Memory: 4 doubles a node, 2 nodes per 8 segments.
 */
export class SegmentHierarchy {
  readonly line: Polyline;
  private readonly leafCount: number;
  /** minX, minY, maxX, maxY of each node; node 0 is the root, children of i are 2i+1 and 2i+2. */
  private readonly boxes: Float64Array;
  private readonly hit: SegmentHit = { segment: -1, t: 0, distance: Number.POSITIVE_INFINITY };
  private readonly stack = new Int32Array(64);
  private lastLeaf = 0;
  private readonly segmentCount: number;

  constructor(line: Polyline) {
    this.line = line;
    this.segmentCount = line.x.length - 1;
    let leaves = 1;
    while (leaves * leafSize < this.segmentCount) leaves *= 2;
    this.leafCount = leaves;
    this.boxes = new Float64Array((2 * leaves - 1) * 4);
    this.fillBoxes();
  }

  /**
   * The nearest point of the polyline to (x, y); ties go to whichever segment is met first.
   *
   * @returns segment, position on it and distance; the object is reused by the next query
   */
  nearest(x: number, y: number): SegmentHit {
    const { hit, boxes, leafCount } = this;
    hit.segment = -1;
    hit.distance = Number.POSITIVE_INFINITY;
    let node = leafCount - 1 + this.lastLeaf;
    this.nearestInLeaf(this.lastLeaf, x, y);
    while (node > 0) {
      const sibling = node % 2 === 1 ? node + 1 : node - 1;
      if (squaredBoxDistance(boxes, sibling, x, y) < hit.distance) this.nearestBelow(sibling, x, y);
      node = (node - 1) >> 1;
    }
    this.lastLeaf = Math.floor(hit.segment / leafSize);
    hit.distance = Math.sqrt(hit.distance);
    return hit;
  }

  /**
   * Where the line through (x, y) with unit direction (dx, dy) meets the polyline nearest to (x, y), on either side.
   *
   * A line through a shared vertex always hits one of its two segments: sides are decided by the vertex, not by the segment.
   * @param maxDistance hits farther away are ignored
   * @returns `distance` is signed along the direction; segment -1 when nothing is met. Reused by the next query.
   */
  castLine(x: number, y: number, dx: number, dy: number, maxDistance: number): SegmentHit {
    const { hit, boxes, leafCount } = this;
    hit.segment = -1;
    hit.distance = maxDistance;
    let node = leafCount - 1 + this.lastLeaf;
    this.castIntoLeaf(this.lastLeaf, x, y, dx, dy);
    while (node > 0) {
      const sibling = node % 2 === 1 ? node + 1 : node - 1;
      if (boxAlongLine(boxes, sibling, x, y, dx, dy) <= Math.abs(hit.distance)) {
        this.castBelow(sibling, x, y, dx, dy);
      }
      node = (node - 1) >> 1;
    }
    if (hit.segment >= 0) this.lastLeaf = Math.floor(hit.segment / leafSize);
    return hit;
  }

  private nearestBelow(top: number, x: number, y: number): void {
    const { stack, boxes, hit, leafCount } = this;
    let depth = 0;
    stack[depth++] = top;
    while (depth > 0) {
      const node = stack[--depth]!;
      if (squaredBoxDistance(boxes, node, x, y) >= hit.distance) continue;
      if (node >= leafCount - 1) {
        this.nearestInLeaf(node - leafCount + 1, x, y);
        continue;
      }
      const left = 2 * node + 1;
      const leftFirst = squaredBoxDistance(boxes, left, x, y) <= squaredBoxDistance(boxes, left + 1, x, y);
      stack[depth++] = leftFirst ? left + 1 : left;
      stack[depth++] = leftFirst ? left : left + 1;
    }
  }

  /** `hit.distance` holds the squared distance while a nearest query runs. */
  private nearestInLeaf(leaf: number, px: number, py: number): void {
    const { x, y } = this.line;
    const { hit } = this;
    const end = Math.min((leaf + 1) * leafSize, this.segmentCount);
    for (let i = leaf * leafSize; i < end; i++) {
      const ax = x[i]!;
      const ay = y[i]!;
      const ux = x[i + 1]! - ax;
      const uy = y[i + 1]! - ay;
      let t = ((px - ax) * ux + (py - ay) * uy) / (ux * ux + uy * uy);
      t = t < 0 ? 0 : t > 1 ? 1 : t;
      const ex = px - ax - t * ux;
      const ey = py - ay - t * uy;
      const squared = ex * ex + ey * ey;
      if (squared < hit.distance) {
        hit.distance = squared;
        hit.segment = i;
        hit.t = t;
      }
    }
  }

  private castBelow(top: number, x: number, y: number, dx: number, dy: number): void {
    const { stack, boxes, hit, leafCount } = this;
    let depth = 0;
    stack[depth++] = top;
    while (depth > 0) {
      const node = stack[--depth]!;
      if (!(boxAlongLine(boxes, node, x, y, dx, dy) <= Math.abs(hit.distance))) continue;
      if (node >= leafCount - 1) {
        this.castIntoLeaf(node - leafCount + 1, x, y, dx, dy);
      } else {
        stack[depth++] = 2 * node + 2;
        stack[depth++] = 2 * node + 1;
      }
    }
  }

  private castIntoLeaf(leaf: number, px: number, py: number, dx: number, dy: number): void {
    const { x, y } = this.line;
    const { hit } = this;
    const start = leaf * leafSize;
    const end = Math.min(start + leafSize, this.segmentCount);
    if (start >= end) return;
    let sideA = dx * (y[start]! - py) - dy * (x[start]! - px);
    for (let i = start; i < end; i++) {
      const sideB = dx * (y[i + 1]! - py) - dy * (x[i + 1]! - px);
      if (sideA > 0 !== sideB > 0 || sideA === 0) {
        const t = sideA === sideB ? 0 : sideA / (sideA - sideB);
        const along =
          (x[i]! + t * (x[i + 1]! - x[i]!) - px) * dx + (y[i]! + t * (y[i + 1]! - y[i]!) - py) * dy;
        if (
          Math.abs(along) <= Math.abs(hit.distance) &&
          (hit.segment < 0 || Math.abs(along) < Math.abs(hit.distance))
        ) {
          hit.distance = along;
          hit.segment = i;
          hit.t = t;
        }
      }
      sideA = sideB;
    }
  }

  private fillBoxes(): void {
    const { boxes, leafCount } = this;
    const { x, y } = this.line;
    for (let leaf = 0; leaf < leafCount; leaf++) {
      const start = leaf * leafSize;
      const end = Math.min(start + leafSize, this.segmentCount);
      let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
      // A leaf of 8 segments touches 9 vertices; an empty leaf keeps an inside-out box, infinitely far from everything.
      for (let i = start; i <= end && start < end; i++) {
        minX = Math.min(minX, x[i]!);
        maxX = Math.max(maxX, x[i]!);
        minY = Math.min(minY, y[i]!);
        maxY = Math.max(maxY, y[i]!);
      }
      boxes.set([minX, minY, maxX, maxY], (leafCount - 1 + leaf) * 4);
    }
    for (let node = leafCount - 2; node >= 0; node--) {
      const a = (2 * node + 1) * 4;
      const b = a + 4;
      boxes[node * 4] = Math.min(boxes[a]!, boxes[b]!);
      boxes[node * 4 + 1] = Math.min(boxes[a + 1]!, boxes[b + 1]!);
      boxes[node * 4 + 2] = Math.max(boxes[a + 2]!, boxes[b + 2]!);
      boxes[node * 4 + 3] = Math.max(boxes[a + 3]!, boxes[b + 3]!);
    }
  }
}

function squaredBoxDistance(boxes: Float64Array, node: number, x: number, y: number): number {
  const i = node * 4;
  const left = boxes[i]! - x;
  const right = x - boxes[i + 2]!;
  const above = boxes[i + 1]! - y;
  const below = y - boxes[i + 3]!;
  const dx = left > 0 ? left : right > 0 ? right : 0;
  const dy = above > 0 ? above : below > 0 ? below : 0;
  return dx * dx + dy * dy;
}

/** Least |distance| along the line at which it can be inside the box; NaN when it misses it. */
function boxAlongLine(
  boxes: Float64Array,
  node: number,
  x: number,
  y: number,
  dx: number,
  dy: number,
): number {
  const i = node * 4;
  const minX = boxes[i]! - x;
  const minY = boxes[i + 1]! - y;
  const maxX = boxes[i + 2]! - x;
  const maxY = boxes[i + 3]! - y;
  if (minX > maxX) return Number.NaN;
  // The line passes the box where its four corners are not all on one side of it. A margin of rounding size keeps
  // corners that lie on the line from being missed.
  const c1 = dx * minY - dy * minX;
  const c2 = dx * minY - dy * maxX;
  const c3 = dx * maxY - dy * minX;
  const c4 = dx * maxY - dy * maxX;
  const low = Math.min(c1, c2, c3, c4);
  const high = Math.max(c1, c2, c3, c4);
  const margin = 1e-12 * (Math.abs(low) + Math.abs(high) + Math.abs(x) + Math.abs(y));
  if (low > margin || high < -margin) return Number.NaN;
  const a = dx * minX + dy * minY;
  const b = dx * maxX + dy * minY;
  const c = dx * minX + dy * maxY;
  const d = dx * maxX + dy * maxY;
  const from = Math.min(a, b, c, d);
  const to = Math.max(a, b, c, d);
  return from > 0 ? from : to < 0 ? -to : 0;
}
