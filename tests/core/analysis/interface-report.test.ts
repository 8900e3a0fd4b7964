import { describe, expect, it } from "vitest";
import {
  type InterfaceNumbers,
  type InterfaceOptions,
  interfaceReport,
} from "#core/analysis/interface-report.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";

const nmPerPx = 0.5;
const calibrated: Calibration = {
  state: "calibrated",
  unit: "nm",
  pixelSize: { x: nmPerPx, y: nmPerPx },
  rotationDeg: 20,
  relativeStandardUncertainty: { x: 0.03, y: 0.03 },
  source: { kind: "file", tag: "pixel size" },
  certified: false,
};
const uncalibrated: Calibration = { state: "uncalibrated", reason: "no tag" };

const substrate: Point[] = [
  { x: 0, y: 100 },
  { x: 300, y: 100 },
];
/** 4 px of gap, and a buckle of 12 px between x = 100 and 200. */
const film: Point[] = [
  { x: 0, y: 96 },
  { x: 100, y: 96 },
  { x: 101, y: 88 },
  { x: 199, y: 88 },
  { x: 200, y: 96 },
  { x: 300, y: 96 },
];

function report(options: Partial<InterfaceOptions> = {}, calibration = calibrated): InterfaceNumbers {
  const r = interfaceReport({
    substrate,
    film: [film],
    calibration,
    options: { method: "normal", thresholdNm: 3, seed: 1, ...options },
  });
  if (!r.ok) throw new Error(r.message);
  return r;
}

describe("interface report", () => {
  it("gap, lengths and delamination in nm", () => {
    const r = report();
    expect(r.unit).toBe("nm");
    expect(r.length).toBeCloseTo(150, 9);
    expect(r.matchedLength).toBeCloseTo(150, 9);
    // 200 px at 4, 98 at 12, two ramps of 1 px from 4 to 12.
    const mean = ((200 * 4 + 98 * 12 + 2 * 8) / 300) * nmPerPx;
    expect(r.statistics.mean).toBeCloseTo(mean, 2);
    expect(r.statistics.median).toBeCloseTo(2, 6);
    expect(r.statistics.max).toBeCloseTo(6, 6);
    expect(r.gapArea.value).toBeCloseTo(mean * 150, 0);
    // Above 3 nm = 6 px: from a quarter up one ramp to three quarters down the other.
    expect(r.delamination.runs).toHaveLength(1);
    // Stations 1 px apart place each end within half a step.
    expect(Math.abs(r.delamination.length - 99.5 * nmPerPx)).toBeLessThan(1 * nmPerPx);
    expect(r.delamination.fraction).toBeCloseTo(r.delamination.length / 150, 9);
    expect(r.delamination.sensitivity[0]!.fraction).toBeCloseTo(1, 6);
    expect(r.warnings).toContain("uncertified-calibration");
  });

  it("stations carry points in image px, so that a probe can be drawn there", () => {
    const { stations } = report();
    const k = stations.s.findIndex((s) => s > 75);
    expect(stations.substrateX[k]).toBeCloseTo(150.5, 6);
    expect(stations.substrateY[k]).toBeCloseTo(100, 6);
    expect(stations.filmX[k]).toBeCloseTo(150.5, 6);
    expect(stations.filmY[k]).toBeCloseTo(88, 6);
    expect(stations.gap[k]).toBeCloseTo(6, 6);
  });

  it("the budget adds up, and a certain calibration leaves only the rest", () => {
    const r = report();
    const { random = 0, drawing = 0, calibration = 0 } = r.budget;
    expect(r.u).toBeCloseTo(Math.hypot(random, drawing, calibration), 12);
    expect(calibration).toBeCloseTo(0.03 * r.statistics.mean, 9);
    expect(drawing).toBeCloseTo(0.5 * nmPerPx * Math.sqrt((2 * 10) / 300), 9);
    const exact = report({}, { ...calibrated, relativeStandardUncertainty: { x: 0, y: 0 } } as Calibration);
    expect(exact.budget.calibration).toBe(0);
  });

  it("a correlated profile is worth far fewer stations than it has, or has no interval", () => {
    const r = report();
    expect(r.n).toBe(300);
    expect(r.nEff).toBeLessThan(30);
    if (r.interval) expect(r.interval.high - r.interval.low).toBeGreaterThan(1);
    else expect(r.warnings).toContain("profile-too-short");
  });

  it("without calibration all is in px, and a threshold in nm is not used", () => {
    const r = report({}, uncalibrated);
    expect(r.unit).toBe("px");
    expect(r.statistics.median).toBeCloseTo(4, 9);
    expect(r.warnings).toEqual(expect.arrayContaining(["uncalibrated", "threshold-needs-calibration"]));
    expect(r.parameters).toMatchObject({ thresholdBasis: "default" });
    expect(r.delamination.threshold).toBeCloseTo(Math.SQRT2, 12);
  });

  it("both methods' means are there, and the nearest is not larger", () => {
    const normal = report();
    const nearest = report({ method: "nearest" });
    expect(normal.means).toEqual(nearest.means);
    expect(nearest.means.nearest!).toBeLessThanOrEqual(normal.means.normal! + 1e-9);
    expect(nearest.method).toBe("nearest");
  });

  it("overlapping bodies are clipped, with a warning", () => {
    const r = interfaceReport({
      substrate,
      film: [
        [
          { x: 0, y: 70 },
          { x: 300, y: 110 },
        ],
      ],
      calibration: uncalibrated,
      options: { method: "normal", seed: 1 },
    });
    expect(r).toMatchObject({
      ok: true,
      statistics: { min: 0 },
      warnings: expect.arrayContaining(["overlap"]),
    });
    if (r.ok) expect(r.signedMean).toBeLessThan(r.statistics.mean);
  });

  it("repeats exactly", () => {
    expect(report()).toEqual(report());
  });
});

describe("refusals are values with a sentence", () => {
  const ask = (change: object) =>
    interfaceReport({
      substrate,
      film: [film],
      calibration: calibrated,
      options: { method: "normal", seed: 1 },
      ...change,
    });

  it.each([
    ["a pattern in 1/nm", { calibration: { ...calibrated, unit: "1/nm" } }, "bad-calibration", /diffraction/],
    ["no length", { substrate: [substrate[0], substrate[0]] }, "degenerate-polyline", /Draw the line again/],
    ["no vertex yet", { film: [[]] }, "degenerate-polyline", /two different vertices/],
    ["no film", { film: [] }, "no-overlap", /same stretch/],
    [
      "films elsewhere",
      {
        film: [
          [
            { x: 500, y: 0 },
            { x: 600, y: 0 },
          ],
        ],
      },
      "no-overlap",
      /same stretch/,
    ],
    [
      "not a number",
      {
        film: [
          [
            { x: 0, y: Number.NaN },
            { x: 9, y: 9 },
          ],
        ],
      },
      "bad-coordinates",
      /vertex 0/,
    ],
  ])("%s", (_, change, code, sentence) => {
    expect(ask(change)).toMatchObject({ ok: false, code, message: expect.stringMatching(sentence) });
  });
});
