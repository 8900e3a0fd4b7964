import { describe, expect, it } from "vitest";
import {
  calibrateFromDiffraction,
  calibrateFromSpots,
  type KnownReflection,
} from "#core/measurement/calibrate-lattice.ts";
import {
  countedFringes,
  refinedLine,
  refinedSpot,
  reflectionOfLine,
} from "#core/measurement/lattice-reflection.ts";
import { cubicSpacing, hexagonalSpacing, referenceSpacings } from "#core/measurement/reference-spacings.ts";

/** The spot that planes of spacing d (nm), normal at `angleDeg`, make in pixels of sx × sy nm. */
function spotOf(d: number, angleDeg: number, sx: number, sy: number, u = 0.0005): KnownReflection {
  const angle = (angleDeg * Math.PI) / 180;
  return {
    x: (sx * Math.cos(angle)) / d,
    y: (sy * Math.sin(angle)) / d,
    uX: u,
    uY: u,
    spacingNm: d,
    uSpacingNm: 0,
  };
}

const square = { axes: "same", aspect: 1 } as const;

describe("pixel size from a lattice", () => {
  it("one spot: s = d·R/n, with the uncertainties of the spot and of the spacing", () => {
    // 60 of 512 bins at d = 0.2355 nm: 0.2355 · 60/512.
    const found = calibrateFromSpots(
      [{ x: 36 / 512, y: -48 / 512, uX: 0.3 / 512, uY: 0.3 / 512, spacingNm: 0.2355, uSpacingNm: 0.001 }],
      square,
    );
    expect(found.x).toBeCloseTo((0.2355 * 60) / 512, 12);
    expect(found.y).toBe(found.x);
    expect(found.relativeU.x).toBeCloseTo(Math.hypot(0.3 / 60, 0.001 / 0.2355), 9);
    expect(found.birgeRatio).toBeNull();
  });

  it("pixels keep the shape they are known to have", () => {
    const found = calibrateFromSpots([spotOf(0.31, 33, 0.02, 0.034)], { axes: "same", aspect: 1.7 });
    expect(found.x).toBeCloseTo(0.02, 12);
    expect(found.y).toBeCloseTo(0.034, 12);
  });

  it("two spots in different directions tell the two axes apart, more agree or say that they do not", () => {
    const spots = [
      spotOf(0.31, 10, 0.02, 0.025),
      spotOf(0.2121, 75, 0.02, 0.025),
      spotOf(0.2, 140, 0.02, 0.025),
    ];
    const two = calibrateFromSpots(spots.slice(0, 2), { axes: "separate" });
    expect(two.x).toBeCloseTo(0.02, 10);
    expect(two.y).toBeCloseTo(0.025, 10);
    const three = calibrateFromSpots(spots, { axes: "separate" });
    expect(three.birgeRatio).toBeCloseTo(0, 5);
    const wrong = calibrateFromSpots([...spots.slice(0, 2), { ...spots[2]!, spacingNm: 0.21 }], {
      axes: "separate",
    });
    expect(wrong.birgeRatio).toBeGreaterThan(3);
    expect(wrong.relativeU.x).toBeGreaterThan(2 * three.relativeU.x);
  });

  it("parallel spots cannot: refused; nonsense as well", () => {
    const parallel = [spotOf(0.3, 20, 0.02, 0.02), spotOf(0.15, 20, 0.02, 0.02)];
    expect(() => calibrateFromSpots(parallel, { axes: "separate" })).toThrow(/different directions/);
    expect(calibrateFromSpots(parallel, square).x).toBeCloseTo(0.02, 10);
    expect(() => calibrateFromSpots([], square)).toThrow(/got none/);
    expect(() => calibrateFromSpots([{ ...parallel[0]!, spacingNm: 0 }], square)).toThrow(/positive spacing/);
    expect(() => calibrateFromSpots([{ ...parallel[0]!, x: 0, y: 0 }], square)).toThrow(
      /away from the middle/,
    );
    expect(() => calibrateFromSpots(parallel, { axes: "same", aspect: 0 })).toThrow(/ratio/);
  });

  it("several spots of one material do not average its spacing's uncertainty away", () => {
    const spots = [0, 40, 80, 120].map((angle) => ({
      ...spotOf(0.2121, angle, 0.02, 0.02, 1e-6),
      uSpacingNm: 0.0005,
    }));
    expect(calibrateFromSpots(spots, square).relativeU.x).toBeCloseTo(0.0005 / 0.2121, 6);
  });
});

it("a diffraction pattern: 1/nm per px from a ring's radius, pixels of any shape", () => {
  const ring = { x: 120, y: 0, uX: 0.3, uY: 0.3, spacingNm: 0.2121, uSpacingNm: 0 };
  const found = calibrateFromDiffraction([ring], square);
  expect(found.x).toBeCloseTo(1 / 0.2121 / 120, 12);
  expect(found.relativeU.x).toBeCloseTo(0.3 / 120, 9);
  // k = (0.04, 0.05) 1/nm per px, spot at (60, -50) px: |g| = |(2.4, -2.5)| 1/nm.
  const oblong = calibrateFromDiffraction([{ ...ring, x: 60, y: -50, spacingNm: 1 / Math.hypot(2.4, 2.5) }], {
    axes: "same",
    aspect: 1.25,
  });
  expect(oblong.x).toBeCloseTo(0.04, 12);
  expect(oblong.y).toBeCloseTo(0.05, 12);
});

it("the spacings offered are those of their cells, and positive with a positive uncertainty", () => {
  const d = (id: string) => referenceSpacings.find((entry) => entry.id === id)!.spacingNm;
  expect(cubicSpacing(0.4, 2, 0, 0)).toBeCloseTo(0.2, 12);
  // (0 0 6) of a hexagonal cell is a sixth of c.
  expect(hexagonalSpacing(0.4307, 1.1273, 0, 0, 6)).toBeCloseTo(1.1273 / 6, 12);
  for (const [id, nm] of [
    ["au-111", 0.23548],
    ["si-111", 0.31356],
    ["ge-111", 0.32664],
    ["tin-200", 0.2121],
    ["sb-012", 0.311],
    ["sb-104", 0.2248],
    ["c-002", 0.3354],
  ] as const) {
    expect(Math.abs(d(id) - nm), id).toBeLessThan(1e-4);
  }
  for (const { spacingNm, uNm, source } of referenceSpacings) {
    expect(uNm).toBeGreaterThan(0);
    expect(uNm).toBeLessThan(0.01 * spacingNm);
    expect(source).not.toBe("");
  }
});

describe("reflections pointed out by a line", () => {
  const square = { map: { xx: 1, xy: 0, yx: 0, yy: 1 } };

  it("fringes counted from end to end: 12 periods over 120 px at d = 0.3354 nm are 0.03354 nm per px", () => {
    const place = countedFringes({ p: { x: 10, y: 10 }, q: { x: 106, y: 82 } }, 12, 0.5, square);
    expect(Math.hypot(place.x, place.y)).toBeCloseTo(0.1, 12);
    const found = calibrateFromSpots([{ ...place, spacingNm: 0.3354, uSpacingNm: 0 }], {
      axes: "same",
      aspect: 1,
    });
    expect(found.x).toBeCloseTo(0.03354, 12);
    // Two ends of half a pixel, and a line some degrees off the right angle.
    expect(found.relativeU.x).toBeCloseTo(Math.hypot((Math.SQRT2 * 0.5) / 120, 0.0022), 9);
  });

  it("in pixels of another shape the right angle is that of the calibrated plane", () => {
    // Planes 0.4 nm apart along (0.6, 0.8) nm, pixels of 0.02 × 0.05 nm: a line of 10 periods is (120, 64) px.
    const map = { xx: 0.02, xy: 0, yx: 0, yy: 0.05 };
    const place = countedFringes({ p: { x: 0, y: 0 }, q: { x: 120, y: 64 } }, 10, 0, { map });
    expect(place.x).toBeCloseTo((0.6 / 0.4) * 0.02, 12);
    expect(place.y).toBeCloseTo((0.8 / 0.4) * 0.05, 12);
  });

  it("no line and no periods are refused", () => {
    const line = { p: { x: 1, y: 1 }, q: { x: 1, y: 1 } };
    expect(() => countedFringes(line, 5, 0.5, square)).toThrow(/Draw it again/);
    expect(() => countedFringes({ ...line, q: { x: 9, y: 1 } }, 0, 0.5, square)).toThrow(
      /at least one period/,
    );
  });

  it("over a diffraction pattern: ±g is twice the radius, with half the uncertainty of its ends", () => {
    const line = { p: { x: 100, y: 300 }, q: { x: 300, y: 100 }, uP: 0.3, uQ: 0.4 };
    expect(reflectionOfLine(line, "middle-spot")).toMatchObject({ x: 200, y: -200, uX: 0.5 });
    for (const drawn of ["spots", "ring"] as const)
      expect(reflectionOfLine(line, drawn)).toMatchObject({ x: 100, y: -100, uX: 0.25 });
  });

  it("a spot is found beside the hand, in a piece of the picture, to a tenth of a pixel; none where none is", () => {
    const [width, height] = [60, 50];
    const spot = { x: 1033.3, y: 522.8 };
    const corner = { x: 1000, y: 500 };
    const data = Float32Array.from({ length: width * height }, (_, i) => {
      const dx = corner.x + (i % width) + 0.5 - spot.x;
      const dy = corner.y + Math.floor(i / width) + 0.5 - spot.y;
      return 50 + ((i * 7919) % 11) + 900 * Math.exp(-(dx * dx + dy * dy) / (2 * 2.2 ** 2));
    });
    const raster = { width, height, samplesPerPixel: 1, sampleType: "float32", data } as const;
    const found = refinedSpot(raster, { x: 1030, y: 526 }, corner)!;
    expect(Math.hypot(found.x - spot.x, found.y - spot.y)).toBeLessThan(0.1);
    expect(refinedSpot({ ...raster, data: new Float32Array(width * height) }, spot, corner)).toBeNull();
  });

  it("a line across a ring goes to the middle of its band at both ends, wherever the hand was", () => {
    const middle = { x: 151.4, y: 148.7 };
    const radius = 92.35;
    const side = 300;
    const data = Float32Array.from({ length: side * side }, (_, i) => {
      const r = Math.hypot((i % side) + 0.5 - middle.x, Math.floor(i / side) + 0.5 - middle.y);
      return 400 - r + ((i * 7919) % 13) + 260 * Math.exp(-(((r - radius) / 2.5) ** 2) / 2);
    });
    const raster = { width: side, height: side, samplesPerPixel: 1, sampleType: "float32", data } as const;
    const around = () => ({ x: 0, y: 0, raster });
    const angle = 0.7;
    const at = (r: number) => ({ x: middle.x + r * Math.cos(angle), y: middle.y + r * Math.sin(angle) });
    const found = refinedLine({ p: at(-radius - 4), q: at(radius - 3) }, "ring", around);
    const { x, y, uX } = reflectionOfLine(found, "ring");
    expect(Math.abs(Math.hypot(x, y) - radius)).toBeLessThan(0.15);
    expect(uX).toBeCloseTo(0.15 * Math.SQRT1_2, 9);
    // From the middle, which is no spot: that end stays as it was set.
    const half = refinedLine({ p: middle, q: at(radius + 5) }, "middle-ring", around);
    expect(half.p).toEqual(middle);
    expect(half).toMatchObject({ uP: 0.5, uQ: 0.15 });
    expect(Math.hypot(half.q.x - middle.x, half.q.y - middle.y)).toBeCloseTo(radius, 0);
    // No values at hand, and no ring there: the hand's own line stands.
    const line = { p: at(-50), q: at(40) };
    for (const patch of [() => null, around]) {
      expect(refinedLine(line, "ring", patch)).toEqual({ ...line, uP: 0.5, uQ: 0.5 });
    }
  });
});
