import type { RunLengthMask } from "#core/geometry/run-length-mask.ts";

/**
 * The outlines of a run-length mask: closed rings along pixel edges, outer rings with holes after them.
 * Exact: rasterised again by even-odd at pixel centres they give the same mask. Collinear vertices are left out.
 */
export function outlineOfMask(
  mask: RunLengthMask,
): { readonly hole: boolean; readonly points: readonly (readonly [number, number])[] }[] {
  const [height, width] = mask.size;
  const set = new Uint8Array(width * height);
  let at = 0;
  mask.counts.forEach((run, i) => {
    if (i % 2 === 1) set.fill(1, at, at + run);
    at += run;
  });
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && set[x * height + y] === 1;

  // Directed edges with the set pixel on the right hand (y down): outer rings run clockwise, holes anticlockwise.
  const next = new Map<number, number[]>();
  const stride = width + 1;
  const addEdge = (x0: number, y0: number, x1: number, y1: number) => {
    const from = y0 * stride + x0;
    const list = next.get(from);
    if (list) list.push(y1 * stride + x1);
    else next.set(from, [y1 * stride + x1]);
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!inside(x, y)) continue;
      if (!inside(x, y - 1)) addEdge(x, y, x + 1, y);
      if (!inside(x + 1, y)) addEdge(x + 1, y, x + 1, y + 1);
      if (!inside(x, y + 1)) addEdge(x + 1, y + 1, x, y + 1);
      if (!inside(x - 1, y)) addEdge(x, y + 1, x, y);
    }
  }

  const rings: (readonly [number, number])[][] = [];
  for (const [start, targets] of next) {
    while (targets.length > 0) {
      const ring: (readonly [number, number])[] = [];
      let here = start;
      let direction = 0;
      let first = 0;
      do {
        const choices = next.get(here)!;
        // Where two pixels touch at a corner, turn right: they stay two rings, as four-connected regions.
        const turn =
          choices.length > 1 ? choices.findIndex((to) => to - here === rightTurn(direction, stride)) : 0;
        const to = choices.splice(Math.max(0, turn), 1)[0]!;
        if (to - here !== direction) ring.push([here % stride, Math.floor(here / stride)]);
        direction = to - here;
        first ||= direction;
        here = to;
      } while (here !== start);
      // The walk may have begun in the middle of a straight edge.
      if (first === direction) ring.shift();
      rings.push(ring);
    }
  }
  const withArea = rings.map((points) => ({ points, area: signedArea(points) }));
  const outer = withArea.filter(({ area }) => area > 0);
  const holes = withArea.filter(({ area }) => area < 0);
  return outer.flatMap(({ points }) => [
    { hole: false, points },
    ...holes
      .filter(
        (hole) =>
          owner(
            hole.points[0]!,
            outer.map((o) => o.points),
          ) === points,
      )
      .map((hole) => ({ hole: true, points: hole.points })),
  ]);
}

const rightTurn = (direction: number, stride: number) =>
  direction === 1 ? stride : direction === stride ? -1 : direction === -1 ? -stride : 1;

function signedArea(points: readonly (readonly [number, number])[]): number {
  let sum = 0;
  points.forEach(([x, y], i) => {
    const [nx, ny] = points[(i + 1) % points.length]!;
    sum += x * ny - nx * y;
  });
  return sum / 2;
}

/** The smallest outer ring around a hole's corner. */
function owner(
  corner: readonly [number, number],
  rings: readonly (readonly (readonly [number, number])[])[],
) {
  let best: readonly (readonly [number, number])[] | undefined;
  for (const ring of rings) {
    // Rings lie on integer corners; the test point lies a hair inside the hole's own edge, off every ring.
    if (
      !contains(ring, corner[0] + 0.25, corner[1] + 0.25) &&
      !contains(ring, corner[0] - 0.25, corner[1] - 0.25)
    )
      continue;
    if (!best || Math.abs(signedArea(ring)) < Math.abs(signedArea(best))) best = ring;
  }
  return best;
}

function contains(ring: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]!;
    const [xj, yj] = ring[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
