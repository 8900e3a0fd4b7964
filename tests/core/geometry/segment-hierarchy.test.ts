import { describe, expect, it } from "vitest";
import type { Point } from "#core/geometry/point.ts";
import { createPolyline } from "#core/geometry/polyline.ts";
import { footOnSegment } from "#core/geometry/segment.ts";
import { SegmentHierarchy } from "#core/geometry/segment-hierarchy.ts";
import { createRandom } from "#core/random/generator.ts";

const seed = Number(process.env.SEED ?? 3);

/** A random walk: it turns back and crosses itself, which a drawn boundary hardly does. */
function wander(n: number, scale: number, random: () => number): Point[] {
  let [x, y] = [0, 0];
  return Array.from({ length: n }, () => {
    x += (random() - 0.3) * scale;
    y += (random() - 0.5) * scale;
    return { x, y };
  });
}

describe("segment hierarchy", () => {
  it.each([2, 3, 8, 9, 10, 17, 300, 1000])("agrees with brute force on %i vertices at any scale", (n) => {
    for (const scale of [1e-6, 1, 1e5]) {
      const random = createRandom(seed + n);
      const points = wander(n, scale, random);
      const tree = new SegmentHierarchy(createPolyline(points));
      for (let k = 0; k < 200; k++) {
        const p = { x: (random() * 1.4 - 0.2) * n * 0.2 * scale, y: (random() - 0.5) * n * scale };
        const angle = random() * 7;
        const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
        let nearest = Number.POSITIVE_INFINITY;
        let crossing = Number.POSITIVE_INFINITY;
        for (let i = 0; i + 1 < n; i++) {
          const [a, b] = [points[i]!, points[i + 1]!];
          nearest = Math.min(nearest, footOnSegment(p, a, b).distance);
          const [sa, sb] = [a, b].map((q) => dx * (q.y - p.y) - dy * (q.x - p.x)) as [number, number];
          if (sa > 0 === sb > 0) continue;
          const t = sa / (sa - sb);
          const along = (a.x + t * (b.x - a.x) - p.x) * dx + (a.y + t * (b.y - a.y) - p.y) * dy;
          if (Math.abs(along) < Math.abs(crossing)) crossing = along;
        }
        expect(Math.abs(tree.nearest(p.x, p.y).distance - nearest)).toBeLessThan(1e-9 * scale);
        const hit = tree.castLine(p.x, p.y, dx, dy, Number.POSITIVE_INFINITY);
        if (crossing === Number.POSITIVE_INFINITY) expect(hit.segment).toBe(-1);
        else expect(Math.abs(hit.distance - crossing)).toBeLessThan(1e-9 * scale);
      }
    }
  });

  it("a line through a shared vertex hits, and one that passes by does not", () => {
    const tree = new SegmentHierarchy(
      createPolyline([
        { x: 0, y: 5 },
        { x: 4, y: 5 },
        { x: 10, y: 5 },
      ]),
    );
    expect(tree.castLine(4, 0, 0, 1, Infinity).distance).toBe(5);
    expect(tree.castLine(4, 9, 0, 1, Infinity).distance).toBe(-4);
    expect(tree.castLine(10.001, 0, 0, 1, Infinity).segment).toBe(-1);
    expect(tree.castLine(4, 0, 0, 1, 4.9).segment).toBe(-1);
  });
});
