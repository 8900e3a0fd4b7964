import { describe, expect, it } from "vitest";
import { scaleBarLength } from "#client/layers/scale-bar-length.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";

const calibrated = (size: number, unit: "nm" | "1/nm" = "nm"): Calibration => ({
  state: "calibrated",
  unit,
  pixelSize: { x: size, y: size },
  rotationDeg: 0,
  relativeStandardUncertainty: { x: 0.03, y: 0.03 },
  source: { kind: "synthetic" },
  certified: false,
});

describe("scale bar", () => {
  it.each([
    // 180 screen px at 2 screen px per image px are 90 image px.
    [0.1, "5 nm", 100],
    [0.5, "20 nm", 80],
    [0.004, "200 pm", 100],
    [23, "2 µm", (2000 / 23) * 2],
    [40_000, "2 mm", 100],
  ])("%f nm/px shows %s", (size, label, widthPx) => {
    const bar = scaleBarLength(calibrated(size), 2, 180);
    expect(bar?.label).toBe(label);
    expect(bar?.widthPx).toBeCloseTo(widthPx, 9);
  });

  it("is the longest 1-2-5 length that fits, at every zoom", () => {
    for (let scale = 0.01; scale < 60; scale *= 1.17) {
      const { widthPx } = scaleBarLength(calibrated(0.31), scale, 180)!;
      expect(widthPx).toBeLessThanOrEqual(180 * (1 + 1e-9));
      expect(widthPx).toBeGreaterThan(180 / 2.5 - 1e-9);
    }
  });

  it("stays in px without a calibration, and is absent from what is not to scale", () => {
    expect(scaleBarLength({ state: "uncalibrated", reason: "" }, 1, 180)?.label).toBe("100 px");
    expect(scaleBarLength({ state: "not-to-scale" }, 1, 180)).toBeNull();
  });

  it("gives g and d on a diffraction pattern", () => {
    expect(scaleBarLength(calibrated(0.05, "1/nm"), 1, 180)?.label).toBe("g = 5 1/nm   d = 0.2 nm");
  });
});
