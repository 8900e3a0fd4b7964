import { describe, expect, it } from "vitest";
import { fitGap } from "#core/measurement/gap-fit.ts";
import { gapAcrossLine, gapAcrossTiltedLine } from "#core/measurement/image-gap.ts";
import { intensityAt, lineProfile } from "#core/measurement/image-profile.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { createNormal, createRandom } from "#core/random/generator.ts";
import { normalCdf } from "#core/statistics/special-functions.ts";

const seed = Number(process.env.SEED ?? 21);

function raster(width: number, height: number, value: (x: number, y: number) => number): Raster {
  const data = Float64Array.from({ length: width * height }, (_, i) =>
    value((i % width) + 0.5, Math.floor(i / width) + 0.5),
  );
  return { width, height, samplesPerPixel: 1, sampleType: "float64", data };
}

/** Two blurred edges around `centre`, levels 100 | 200 | 110. */
function band(x: number, centre: number, width: number, sigma: number): number {
  const rise = normalCdf((x - centre + width / 2) / sigma);
  const fall = normalCdf((x - centre - width / 2) / sigma);
  return 100 + 100 * rise - 90 * fall;
}
const bright = { polarity: "bright", knownGapLevel: null } as const;

describe("sampling an image", () => {
  // A plane is reproduced exactly by bilinear sampling, so any half-pixel mistake shows as a wrong constant.
  const plane = raster(9, 6, (x, y) => 10 * x + y);

  it("pixel (i, j) has its centre at (i+½, j+½)", () => {
    expect(intensityAt(plane, 0.5, 0.5)).toBe(plane.data[0]);
    expect(intensityAt(plane, 4.5, 2.5)).toBe(plane.data[2 * 9 + 4]);
    expect(intensityAt(plane, 3.25, 4.75)).toBeCloseTo(32.5 + 4.75, 10);
    expect(intensityAt(plane, 9.01, 3)).toBeNaN();
  });

  it("a profile includes both ends and averages across", () => {
    const { mean, standardError } = lineProfile(plane, { x: 1.5, y: 3 }, { x: 6.5, y: 3 }, 3);
    expect([...mean]).toEqual([18, 28, 38, 48, 58, 68]);
    expect(standardError[0]).toBeCloseTo(1 / Math.sqrt(3), 12);
    expect(() => lineProfile(plane, { x: -3, y: 3 }, { x: 4, y: 3 }, 1)).toThrow(
      expect.objectContaining({ code: "bad-coordinates" }),
    );
  });
});

describe("gap fitted to a profile", () => {
  const profile = (width: number, sigma: number) =>
    Float64Array.from({ length: 60 }, (_, k) => band(k, 29.3, width, sigma));

  it("gives back width, place and blur of a profile without noise", () => {
    const fit = fitGap(profile(12.4, 1.3), bright);
    expect(fit.width).toBeCloseTo(12.4, 6);
    expect(fit.centre).toBeCloseTo(29.3, 6);
    expect(fit.leftSigma).toBeCloseTo(1.3, 5);
    expect(fit.gapLevel).toBeCloseTo(200, 4);
    expect(fit.resolved).toBe(true);
  });

  it("a dark gap is the same gap turned over, and the wrong polarity finds none", () => {
    const dark = profile(12.4, 1.3).map((v) => 500 - v);
    expect(fitGap(dark, { ...bright, polarity: "dark" }).width).toBeCloseTo(12.4, 6);
    expect(() => fitGap(dark, bright)).toThrow();
  });

  it("a gap of 2 px under a blur of 1.2 px needs the level of vacuum, and is then right", () => {
    expect(fitGap(profile(2, 1.2), { ...bright, knownGapLevel: 200 }).width).toBeCloseTo(2, 4);
    expect(fitGap(profile(2, 1.2), { ...bright, knownGapLevel: 200 }).resolved).toBe(true);
    expect(fitGap(profile(3.5, 1.2), bright).resolved).toBe(false);
  });

  it.each([
    ["a single edge", (k: number) => 100 + 80 * normalCdf((k - 30) / 1.5)],
    ["a flat profile", () => 100],
    ["a slope", (k: number) => 100 + k],
  ])("refuses %s under noise", (_, truth) => {
    const normal = createNormal(createRandom(seed));
    let accepted = 0;
    for (let round = 0; round < 60; round++) {
      try {
        fitGap(
          Float64Array.from({ length: 56 }, (_, k) => truth(k) + 2.5 * normal()),
          bright,
        );
        accepted++;
      } catch (error) {
        expect(["no-gap", "low-contrast", "gap-at-border", "ambiguous-gap"]).toContain(
          (error as { code: string }).code,
        );
      }
    }
    expect(accepted).toBeLessThanOrEqual(2);
  });
});

describe("gap in an image", () => {
  const normal = createNormal(createRandom(seed));
  const noisy = (tiltDeg: number) => {
    const [c, s] = [Math.cos((tiltDeg * Math.PI) / 180), Math.sin((tiltDeg * Math.PI) / 180)];
    return raster(130, 90, (x, y) => band((y - 45) * c + (x - 65) * s, 0.4, 11, 1.2) + 8 * normal());
  };

  it("straight across", () => {
    const gap = gapAcrossLine(noisy(0), { x: 65, y: 8 }, { x: 65, y: 82 }, 50, bright);
    expect(Math.abs(gap.width - 11)).toBeLessThan(0.2);
    expect(gap.u).toBeGreaterThan(gap.uFit * 0.999);
  });

  it.each([6, -5])("a line %i° off is turned until it is perpendicular", (tilt) => {
    const [p, q] = [
      { x: 65, y: 8 },
      { x: 65, y: 82 },
    ];
    const gap = gapAcrossTiltedLine(noisy(tilt), p, q, 40, bright);
    expect(Math.abs(gap.width - 11)).toBeLessThan(0.25);
    expect(Math.abs(Math.abs(gap.tiltDeg) - Math.abs(tilt))).toBeLessThan(1);
  });
});
