import { describe, expect, it } from "vitest";
import { mapPoints, rotationOfScale } from "#core/geometry/linear-map.ts";
import type { Point } from "#core/geometry/point.ts";
import { createPolyline } from "#core/geometry/polyline.ts";
import { SegmentHierarchy } from "#core/geometry/segment-hierarchy.ts";
import { delaminatedLengthPerInterval, findDelamination } from "#core/measurement/delamination.ts";
import { gapMedialAt } from "#core/measurement/gap-medial.ts";
import { gapNearest } from "#core/measurement/gap-nearest.ts";
import { gapNormal } from "#core/measurement/gap-normal.ts";
import type { GapSettings } from "#core/measurement/gap-profile.ts";
import { createRandom } from "#core/random/generator.ts";
import { clipToPositive, piecesOfStations, profileStatistics } from "#core/statistics/profile.ts";

const seed = Number(process.env.SEED ?? 9);
const settings: GapSettings = { step: 1, chordHalfWindow: 2 };
const line = (...xy: [number, number][]) => xy.map(([x, y]) => ({ x, y }));
const tree = (points: readonly Point[]) => new SegmentHierarchy(createPolyline(points));

function normal(substrate: readonly Point[], film: readonly (readonly Point[])[], options = settings) {
  return gapNormal(createPolyline(substrate), film.map(tree), options);
}
const stats = (profile: ReturnType<typeof normal>) =>
  profileStatistics(piecesOfStations(profile.s, profile.gap, profile.step));

describe("gap along the normal", () => {
  it("two parallel lines 3 apart: 3 everywhere, on either side, in either direction", () => {
    const substrate = line([0, 0], [40, 0]);
    for (const y of [3, -3]) {
      for (const film of [line([0, y], [40, y]), line([40, y], [17, y], [0, y])]) {
        const profile = normal(substrate, [film]);
        expect([...profile.gap]).toEqual(Array(40).fill(3));
        expect(profile.side).toBe(Math.sign(y));
        expect([profile.matchedLength, profile.unmatchedLength]).toEqual([40, 0]);
        expect(profile.filmY[0]).toBe(y);
      }
    }
  });

  it("a shorter film leaves the rest unmatched and is never clamped to its end", () => {
    const profile = normal(line([0, 0], [40, 0]), [line([10, 3], [30, 3])]);
    expect(profile.matchedLength).toBe(20);
    expect(profile.unmatchedLength).toBe(20);
    expect(stats(profile)).toMatchObject({ mean: 3, min: 3, max: 3 });
  });

  it("two pieces with a hole between: the hole is missing film, not delamination", () => {
    const profile = normal(line([0, 0], [40, 0]), [line([0, 2], [15, 2]), line([25, 6], [40, 6])]);
    const pieces = piecesOfStations(profile.s, profile.gap, profile.step);
    expect(pieces).toHaveLength(2);
    expect(stats(profile).mean).toBe(4);
    const found = findDelamination(pieces, { threshold: 1, mergeDistance: 100, minLength: 0 });
    expect(found.runs.map(({ length, mean }) => [length, mean])).toEqual([
      [15, 2],
      [15, 6],
    ]);
    expect(found.fraction).toBe(1);
  });

  it("maxGap turns far films into no counterpart, and nothing at all is refused", () => {
    expect(() =>
      normal(line([0, 0], [10, 0]), [line([0, 30], [10, 30])], { ...settings, maxGap: 20 }),
    ).toThrow(expect.objectContaining({ code: "no-overlap" }));
    expect(() => normal(line([0, 0], [10, 0]), [line([0, 3], [10, 3])], { ...settings, step: 0 })).toThrow(
      expect.objectContaining({ code: "bad-step" }),
    );
  });

  it("a film across the substrate: positive on the larger side, negative on the other, clipped for the mean", () => {
    // g = (x - 10)/2 on 0…40: positive on 30, negative on 10.
    const profile = normal(line([0, 0], [40, 0]), [line([0, 5], [40, -15])]);
    const pieces = piecesOfStations(profile.s, profile.gap, profile.step);
    expect(profileStatistics(pieces).mean).toBeCloseTo(5, 9);
    expect(profileStatistics(clipToPositive(pieces)).mean).toBeCloseTo((0.5 * 30 * 15) / 40, 2);
    expect(profile.gap[0]).toBeLessThan(0);
  });
});

describe("invariants of the gap", () => {
  const random = createRandom(seed);
  const substrate = Array.from({ length: 30 }, (_, i) => ({ x: i * 9, y: 10 * Math.sin(i / 3) }));
  const film = substrate.map(({ x, y }) => ({ x: x + random(), y: y + 14 + 6 * random() }));
  const reference = stats(normal(substrate, [film]));
  const nearest = (s: readonly Point[], f: readonly Point[], o = settings) =>
    gapNearest(tree(s), [tree(f)], o);
  const reference2 = nearest(substrate, film).meanSymmetric;

  const collinear = (points: readonly Point[]) =>
    points.flatMap((p, i) => {
      const q = points[i + 1];
      if (!q) return [p];
      const t = 0.1 + 0.8 * random();
      return [p, { x: p.x + t * (q.x - p.x), y: p.y + t * (q.y - p.y) }];
    });
  const turned = (points: readonly Point[]) =>
    mapPoints(rotationOfScale(1, 1, 37), points).map(({ x, y }) => ({ x: x + 9e4, y: y - 3e4 }));
  const scaled = (points: readonly Point[]) => mapPoints(rotationOfScale(0.037, 0.037, 0), points);

  const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

  it.each([
    ["collinear vertices", collinear, collinear, 1],
    ["reversed substrate", (p: readonly Point[]) => [...p].reverse(), (p: readonly Point[]) => p, 1],
    ["reversed film", (p: readonly Point[]) => p, (p: readonly Point[]) => [...p].reverse(), 1],
    ["rotation and translation", turned, turned, 1],
    ["another unit", scaled, scaled, 0.037],
  ] as const)("%s change nothing", (_, changeSubstrate, changeFilm, unit) => {
    const [s, f] = [changeSubstrate(substrate), changeFilm(film)];
    const options = { step: unit, chordHalfWindow: 2 * unit };
    const changed = stats(normal(s, [f], options));
    for (const key of ["length", "mean", "sd", "min", "max", "p5", "median", "p95"] as const) {
      expect(
        close(changed[key] / unit, reference[key]),
        `${key} ${changed[key] / unit} ${reference[key]}`,
      ).toBe(true);
    }
    expect(close(nearest(s, f, options).meanSymmetric / unit, reference2)).toBe(true);
  });

  it("symmetric nearest distance does not mind which boundary is called substrate", () => {
    const swapped = nearest(film, substrate).meanSymmetric;
    expect(Math.abs(swapped - reference2)).toBeLessThan(1e-9 * reference2);
  });
});

describe("phantoms", () => {
  it("a wedge of angle α: nearest from the substrate is the normal gap times cos α, the disc 2(x+x₀)tan(α/2)", () => {
    const alpha = 0.2;
    const film = line([-50, 10 - 50 * Math.tan(alpha)], [150, 10 + 150 * Math.tan(alpha)]);
    const substrate = line([0, 0], [100, 0]);
    const profile = normal(substrate, [film]);
    const { profile: byNearest } = gapNearest(tree(substrate), [tree(film)], settings);
    profile.gap.forEach((g, k) => {
      expect(g).toBeCloseTo(10 + profile.s[k]! * Math.tan(alpha), 9);
      expect(byNearest.gap[k]).toBeCloseTo(g * Math.cos(alpha), 9);
    });
    const x0 = 10 / Math.tan(alpha);
    const disc = gapMedialAt(createPolyline(substrate), [tree(film)], 50, profile.side, {
      chordHalfWindow: 2,
      maxWidth: 400,
    });
    expect(disc).toBeCloseTo(2 * (50 + x0) * Math.tan(alpha / 2), 6);
  });

  it("concentric arcs, vertices crowded on one side: the difference of the radii", () => {
    const arc = (r: number, n: number, crowd: number) =>
      Array.from({ length: n }, (_, i) => {
        const t = 2 * (i / (n - 1)) ** crowd;
        return { x: 500 + r * Math.cos(t), y: 300 + r * Math.sin(t) };
      });
    const profile = normal(arc(120, 900, 1), [arc(131.5, 1200, 2)]);
    const r = stats(profile);
    expect(Math.abs(r.mean - 11.5)).toBeLessThan(0.01);
    expect(r.sd).toBeLessThan(0.02);
  });
});

describe("delamination", () => {
  const piece = { s: Float64Array.of(0, 10, 20, 30, 40, 60), g: Float64Array.of(0, 4, 0, 4, 0, 0) };

  it("two triangles above 2: each 10 long, crossings interpolated", () => {
    const { runs, fraction } = findDelamination([piece], { threshold: 2, mergeDistance: 0, minLength: 0 });
    expect(runs).toMatchObject([
      { start: 5, end: 15, length: 10, mean: 3, max: 4, area: 30 },
      { start: 25, end: 35, length: 10, mean: 3, max: 4, area: 30 },
    ]);
    expect(fraction).toBeCloseTo(20 / 60, 12);
  });

  it("merges first, then drops: two runs of 10 with 10 between become one of 30", () => {
    const merged = findDelamination([piece], { threshold: 2, mergeDistance: 10.1, minLength: 25 });
    expect(merged.runs.map(({ length }) => length)).toEqual([30]);
    expect(findDelamination([piece], { threshold: 2, mergeDistance: 10, minLength: 25 }).runs).toEqual([]);
  });

  it("length per interval adds up to the runs", () => {
    const { runs, length } = findDelamination([piece], { threshold: 1, mergeDistance: 0, minLength: 0 });
    const cells = delaminatedLengthPerInterval(runs, 12, 5);
    expect(cells.reduce((a, b) => a + b, 0)).toBeCloseTo(length, 12);
    expect(Math.max(...cells)).toBeLessThanOrEqual(5);
  });
});
