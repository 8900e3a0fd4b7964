import { describe, expect, it } from "vitest";
import { calibrationByLine } from "#client/state/calibrate.ts";
import { calibrationByFeature } from "#client/state/feature-calibration.ts";
import {
  calibrationByLattice,
  changeWords,
  type NamedReflection,
} from "#client/state/lattice-calibration.ts";
import { pixelShapeOf } from "#client/state/pixel-shape.ts";
import { type Calibration, calibrationFromFile } from "#core/micrograph/calibration.ts";

const spot: NamedReflection = {
  name: "Ge 111",
  found: "FFT spot 1",
  x: 0.08,
  y: -0.06,
  uX: 0.0002,
  uY: 0.0002,
  spacingNm: 0.3266,
  uSpacingNm: 0.0003,
};
const oblong: Calibration = {
  ...(calibrationFromFile(0.02, 0.05, "nm", "a tag") as Extract<Calibration, { state: "calibrated" }>),
  rotationDeg: 7,
};

describe("a lattice spacing becomes a calibration", () => {
  it("says who, how and from what; with the uncertainty of both", () => {
    const made = calibrationByLattice(
      [spot],
      "image",
      "same",
      { state: "uncalibrated", reason: "" },
      "person0001",
    );
    expect(made).toMatchObject({
      unit: "nm",
      rotationDeg: 0,
      certified: true,
      source: {
        kind: "person",
        principalId: "person0001",
        method: "lattice",
        note: "lattice spacing: Ge 111, d = 0.32660 ± 0.00030 nm, FFT spot 1 at 0.1000 cycles/px",
      },
    });
    expect(made.pixelSize.x).toBeCloseTo(0.03266, 12);
    expect(made.relativeStandardUncertainty.x).toBeCloseTo(Math.hypot(0.002, 0.0003 / 0.3266), 9);
  });

  it("of a diffraction pattern it is 1/nm per px", () => {
    const ring = { ...spot, x: 60, y: 80, uX: 0.1, uY: 0.1 };
    const made = calibrationByLattice([ring], "diffraction", "same", { state: "not-to-scale" }, "p");
    expect(made.unit).toBe("1/nm");
    expect(made.pixelSize.x).toBeCloseTo(1 / 0.3266 / 100, 12);
    expect(made.source).toMatchObject({ note: expect.stringContaining("at 100.0 px") });
  });

  it("pixels keep shape and rotation, by every way of calibrating", () => {
    const shape = pixelShapeOf(oblong);
    const line = [
      { x: 0, y: 0 },
      { x: 30, y: 16 },
    ];
    // (30 · 1, 16 · 2.5) widths: 50 of them are 1 nm.
    const bar = { p: line[0]!, q: line[1]!, length: 1, u: 0, unit: "nm", kind: "feature" } as const;
    for (const made of [
      calibrationByLine(line, "1 nm", "p", shape),
      calibrationByFeature(bar, "p", shape),
      calibrationByLattice([{ ...spot, x: 0, y: 0.05 / 0.3266 }], "image", "same", oblong, "p"),
    ]) {
      expect(made).toMatchObject({ rotationDeg: 7 });
      const { pixelSize } = made as Extract<Calibration, { state: "calibrated" }>;
      expect(pixelSize.x).toBeCloseTo(0.02, 9);
      expect(pixelSize.y).toBeCloseTo(0.05, 9);
    }
  });

  it("two spots tell x and y apart", () => {
    const spots = [
      { ...spot, x: 0.02 / 0.3, y: 0, spacingNm: 0.3 },
      { ...spot, x: 0, y: 0.03 / 0.2, spacingNm: 0.2 },
    ];
    const made = calibrationByLattice(spots, "image", "separate", { state: "not-to-scale" }, "p");
    expect(made.pixelSize.x).toBeCloseTo(0.02, 9);
    expect(made.pixelSize.y).toBeCloseTo(0.03, 9);
  });
});

it("says by how much every length changes, and nothing where there was no length", () => {
  const sized = (x: number, y: number, unit: "nm" | "1/nm" = "nm") => calibrationFromFile(x, y, unit, "tag");
  expect(changeWords(sized(0.026, 0.026), sized(0.025, 0.025))).toBe("every length −3.85 %");
  expect(changeWords(sized(0.02, 0.02), sized(0.021, 0.025))).toBe(
    "every length +5.00 % along x, +25 % along y",
  );
  expect(changeWords(sized(1, 1, "1/nm"), sized(2, 2, "1/nm"))).toBe("every distance from the middle +100 %");
  expect(changeWords({ state: "uncalibrated", reason: "" }, sized(1, 1))).toBe("");
  expect(changeWords(sized(1, 1), sized(1, 1, "1/nm"))).toBe("");
});
