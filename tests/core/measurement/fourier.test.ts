import { describe, expect, it } from "vitest";
import { powerSpectrum } from "#core/measurement/fourier-spectrum.ts";
import { angleBetween, latticeSpacing, locateSpot, strongestSpots } from "#core/measurement/fourier-spot.ts";
import { lengthScale } from "#core/measurement/length-scale.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { createNormal, createRandom } from "#core/random/generator.ts";

const seed = Number(process.env.SEED ?? 7);

const calibrated = (x: number, y: number, more: { rotationDeg?: number; u?: number } = {}): Calibration => ({
  state: "calibrated",
  unit: "nm",
  pixelSize: { x, y },
  rotationDeg: more.rotationDeg ?? 0,
  relativeStandardUncertainty: { x: more.u ?? 0, y: more.u ?? 0 },
  source: { kind: "synthetic" },
  certified: true,
});

/** Planes of the given frequencies (cycles a px) on a level, with noise. */
function lattice(
  side: number,
  waves: readonly { readonly x: number; readonly y: number; readonly amplitude: number }[],
  noise = 0,
  run = 0,
): Float64Array {
  const normal = createNormal(createRandom(seed * 1000 + run));
  return Float64Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    const wave = waves.reduce(
      (sum, w, k) => sum + w.amplitude * Math.cos(2 * Math.PI * (w.x * x + w.y * y) + k),
      0,
    );
    return 1000 + wave + noise * normal();
  });
}

describe("power spectrum", () => {
  it("a wave on a bin stands at ± its frequency, zero frequency in the middle", () => {
    const { power } = powerSpectrum(lattice(64, [{ x: 5 / 64, y: -9 / 64, amplitude: 3 }]), 64, "none");
    const at = (u: number, v: number) => power[(32 + v) * 64 + 32 + u]!;
    // All the power of a cosine, shared by ±g: n²/2 in units of its variance.
    expect(at(5, -9)).toBeCloseTo((64 * 64) / 2, 3);
    expect(at(-5, 9)).toBeCloseTo((64 * 64) / 2, 3);
    expect(at(0, 0)).toBeLessThan(1e-9);
    expect(power.reduce((sum, p) => sum + p, 0)).toBeCloseTo(64 * 64, 2);
  });

  it("white noise is 1 everywhere on average, with and without the window", () => {
    for (const window of ["hann", "none"] as const) {
      const { power } = powerSpectrum(lattice(128, [], 5), 128, window);
      const mean = power.reduce((sum, p) => sum + p, 0) / power.length;
      expect(mean).toBeGreaterThan(0.97);
      expect(mean).toBeLessThan(1.03);
    }
  });

  it("values that are no numbers count as the mean; constants and zeros have no power; nothing at all is refused", () => {
    const values = lattice(64, [{ x: 8 / 64, y: 0, amplitude: 3 }]);
    for (let i = 0; i < values.length; i += 97) values[i] = i % 2 ? Number.NaN : Number.POSITIVE_INFINITY;
    const spectrum = powerSpectrum(values, 64);
    expect(spectrum.finiteShare).toBeCloseTo(1 - 43 / 4096, 3);
    expect(spectrum.power.every(Number.isFinite)).toBe(true);
    expect(locateSpot(spectrum, { x: 0.12, y: 0.01 }).x).toBeCloseTo(8 / 64, 3);
    for (const level of [0, 7, 65535, 0.1]) {
      expect(powerSpectrum(new Float64Array(4096).fill(level), 64).power.every((p) => p === 0)).toBe(true);
    }
    expect(() => powerSpectrum(new Float64Array(4096).fill(Number.NaN), 64)).toThrow(
      /but none of its pixels/,
    );
    expect(() => powerSpectrum(new Float64Array(100), 10)).toThrow(/power of two/);
  });
});

describe("spots", () => {
  it.each([
    [0.131, 0.047],
    [-0.2043, 0.1111],
    [0.31, 0],
    [0.0717, -0.2501],
  ])(
    "a lattice at (%f, %f) cycles a px is found within 0.05 bins, wherever between the bins it lies",
    (x, y) => {
      const spectrum = powerSpectrum(lattice(256, [{ x, y, amplitude: 50 }], 50), 256);
      const spot = locateSpot(spectrum, { x: x + 0.008, y: y - 0.006 });
      expect(Math.abs(spot.x - x) * 256).toBeLessThan(0.05);
      expect(Math.abs(spot.y - y) * 256).toBeLessThan(0.05);
    },
  );

  it("its uncertainty is that of its scatter, in faint lattices too", () => {
    const truth = { x: 0.1213, y: 0.0871, amplitude: 12 };
    const runs = 60;
    let [squares, stated] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const spot = locateSpot(powerSpectrum(lattice(128, [truth], 60, run), 128), truth);
      squares += ((spot.x - truth.x) ** 2 + (spot.y - truth.y) ** 2) / (2 * runs);
      stated += (spot.uX ** 2 + spot.uY ** 2) / (2 * runs);
    }
    const ratio = Math.sqrt(squares / stated);
    expect(ratio).toBeGreaterThan(0.55);
    expect(ratio).toBeLessThan(1.5);
  });

  it("noise, a constant and the middle have no spots", () => {
    const noise = powerSpectrum(lattice(256, [], 20), 256);
    const random = createRandom(seed);
    let found = 0;
    for (let i = 0; i < 200; i++) {
      try {
        locateSpot(noise, { x: random() - 0.5, y: random() - 0.5 });
        found++;
      } catch (error) {
        expect(error).toMatchObject({ code: "low-contrast" });
      }
    }
    expect(found).toBeLessThanOrEqual(4);
    expect(strongestSpots(noise, 6)).toEqual([]);
    expect(() => locateSpot(powerSpectrum(new Float64Array(4096), 64), { x: 0.2, y: 0 })).toThrow(
      /stands out/,
    );
    expect(strongestSpots(powerSpectrum(new Float64Array(4096), 64), 6)).toEqual([]);
  });

  it("a lattice without noise, rounded to integers, has its own spot and no other", () => {
    const [x, y] = [0.0177, 0.0354];
    const rounded = lattice(256, [{ x, y, amplitude: 300 }]).map(Math.round);
    const spots = strongestSpots(powerSpectrum(rounded, 256), 6);
    expect(spots).toHaveLength(1);
    expect(Math.abs(spots[0]!.y)).toBeCloseTo(y, 3);
  });

  it("the strongest are found unasked, one of each pair", () => {
    const waves = [
      { x: 0.12, y: -0.08, amplitude: 30 },
      { x: -0.15, y: -0.1, amplitude: 20 },
    ];
    const spots = strongestSpots(powerSpectrum(lattice(256, waves, 60), 256), 8);
    expect(spots.map(({ x, y }) => [x.toFixed(2), y.toFixed(2)])).toEqual([
      ["0.12", "-0.08"],
      ["-0.15", "-0.10"],
    ]);
  });
});

describe("lattice spacing", () => {
  const spot = (x: number, y: number, u = 0) => ({ x, y, uX: u, uY: u });

  it("d = 1/g in nm; px without a calibration", () => {
    const found = latticeSpacing(spot(0.06, -0.08, 0.001), lengthScale(calibrated(0.03, 0.03, { u: 0.02 })));
    expect(found).toMatchObject({ unit: "nm" });
    expect(found.spacing).toBeCloseTo(0.3, 12);
    expect(found.angleDeg).toBeCloseTo(53.1301, 4);
    // 1 % of the place and 2 % of the calibration.
    expect(found.u).toBeCloseTo(0.3 * Math.hypot(0.01, 0.02), 12);
    expect(found.uAngleDeg).toBeCloseTo((0.01 * 180) / Math.PI, 9);
    expect(latticeSpacing(spot(0, 0.1), lengthScale({ state: "uncalibrated", reason: "" }))).toMatchObject({
      spacing: 10,
      unit: "px",
      angleDeg: 90,
    });
  });

  it("pixels that are not square, and turned: planes drawn in nm are measured in nm", () => {
    const calibration = calibrated(0.021, 0.034, { rotationDeg: 12 });
    const scale = lengthScale(calibration);
    const { xx, xy, yx, yy } = scale.map;
    // Planes of 0.3 nm whose normal stands at 25° (anticlockwise on the screen): g in 1/nm, y downwards.
    const angle = (25 * Math.PI) / 180;
    const g = { x: Math.cos(angle) / 0.3, y: -Math.sin(angle) / 0.3 };
    const f = { x: xx * g.x + yx * g.y, y: xy * g.x + yy * g.y, amplitude: 40 };
    const found = latticeSpacing(locateSpot(powerSpectrum(lattice(256, [f], 40), 256), f), scale);
    expect(Math.abs(found.spacing / 0.3 - 1)).toBeLessThan(0.002);
    expect(found.angleDeg).toBeCloseTo(25, 0);
  });

  it("the angle between two directions does not depend on which spot of a pair was taken", () => {
    const scale = lengthScale(calibrated(0.1, 0.1));
    const [a, b] = [latticeSpacing(spot(0.1, 0.01), scale), latticeSpacing(spot(-0.1, 0.02), scale)];
    const c = latticeSpacing(spot(0.1, -0.02), scale);
    expect(angleBetween(a, b).deg).toBeCloseTo(angleBetween(a, c).deg, 9);
    expect(angleBetween(a, b).deg).toBeCloseTo(((Math.atan(0.1) + Math.atan(0.2)) * 180) / Math.PI, 9);
  });

  it("zero frequency is refused", () => {
    expect(() => latticeSpacing(spot(0, 0), lengthScale(calibrated(1, 1)))).toThrow(/no spacing/);
  });
});
