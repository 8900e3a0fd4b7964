import { describe, expect, it } from "vitest";
import type { Point } from "#core/geometry/point.ts";
import { calibrateFromBar } from "#core/measurement/calibrate.ts";
import { inputsHash } from "#core/measurement/inputs-hash.ts";
import { measureAngle, measureLength } from "#core/measurement/length.ts";
import { lengthScale, pixelScale, realSpaceScale } from "#core/measurement/length-scale.ts";
import { measureShape } from "#core/measurement/shape.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";

function calibration(x: number, y: number, uX = 0, uY = uX, rotationDeg = 0): Calibration {
  return {
    state: "calibrated",
    unit: "nm",
    pixelSize: { x, y },
    rotationDeg,
    relativeStandardUncertainty: { x: uX, y: uY },
    source: { kind: "synthetic" },
    certified: true,
  };
}
const rectangle = (w: number, h: number, x = 0, y = 0): Point[] => [
  { x, y },
  { x: x + w, y },
  { x: x + w, y: y + h },
  { x, y: y + h },
];

describe("length and angle", () => {
  it("3-4-5 with pixels of 2 x 0.5 nm", () => {
    const scale = lengthScale(calibration(2, 0.5));
    const q = measureLength(
      [
        { x: 10, y: 10 },
        { x: 11.5, y: 18 },
      ],
      scale,
    );
    expect(q).toMatchObject({ value: 5, unit: "nm" });
  });

  it("u: two ends of 0.5 px at 0.4 nm/px and 3 % of 80 nm", () => {
    const q = measureLength(
      [
        { x: 0, y: 7 },
        { x: 200, y: 7 },
      ],
      lengthScale(calibration(0.4, 0.4, 0.03)),
    );
    expect(q.budget.drawing).toBeCloseTo(Math.SQRT2 * 0.5 * 0.4, 12);
    expect(q.budget.calibration).toBeCloseTo(2.4, 12);
    expect(q.u).toBeCloseTo(Math.hypot(q.budget.drawing!, 2.4), 12);
  });

  it("only the axis along the line counts for its calibration", () => {
    const scale = lengthScale(calibration(1, 1, 0.01, 0.2));
    expect(
      measureLength(
        [
          { x: 0, y: 0 },
          { x: 100, y: 0 },
        ],
        scale,
      ).budget.calibration,
    ).toBeCloseTo(1, 12);
    expect(
      measureLength(
        [
          { x: 0, y: 0 },
          { x: 0, y: 100 },
        ],
        scale,
      ).budget.calibration,
    ).toBeCloseTo(20, 12);
  });

  it("an angle of 45° in pixels is atan 2 where y pixels are twice as large", () => {
    const angle = (scale: ReturnType<typeof pixelScale>) =>
      measureAngle({ x: 10, y: 0 }, { x: 0, y: 0 }, { x: 10, y: 10 }, scale).value;
    expect(angle(pixelScale())).toBeCloseTo(45, 10);
    expect(angle(lengthScale(calibration(1, 2)))).toBeCloseTo((Math.atan(2) * 180) / Math.PI, 10);
  });

  it("rotation of the calibration changes neither", () => {
    const points = [
      { x: 5, y: 9 },
      { x: 71, y: 30 },
    ];
    const straight = measureLength(points, lengthScale(calibration(0.3, 0.5, 0.01)));
    const rotated = measureLength(points, lengthScale(calibration(0.3, 0.5, 0.01, 0.01, 33)));
    expect(rotated.value).toBeCloseTo(straight.value, 10);
    expect(rotated.u!).toBeCloseTo(straight.u!, 10);
  });
});

describe("calibration", () => {
  it("none means pixels and a warning; 1/nm has no gaps; nonsense is refused", () => {
    const none = lengthScale({ state: "uncalibrated", reason: "no tag" });
    expect(none).toMatchObject({ unit: "px", pixelLength: 1, warnings: ["uncalibrated"] });
    expect(() => realSpaceScale({ ...calibration(0.01, 0.01), unit: "1/nm" } as Calibration)).toThrow(
      expect.objectContaining({ code: "bad-calibration" }),
    );
    for (const size of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => lengthScale(calibration(size, 1))).toThrow(
        expect.objectContaining({ code: "bad-calibration" }),
      );
    }
    expect(() => calibrateFromBar({ x: 1, y: 1 }, { x: 1, y: 1 }, 50, 0.5, 0.5)).toThrow(
      expect.objectContaining({ code: "bad-calibration" }),
    );
  });
});

describe("shape", () => {
  it("a 30 x 20 rectangle with a 5 x 4 hole, pixels of 2 x 3 nm", () => {
    const polygon = { outer: rectangle(30, 20), holes: [rectangle(5, 4, 10, 8)] };
    const m = measureShape([polygon], lengthScale(calibration(2, 3, 0.02)));
    expect(m.area).toBeCloseTo(580 * 6, 9);
    expect(m.perimeter).toBeCloseTo(2 * (60 + 60), 9);
    expect(m.perimeterWithHoles).toBeCloseTo(240 + 2 * (10 + 12), 9);
    expect(m.feretMax).toBeCloseTo(60 * Math.SQRT2, 9);
    expect(m.feretMin).toBeCloseTo(60, 9);
    expect(m.solidity).toBeCloseTo(580 / 600, 9);
    expect(m.areaBudget.calibration).toBeCloseTo(2 * 0.02 * 3480, 9);
    expect(m.areaBudget.drawing).toBeCloseTo(0.5 * Math.sqrt(6) * Math.sqrt(240 * 10 * Math.sqrt(6)), 9);
  });

  it("a regular polygon of many sides is a circle", () => {
    const r = 40;
    const outer = Array.from({ length: 720 }, (_, i) => ({
      x: 9e4 + r * Math.cos((i * Math.PI) / 360),
      y: 5e4 + r * Math.sin((i * Math.PI) / 360),
    }));
    const m = measureShape([{ outer, holes: [] }], pixelScale());
    expect(m.ecd).toBeCloseTo(2 * r, 2);
    expect(m.circularity).toBeCloseTo(1, 4);
    expect(m.centroid.x).toBeCloseTo(9e4, 6);
  });

  it("the long axis of a bar that rises to the right is told anticlockwise", () => {
    const bar = [
      { x: 0, y: 100 },
      { x: 100, y: 0 },
      { x: 102, y: 2 },
      { x: 2, y: 102 },
    ];
    expect(measureShape([{ outer: bar, holes: [] }], pixelScale()).orientationDeg).toBeCloseTo(45, 6);
  });

  it("a figure of eight is measured by the even-odd rule, with a warning", () => {
    const eight = [
      { x: 0, y: 0 },
      { x: 4, y: 4 },
      { x: 4, y: 0 },
      { x: 0, y: 4 },
    ];
    const m = measureShape([{ outer: eight, holes: [] }], pixelScale());
    expect(m.area).toBeCloseTo(8, 6);
    expect(m.warnings).toContain("self-intersecting");
  });

  it("the hash follows every coordinate", () => {
    const a = rectangle(3, 2);
    expect(inputsHash([a])).toBe(inputsHash([rectangle(3, 2)]));
    expect(inputsHash([a])).not.toBe(inputsHash([rectangle(3, 2.0000001)]));
    expect(inputsHash([a])).not.toBe(inputsHash([[...a].reverse()]));
  });
});
