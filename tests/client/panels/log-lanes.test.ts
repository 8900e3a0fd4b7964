import { describe, expect, it } from "vitest";
import {
  envelopeOf,
  momentWords,
  nearestFrame,
  spanOfAll,
  spanOfFrames,
  timeTicks,
  valueWords,
  zoomSpan,
} from "#client/panels/log-lanes.ts";

describe("a trace as columns of pixels", () => {
  it("keeps every peak, however many samples share a column", () => {
    const timesS = Float64Array.from({ length: 10_000 }, (_, i) => i / 1000);
    const values = Float64Array.from({ length: 10_000 }, (_, i) => (i === 5003 ? 9 : i === 5004 ? -7 : 0));
    const { low, high, min, max } = envelopeOf(timesS, values, { from: 0, to: 10 }, 20);
    expect([min, max]).toEqual([-7, 9]);
    expect([low[10], high[10]]).toEqual([-7, 9]);
    expect(
      [...low.filter((_, i) => i !== 10), ...high.filter((_, i) => i !== 10)].every((v) => v === 0),
    ).toBe(true);
  });

  it("draws the line between samples that are far apart", () => {
    const { low, high } = envelopeOf([0, 10], [0, 10], { from: 0, to: 10 }, 10);
    expect(Array.from(low)).toEqual(
      [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5].map((v, i) => (i === 0 ? 0 : v)),
    );
    expect(high[9]).toBeGreaterThanOrEqual(9.5);
  });

  it("has nothing outside of the log and none across an empty cell", () => {
    const { low, min } = envelopeOf([2, 4, 6, 8], [1, 1, Number.NaN, 1], { from: 0, to: 10 }, 10);
    expect(Array.from(low, (v) => Number.isNaN(v))).toEqual([
      ...[true, true, false, false, false, true, true, true, false, true],
    ]);
    expect(min).toBe(1);
    expect(envelopeOf([20, 30], [1, 2], { from: 0, to: 10 }, 10).min).toBeNaN();
  });
});

describe("time on the screen", () => {
  it("spans the frames, and with them the log where it lies", () => {
    expect(spanOfFrames([0, 50, 100])).toEqual({ from: -4, to: 104 });
    const log = { timesS: [0, 1000], startedAt: null, channels: [], leftOut: [] };
    expect(spanOfAll([0, 100], log, 500)).toEqual({ from: -540, to: 540 });
  });

  it("zooms about a moment", () => {
    expect(zoomSpan({ from: 0, to: 10 }, 0.5, 2)).toEqual({ from: 1, to: 6 });
  });

  it("finds the frame taken nearest", () => {
    const times = [0, 1, 3, 4, 9];
    expect([-5, 0.4, 0.6, 2, 3.9, 6.6, 99].map((t) => nearestFrame(times, t))).toEqual([0, 0, 1, 1, 3, 4, 4]);
  });

  it("has round ticks of tenths, seconds, minutes", () => {
    expect(timeTicks({ from: -0.1, to: 1 }, 6)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
    expect(timeTicks({ from: 0, to: 600 }, 5)).toEqual([0, 120, 240, 360, 480, 600]);
    expect(timeTicks({ from: 10, to: 20 }, 0).length).toBeGreaterThan(0);
  });

  it("is written as people say it", () => {
    expect([0.25, 12.34, 75, 3785, -5].map(momentWords)).toEqual([
      "0.25 s",
      "12.3 s",
      "1:15",
      "1:03:05",
      "−5 s",
    ]);
    expect([1.23456, -0.5, 0, 1.2e-6, 300].map(valueWords)).toEqual(["1.235", "−0.5", "0", "1.20e−6", "300"]);
  });
});
