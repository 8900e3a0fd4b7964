import { describe, expect, it } from "vitest";
import { createRandom } from "#core/random/generator.ts";
import {
  clipToPositive,
  lengthWithin,
  piecesOfStations,
  profileStatistics,
} from "#core/statistics/profile.ts";

const seed = Number(process.env.SEED ?? 2);
const piece = (s: number[], g: number[]) => ({ s: Float64Array.from(s), g: Float64Array.from(g) });

describe("profile statistics", () => {
  it("a ramp from 0 to 10 over 4: mean 5, sd 10/√12, quantiles on the ramp", () => {
    const r = profileStatistics([piece([0, 4], [0, 10])]);
    expect(r).toMatchObject({ length: 4, mean: 5, min: 0, max: 10, median: 5, p25: 2.5, p75: 7.5, iqr: 5 });
    expect(r.p5).toBeCloseTo(0.5, 12);
    expect(r.p95).toBeCloseTo(9.5, 12);
    expect(r.sd).toBeCloseTo(10 / Math.sqrt(12), 12);
    expect(r.positiveArea).toBe(20);
  });

  it("weights by length, not by vertex: 9 m at 1 and 1 m at 11 with all vertices in the short part", () => {
    const s = [0, 9, ...Array.from({ length: 100 }, (_, i) => 9 + 1e-9 + i / 99.0001)];
    const g = [1, 1, ...Array.from({ length: 100 }, () => 11)];
    const r = profileStatistics([piece(s, g)]);
    expect(r.mean).toBeCloseTo(2, 4);
    expect(r.median).toBe(1);
    expect(r.p95).toBe(11);
  });

  it("quantiles of flat stretches: half the length at 2, half at 7", () => {
    const pieces = [piece([0, 5], [2, 2]), piece([6, 11], [7, 7])];
    const r = profileStatistics(pieces);
    expect([r.p25, r.p75, r.length]).toEqual([2, 7, 10]);
    expect(lengthWithin(pieces, 2, 2)).toBe(5);
    expect(lengthWithin(pieces, 3, 100)).toBe(5);
  });

  it("does not change with collinear points, with the direction, or with where the line is cut", () => {
    const random = createRandom(seed);
    const s = [0];
    for (let i = 1; i < 60; i++) s.push(s[i - 1]! + random() * 3 + 0.01);
    const g = s.map(() => random() * 12 - 2);
    const reference = profileStatistics([piece(s, g)]);
    const [fs, fg]: [number[], number[]] = [[], []];
    s.forEach((v, i) => {
      fs.push(v);
      fg.push(g[i]!);
      if (i + 1 < s.length) {
        const t = random();
        fs.push(v + t * (s[i + 1]! - v));
        fg.push(g[i]! + t * (g[i + 1]! - g[i]!));
      }
    });
    const reversed = piece(s.map((v) => s.at(-1)! - v).reverse(), [...g].reverse());
    const cut = [piece(s.slice(0, 21), g.slice(0, 21)), piece(s.slice(20), g.slice(20))];
    for (const same of [[piece(fs, fg)], [reversed], cut]) {
      const r = profileStatistics(same);
      for (const key of Object.keys(reference) as (keyof typeof reference)[]) {
        expect(Math.abs(r[key] - reference[key]), key).toBeLessThan(1e-9 * (1 + Math.abs(reference[key])));
      }
    }
  });

  it("clipping adds the crossings: a ramp from -5 to 5 over 10 has 12.5 above zero", () => {
    const clipped = profileStatistics(clipToPositive([piece([0, 10], [-5, 5])]));
    expect(clipped.mean).toBe(1.25);
    expect(clipped.positiveArea).toBe(12.5);
    expect(lengthWithin([piece([0, 10], [-5, 5])], Number.NEGATIVE_INFINITY, -2)).toBeCloseTo(3, 12);
  });

  it("stations stand for their intervals; NaN ends a piece; nothing at all is refused", () => {
    const nan = Number.NaN;
    const pieces = piecesOfStations(Float64Array.of(1, 3, 5, 7, 9), Float64Array.of(4, 4, nan, 8, nan), 2);
    expect(pieces.map((p) => [p.s[0], p.s.at(-1)])).toEqual([
      [0, 4],
      [6, 8],
    ]);
    expect(profileStatistics(pieces).mean).toBeCloseTo(16 / 3, 12);
    expect(() => profileStatistics([])).toThrow(expect.objectContaining({ code: "empty-profile" }));
  });
});
