import { describe, expect, it } from "vitest";
import { calibrationByFeature, FeatureCalibrationError } from "#client/state/feature-calibration.ts";

const bar = {
  p: { x: 10, y: 20 },
  q: { x: 210, y: 20 },
  length: 50,
  u: 0,
  unit: "nm",
  kind: "scale-bar",
} as const;

describe("calibrating by a feature of known length", () => {
  it("an exact bar: the two ends alone make the uncertainty", () => {
    const made = calibrationByFeature(bar, "person-1");
    expect(made).toMatchObject({
      state: "calibrated",
      unit: "nm",
      pixelSize: { x: 0.25, y: 0.25 },
      source: { kind: "person", principalId: "person-1", method: "scale-bar", note: "50 nm over 200.0 px" },
    });
    const { relativeStandardUncertainty: u } = made as Extract<typeof made, { state: "calibrated" }>;
    // √2 · 0.5 px over 200 px.
    expect(u.x).toBeCloseTo(Math.SQRT1_2 / 200, 12);
  });

  it("an uncertain feature: both add in squares; units are turned into nm and 1/nm", () => {
    const made = calibrationByFeature({ ...bar, length: 2, u: 0.06, unit: "µm", kind: "feature" }, "p");
    expect(made).toMatchObject({
      unit: "nm",
      pixelSize: { x: 10 },
      source: { note: "(2 ± 0.06) µm over 200.0 px" },
    });
    const { relativeStandardUncertainty: u } = made as Extract<typeof made, { state: "calibrated" }>;
    expect(u.x).toBeCloseTo(Math.hypot(0.03, Math.SQRT1_2 / 200), 12);
    expect(calibrationByFeature({ ...bar, length: 1, unit: "1/Å" }, "p")).toMatchObject({
      unit: "1/nm",
      pixelSize: { x: 0.05 },
    });
  });

  it.each([
    ["too-short", { q: { x: 11, y: 20 } }],
    ["bad-length", { length: 0 }],
    ["bad-uncertainty", { u: 50 }],
    ["bad-uncertainty", { u: -1 }],
  ] as const)("%s is said", (code, change) => {
    const made = () => calibrationByFeature({ ...bar, ...change }, "p");
    expect(made).toThrow(FeatureCalibrationError);
    expect(made).toThrow(expect.objectContaining({ code }));
  });
});
