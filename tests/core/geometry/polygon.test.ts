import { describe, expect, it } from "vitest";
import { convexHull, feretDiameters } from "#core/geometry/convex-hull.ts";
import type { Point } from "#core/geometry/point.ts";
import { measurableRing, polygonContains, signedArea } from "#core/geometry/polygon.ts";
import { areaOf, combinePolygons } from "#core/geometry/polygon-boolean.ts";
import { ringCrossesItself } from "#core/geometry/self-intersection.ts";
import { simplifyLine, simplifyLineTo, simplifyRing } from "#core/geometry/simplify.ts";
import { createRandom } from "#core/random/generator.ts";

const seed = Number(process.env.SEED ?? 5);
const box = (x: number, y: number, w: number, h: number): Point[] => [
  { x, y },
  { x: x + w, y },
  { x: x + w, y: y + h },
  { x, y: y + h },
];

describe("polygons", () => {
  it("area keeps its digits at 1e5 px, and its sign tells the direction", () => {
    const ring = box(1e5, 2e5, 0.5, 0.25);
    expect(signedArea(ring)).toBe(0.125);
    expect(signedArea([...ring].reverse())).toBe(-0.125);
  });

  it("a point in a hole is outside", () => {
    const polygon = { outer: box(0, 0, 10, 6), holes: [box(2, 2, 3, 2)] };
    expect(polygonContains(polygon, { x: 1, y: 1 })).toBe(true);
    expect(polygonContains(polygon, { x: 3, y: 3 })).toBe(false);
    expect(polygonContains(polygon, { x: 11, y: 3 })).toBe(false);
  });

  it("refuses lines, points and coordinates that are not numbers; a figure of eight has an area", () => {
    const code = (points: Point[]) => {
      try {
        measurableRing(points);
        return "ok";
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(
      code([
        { x: 0, y: 0 },
        { x: 1, y: 1 },
        { x: 0, y: 0 },
      ]),
    ).toBe("degenerate-polygon");
    expect(
      code([
        { x: 0, y: 0 },
        { x: 1, y: 3 },
        { x: 2, y: 6 },
        { x: 5, y: 15 },
      ]),
    ).toBe("degenerate-polygon");
    expect(
      code([
        { x: 0, y: 0 },
        { x: Number.NaN, y: 1 },
        { x: 2, y: 0 },
      ]),
    ).toBe("bad-coordinates");
    const eight = [
      { x: 0, y: 0 },
      { x: 4, y: 4 },
      { x: 4, y: 0 },
      { x: 0, y: 4 },
    ];
    expect(code(eight)).toBe("ok");
    expect(ringCrossesItself(eight)).toBe(true);
    expect(ringCrossesItself(box(0, 0, 3, 2))).toBe(false);
    expect(areaOf(combinePolygons("union", [{ outer: eight, holes: [] }], []))).toBeCloseTo(8, 9);
  });

  it("Feret diameters equal brute force over directions and pairs", () => {
    const random = createRandom(seed);
    for (let round = 0; round < 50; round++) {
      const points = Array.from({ length: 3 + Math.floor(random() * 40) }, () => ({
        x: random() * 30,
        y: random() * 10,
      }));
      const hull = convexHull(points);
      const { max, min } = feretDiameters(hull);
      let far = 0;
      for (const p of points) for (const q of points) far = Math.max(far, Math.hypot(p.x - q.x, p.y - q.y));
      let narrow = Number.POSITIVE_INFINITY;
      hull.forEach((a, i) => {
        const b = hull[(i + 1) % hull.length]!;
        const length = Math.hypot(b.x - a.x, b.y - a.y);
        const heights = points.map((p) => ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)) / length);
        narrow = Math.min(narrow, Math.max(...heights));
      });
      expect(max).toBeCloseTo(far, 9);
      expect(min).toBeCloseTo(narrow, 9);
    }
  });
});

describe("booleans", () => {
  const a = [{ outer: box(0, 0, 10, 6), holes: [] }];
  const b = [{ outer: box(4, 2, 10, 2), holes: [] }];

  it("inclusion and exclusion: |A∪B| = |A| + |B| - |A∩B|, |A xor B| = |A∪B| - |A∩B|", () => {
    const area = (op: Parameters<typeof combinePolygons>[0]) => areaOf(combinePolygons(op, a, b));
    expect(area("intersection")).toBeCloseTo(12, 9);
    expect(area("union")).toBeCloseTo(60 + 20 - 12, 9);
    expect(area("difference")).toBeCloseTo(48, 9);
    expect(area("xor")).toBeCloseTo(68 - 12, 9);
  });

  it("cutting a hole gives a polygon with a hole, and an island in it a polygon of its own", () => {
    const ringed = combinePolygons("difference", a, [{ outer: box(2, 1, 5, 4), holes: [] }]);
    expect(ringed.map(({ holes }) => holes.length)).toEqual([1]);
    const withIsland = combinePolygons("union", ringed, [{ outer: box(3, 2, 1, 1), holes: [] }]);
    expect(withIsland).toHaveLength(2);
    expect(areaOf(withIsland)).toBeCloseTo(60 - 20 + 1, 9);
  });

  it("nothing in common is an empty list", () => {
    expect(combinePolygons("intersection", a, [{ outer: box(50, 50, 1, 1), holes: [] }])).toEqual([]);
    expect(combinePolygons("union", [], [])).toEqual([]);
  });
});

describe("simplification", () => {
  it("drops no vertex farther than the tolerance and keeps the ends", () => {
    const random = createRandom(seed);
    const line = Array.from({ length: 500 }, (_, i) => ({ x: i, y: 20 * Math.sin(i / 40) + random() }));
    const simple = simplifyLine(line, 1);
    expect(simple.length).toBeLessThan(120);
    expect([simple[0], simple.at(-1)]).toEqual([line[0], line.at(-1)]);
    for (const p of line) {
      const distance = Math.min(
        ...simple.slice(1).map((b, i) => {
          const a = simple[i]!;
          const t = Math.min(
            1,
            Math.max(
              0,
              ((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / ((b.x - a.x) ** 2 + (b.y - a.y) ** 2),
            ),
          );
          return Math.hypot(p.x - a.x - t * (b.x - a.x), p.y - a.y - t * (b.y - a.y));
        }),
      );
      expect(distance).toBeLessThanOrEqual(1 + 1e-9);
    }
    expect(simplifyLineTo(line, 0, 50).length).toBeLessThanOrEqual(50);
  });

  it("a ring keeps an area", () => {
    const circle = Array.from({ length: 100 }, (_, i) => ({
      x: 10 * Math.cos((i * Math.PI) / 50),
      y: 10 * Math.sin((i * Math.PI) / 50),
    }));
    expect(Math.abs(signedArea(simplifyRing(circle, 0.1)))).toBeGreaterThan(300);
    expect(simplifyRing(circle, 1000).length).toBeGreaterThanOrEqual(3);
  });
});
