import { describe, expect, it } from "vitest";
import { createNormal, createRandom } from "#core/random/generator.ts";
import { bootstrapRatio, politisWhiteBlockLength } from "#core/statistics/block-bootstrap.ts";
import { effectiveSampleSize } from "#core/statistics/effective-sample-size.ts";
import { meanInterval } from "#core/statistics/mean-interval.ts";
import { erf, normalCdf } from "#core/statistics/special-functions.ts";
import { studentFactor, studentTwoSidedP } from "#core/statistics/student-t.ts";

const seed = Number(process.env.SEED ?? 4711);

function autoregression(n: number, phi: number, normal: () => number): number[] {
  let x = normal() / Math.sqrt(1 - phi * phi);
  return Array.from({ length: n }, () => {
    x = phi * x + normal();
    return x;
  });
}

describe("Student's t", () => {
  // Tables: Abramowitz & Stegun 26.10; the normal quantile; and t(1) = tan(π·level/2).
  it.each([
    [0.95, 1, Math.tan(0.475 * Math.PI)],
    [0.95, 2, 4.302652729911275],
    [0.95, 10, 2.2281388519649385],
    [0.99, 30, 2.749995653567231],
    [0.95, Number.POSITIVE_INFINITY, 1.959963984540054],
  ])("factor at %f with %f degrees of freedom", (level, df, factor) => {
    expect(studentFactor(level, df)).toBeCloseTo(factor, 8);
    if (df < 1e6) expect(studentTwoSidedP(factor, df)).toBeCloseTo(1 - level, 9);
  });

  it("error function and normal tail", () => {
    expect(erf(1)).toBeCloseTo(0.8427007929497149, 13);
    expect(erf(-0.3)).toBeCloseTo(-0.3286267594591274, 13);
    expect(normalCdf(-6) / 9.865876450376946e-10).toBeCloseTo(1, 10);
  });
});

describe("effective sample size", () => {
  it.each([0, 0.5, 0.8, 0.95])("AR(1) with φ = %f: n(1-φ)/(1+φ) within 30 % on average", (phi) => {
    const normal = createNormal(createRandom(seed));
    const n = 4000;
    const found = Array.from({ length: 12 }, () => effectiveSampleSize(autoregression(n, phi, normal)).nEff);
    const mean = found.reduce((a, b) => a + b, 0) / found.length;
    const truth = (n * (1 - phi)) / (1 + phi);
    expect(mean / truth).toBeGreaterThan(0.8);
    expect(mean / truth).toBeLessThan(1.25);
  });

  it("holes neither glue strangers together nor shorten the memory", () => {
    const normal = createNormal(createRandom(seed));
    const x = autoregression(4000, 0.8, normal).map((v, i) => (i % 100 < 30 ? Number.NaN : v));
    const { n, tau } = effectiveSampleSize(x);
    expect(n).toBe(2800);
    expect(tau).toBeGreaterThan(5);
    expect(tau).toBeLessThan(12);
  });

  it("counts a constant series as it is and refuses two values", () => {
    expect(effectiveSampleSize([7, 7, 7, 7]).nEff).toBe(4);
    expect(() => effectiveSampleSize([1, 2])).toThrow(expect.objectContaining({ code: "too-few-points" }));
  });
});

describe("interval of the mean", () => {
  it.each([
    [0, 150],
    [0.6, 200],
    [0.85, 240],
  ])("covers the true mean in about 95 %% of AR(1) series, φ = %f, n = %i", (phi, n) => {
    const normal = createNormal(createRandom(seed + n));
    const rounds = 600;
    let holding = 0;
    let naive = 0;
    for (let i = 0; i < rounds; i++) {
      const x = autoregression(n, phi, normal);
      const { mean, low, high } = meanInterval(x, 0.95);
      if (low !== null && low <= 0 && high! >= 0) holding++;
      const sd = Math.sqrt(x.reduce((s, v) => s + (v - mean) ** 2, 0) / (n - 1));
      if (Math.abs(mean) <= (1.96 * sd) / Math.sqrt(n)) naive++;
    }
    // 2.5 points and 2.5 standard errors of 600 trials.
    expect(Math.abs(holding / rounds - 0.95)).toBeLessThan(0.025 + 0.022);
    if (phi > 0.8) expect(naive / rounds).toBeLessThan(0.6);
  });

  it("a short correlated profile has no interval, and says so", () => {
    const ramp = Array.from({ length: 40 }, (_, i) => i);
    const r = meanInterval(ramp, 0.95);
    expect(r).toMatchObject({ low: null, high: null, standardError: null, warnings: ["profile-too-short"] });
    expect(r.mean).toBe(19.5);
  });
});

describe("block bootstrap", () => {
  const normal = createNormal(createRandom(seed));
  const part = autoregression(400, 0.7, normal).map((v) => (v > 0 ? 1 : 0));
  const whole = part.map(() => 1);
  const settings = { blockLength: 12, resamples: 2000, level: 0.95 };

  it("repeats with its seed and holds the fraction", () => {
    const once = bootstrapRatio(part, whole, { ...settings, random: createRandom(1) })!;
    const again = bootstrapRatio(part, whole, { ...settings, random: createRandom(1) })!;
    const fraction = part.reduce((a: number, b) => a + b, 0) / 400;
    expect(once).toEqual(again);
    expect(once.low).toBeLessThan(fraction);
    expect(once.high).toBeGreaterThan(fraction);
  });

  it("blocks widen the interval of a correlated series, and nothing matched gives none", () => {
    const width = (blockLength: number) => {
      const { low, high } = bootstrapRatio(part, whole, {
        ...settings,
        blockLength,
        random: createRandom(1),
      })!;
      return high - low;
    };
    expect(width(12)).toBeGreaterThan(1.3 * width(1));
    expect(bootstrapRatio([0, 0], [0, 0], { ...settings, random: createRandom(1) })).toBeNull();
  });

  it("the block length grows with the correlation", () => {
    const length = (phi: number) =>
      politisWhiteBlockLength(autoregression(800, phi, createNormal(createRandom(seed))));
    expect(length(0.9)).toBeGreaterThan(2 * length(0.3));
  });
});
