import { describe, expect, it } from "vitest";
import { createSamples, type SampleType } from "#core/micrograph/raster.ts";
import { toneCurve, windowTable } from "#core/pyramid/display-window.ts";
import { addToHistogram, createSurvey } from "#core/pyramid/survey.ts";
import { createRandom } from "#core/random/generator.ts";

function surveyOf(sampleType: SampleType, values: ArrayLike<number>) {
  const data = createSamples(sampleType, values.length);
  data.set(values as ArrayLike<number> & never);
  const survey = createSurvey(sampleType, data.length);
  const half = data.length >> 1;
  survey.add(data.subarray(0, half));
  survey.add(data.subarray(half));
  return survey.finish();
}

describe("createSurvey", () => {
  it.each(["uint8", "int8"] as const)("%s: strips long enough to be counted two at a time", (type) => {
    const random = createRandom(Number(process.env.SEED ?? 3));
    const lowest = type === "int8" ? -128 : 0;
    const values = Array.from({ length: 2 * 300_001 }, () => lowest + Math.floor(random() ** 2 * 256));
    const sorted = values.toSorted((a, b) => a - b);
    const found = surveyOf(type, values);
    expect(found.range.mean).toBe(values.reduce((a, b) => a + b, 0) / values.length);
    expect(found.window).toEqual({
      low: sorted[Math.ceil(0.0035 * values.length) - 1],
      high: sorted[Math.ceil(0.9965 * values.length) - 1],
    });
    expect(found.histogram?.reduce((a, b) => a + b, 0)).toBe(values.length);
  });

  it.each(["uint8", "int8", "uint16", "int16", "int32", "float32", "float64"] as const)(
    "%s: range, mean and percentiles of 1000 values are those of a sort",
    (type) => {
      const random = createRandom(7);
      const signed = !type.startsWith("u");
      const values = Array.from({ length: 1000 }, () => Math.floor(random() * 120) - (signed ? 60 : 0));
      const sorted = [...values].sort((a, b) => a - b);
      const found = surveyOf(type, values);
      expect(found.range.min).toBe(sorted[0]);
      expect(found.range.max).toBe(sorted[999]);
      expect(found.range.mean).toBeCloseTo(values.reduce((a, b) => a + b, 0) / 1000, 12);
      // Nearest rank: ceil(0.0035 · 1000) = 4th, ceil(0.9965 · 1000) = 997th.
      expect(found.window).toEqual({ low: sorted[3], high: sorted[996] });
    },
  );

  it("leaves NaN and infinities out of everything but their count", () => {
    const found = surveyOf("float32", [
      1,
      Number.NaN,
      3,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      5,
    ]);
    expect(found.range).toEqual({ min: 1, max: 5, mean: 3 });
    expect([found.finiteCount, found.nonFiniteCount]).toEqual([3, 3]);
  });

  it.each([
    ["all zero", "uint16", [0, 0, 0, 0]],
    ["constant", "float32", [7.5, 7.5, 7.5]],
    ["constant and huge", "float64", [1e300, 1e300]],
    ["nothing finite", "float32", [Number.NaN, Number.NaN]],
  ] as const)("%s: a window that can be divided by", (_, type, values) => {
    const { window } = surveyOf(type, values);
    expect(window.high).toBeGreaterThan(window.low);
    const shade = toneCurve(window);
    for (const v of values) expect(shade(v)).toBe(0);
  });

  it("a few hot pixels do not decide the contrast", () => {
    const values = new Array(10_000).fill(0).map((_, i) => 100 + (i % 50));
    values[17] = 65535;
    expect(surveyOf("uint16", values).window.high).toBeLessThan(150);
  });

  it("counts every finite value once in 256 bins, the same by either way", () => {
    const random = createRandom(3);
    const values = Array.from({ length: 5000 }, () => Math.floor(random() * 40_000) - 20_000);
    const found = surveyOf("int16", values);
    const { min, max } = found.range;
    const again = new Float64Array(256);
    addToHistogram(again, Int16Array.from(values), min, max);
    expect(found.histogram).toEqual([...again]);
    expect(again.reduce((a, b) => a + b)).toBe(5000);
    expect(again[255]).toBeGreaterThanOrEqual(values.filter((v) => v === max).length);
  });
});

describe("windowTable", () => {
  it("low is black, high is white, the middle follows gamma, invert turns it over", () => {
    const scale = { scale: 1, offset: -32768 };
    const table = windowTable(65536, scale, { low: -100, high: 100 });
    const at = (value: number) => table[value + 32768];
    expect([at(-32768), at(-100), at(0), at(100), at(32767)]).toEqual([0, 0, 128, 255, 255]);
    expect(windowTable(65536, scale, { low: -100, high: 100, gamma: 2 })[32768]).toBe(
      Math.round(255 * 0.5 ** 0.5),
    );
    expect(windowTable(256, { scale: 1, offset: 0 }, { low: 0, high: 255, invert: true })[255]).toBe(0);
  });
});
