import { describe, expect, it } from "vitest";
import { valuesWithin } from "#client/panels/display-scope.ts";
import { histogramOf, percentileWindow, windowOfValues } from "#client/panels/percentile-window.ts";

describe("automatic window", () => {
  it("cuts a share off either end of a histogram, within its bins", () => {
    const counts = [10, 20, 40, 20, 10];
    expect(percentileWindow({ counts, min: 0, max: 50 }, 0)).toEqual({ low: 0, high: 50 });
    expect(percentileWindow({ counts, min: 0, max: 50 }, 0.1)).toEqual({ low: 10, high: 40 });
    expect(percentileWindow({ counts, min: 0, max: 50 }, 0.2)).toEqual({ low: 15, high: 35 });
  });

  it("of values: nearest rank, hot and dead pixels cut off", () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => i);
    values[0] = -1e9;
    values[999] = 1e9;
    expect(windowOfValues(values, 0.0035)).toEqual({ low: 3, high: 996 });
  });

  it("NaN and infinities do not count; nothing but them gives no window", () => {
    expect(windowOfValues([Number.NaN, 5, Number.POSITIVE_INFINITY, 7, Number.NEGATIVE_INFINITY], 0)).toEqual(
      {
        low: 5,
        high: 7,
      },
    );
    expect(windowOfValues([Number.NaN, Number.POSITIVE_INFINITY], 0.01)).toBeNull();
    expect(windowOfValues([], 0.01)).toBeNull();
    expect(percentileWindow({ counts: [0, 0], min: 0, max: 1 }, 0.01)).toBeNull();
    expect(percentileWindow({ counts: [4], min: Number.NaN, max: Number.NaN }, 0.01)).toBeNull();
  });

  it("constant and all-zero pictures get a window of width above 0", () => {
    for (const level of [0, 7, -3, 65535, 1e12, 1e300]) {
      for (const found of [
        windowOfValues([level, level, level], 0.0035),
        percentileWindow({ counts: [9], min: level, max: level }, 0.0035),
      ]) {
        expect(found!.low).toBe(level);
        expect(found!.high).toBeGreaterThan(level);
      }
    }
    // All but one at one value: the quantiles coincide, the range serves.
    const nearly = new Float64Array(1000);
    nearly[5] = 3;
    expect(windowOfValues(nearly, 0.0035)).toEqual({ low: 0, high: 3 });
  });
});

describe("histogram of a part", () => {
  it("counts every number once, the highest in the last bin", () => {
    const found = histogramOf([0, 1, 2, 255, Number.NaN, 256])!;
    expect(found).toMatchObject({ min: 0, max: 256 });
    expect(found.counts.reduce((sum, n) => sum + n, 0)).toBe(5);
    expect(found.counts[255]).toBe(2);
    expect(found.counts[1]).toBe(1);
  });

  it("of one value, and of none", () => {
    const one = histogramOf([4, 4])!;
    expect(one).toMatchObject({ min: 3, max: 6 });
    expect(one.counts.indexOf(2)).toBe(85);
    expect(histogramOf([Number.NaN])).toBeNull();
  });
});

describe("values within a region", () => {
  const patch = {
    x: 100,
    y: 50,
    raster: {
      width: 30,
      height: 20,
      samplesPerPixel: 1 as const,
      sampleType: "float64" as const,
      // Its own place, so that a transposed or shifted reading is seen.
      data: Float64Array.from({ length: 600 }, (_, i) => (i % 30) + 100 * Math.floor(i / 30)),
    },
  };
  const box = (x: number, y: number, w: number, h: number) => [
    { x, y },
    { x: x + w, y },
    { x: x + w, y: y + h },
    { x, y: y + h },
  ];

  it("are those of its pixels, in image px", () => {
    const values = [...valuesWithin(patch, [box(103, 52, 4, 2)])].sort((a, b) => a - b);
    expect(values).toEqual([203, 204, 205, 206, 303, 304, 305, 306]);
  });

  it("without its holes", () => {
    expect(valuesWithin(patch, [box(100, 50, 10, 10), box(102, 52, 6, 6)]).length).toBe(100 - 36);
  });
});
