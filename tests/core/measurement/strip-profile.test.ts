import { describe, expect, it } from "vitest";
import { lengthScale, pixelScale } from "#core/measurement/length-scale.ts";
import { peakIn, stepIn } from "#core/measurement/profile-features.ts";
import { fringesIn } from "#core/measurement/profile-fringes.ts";
import {
  boxUnder,
  emptyProfile,
  placeOnStrip,
  readStrip,
  stripAlong,
  stripCorners,
} from "#core/measurement/strip-profile.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { createNormal, createRandom } from "#core/random/generator.ts";

const seed = Number(process.env.SEED ?? 11);

function raster(width: number, height: number, value: (x: number, y: number) => number): Raster {
  const data = Float32Array.from({ length: width * height }, (_, i) =>
    value((i % width) + 0.5, Math.floor(i / width) + 0.5),
  );
  return { width, height, samplesPerPixel: 1, sampleType: "float32", data };
}

const read = (image: Raster, ...line: Parameters<typeof stripAlong>) => {
  const strip = stripAlong(...line);
  const profile = emptyProfile(strip);
  readStrip(image, strip, profile);
  return { strip, ...profile };
};

describe("strip profile", () => {
  const ramp = raster(60, 40, (x, y) => 3 * x - 2 * y + 100);

  it("reads a ramp exactly at any angle, half pixels included", () => {
    const { strip, mean } = read(ramp, { x: 5.25, y: 30 }, { x: 50, y: 8.5 }, 5, pixelScale());
    mean.forEach((value, k) => {
      const { x, y } = placeOnStrip(strip, k);
      expect(value).toBeCloseTo(3 * x - 2 * y + 100, 4);
    });
    const last = placeOnStrip(strip, strip.samples - 1);
    expect(last.x).toBeCloseTo(50, 9);
    expect(last.y).toBeCloseTo(8.5, 9);
    expect(strip.step * (strip.samples - 1)).toBeCloseTo(Math.hypot(44.75, 21.5), 9);
    expect(Math.hypot(strip.along.x, strip.along.y)).toBeLessThanOrEqual(1);
  });

  it("mean ± SE of what lies across: hand arithmetic", () => {
    // Rows 0..4 hold 10, 20, 30, 40, 50; a strip of 3 about row 2 reads 20, 30, 40.
    const rows = raster(20, 5, (_, y) => 10 * (y + 0.5));
    const { mean, standardError } = read(rows, { x: 2.5, y: 2.5 }, { x: 12.5, y: 2.5 }, 3, pixelScale());
    expect(mean[4]).toBeCloseTo(30, 9);
    expect(standardError[4]).toBeCloseTo(10 / Math.sqrt(3), 6);
    const single = read(rows, { x: 2.5, y: 2.5 }, { x: 12.5, y: 2.5 }, 1, pixelScale());
    expect(single.standardError.every(Number.isNaN)).toBe(true);
  });

  it("distances and right angles are those of the calibrated plane", () => {
    const scale = lengthScale({
      state: "calibrated",
      unit: "nm",
      pixelSize: { x: 0.5, y: 2 },
      rotationDeg: 0,
      relativeStandardUncertainty: { x: 0, y: 0 },
      source: { kind: "synthetic" },
      certified: true,
    });
    const strip = stripAlong({ x: 10, y: 10 }, { x: 30, y: 20 }, 9, scale);
    expect(strip.unit).toBe("nm");
    expect(strip.step * (strip.samples - 1)).toBeCloseTo(Math.hypot(10, 20), 9);
    // (20·0.5, 10·2) · (across · pixel size) = 0
    expect(10 * strip.across.x * 0.5 + 20 * strip.across.y * 2).toBeCloseTo(0, 9);
    expect(Math.hypot(strip.across.x, strip.across.y)).toBeCloseTo(1, 9);
  });

  it("pieces read from patches are the whole: long lines are read as their tiles come", () => {
    const line = [{ x: 3, y: 36 }, { x: 56, y: 2 }, 7, pixelScale()] as const;
    const whole = read(ramp, ...line);
    const strip = stripAlong(...line);
    const pieces = emptyProfile(strip);
    for (let from = 0; from < strip.samples; from += 13) {
      const to = Math.min(strip.samples, from + 13);
      const box = boxUnder(strip, from, to);
      const left = Math.max(0, Math.floor(box.minX));
      const top = Math.max(0, Math.floor(box.minY));
      const [right, bottom] = [Math.min(60, Math.ceil(box.maxX)), Math.min(40, Math.ceil(box.maxY))];
      const patch = raster(right - left, bottom - top, (x, y) => 3 * (x + left) - 2 * (y + top) + 100);
      readStrip(patch, strip, pieces, from, to, { x: left, y: top });
    }
    pieces.mean.forEach((value, k) => {
      expect(value).toBeCloseTo(whole.mean[k]!, 9);
    });
  });

  it("dead pixels and places outside the picture are left out, not averaged in", () => {
    const holed = raster(30, 9, (x, y) => (Math.floor(x) === 10 && Math.floor(y) < 6 ? Number.NaN : 5));
    holed.data[4 * 30 + 20] = Number.POSITIVE_INFINITY;
    const { mean } = read(holed, { x: -5.5, y: 4.5 }, { x: 25.5, y: 4.5 }, 9, pixelScale());
    expect(Number.isNaN(mean[0]!)).toBe(true);
    expect([...mean.subarray(8)].every((v) => v === 5)).toBe(true);
    const dead = read(
      raster(9, 9, () => Number.NaN),
      { x: 1, y: 1 },
      { x: 8, y: 1 },
      1,
      pixelScale(),
    );
    expect(dead.mean.every(Number.isNaN)).toBe(true);
  });

  it("a spread on large counts is not lost", () => {
    const counts = raster(20, 9, (_, y) => 4_000_000 + (Math.floor(y) % 2));
    const { standardError } = read(counts, { x: 2.5, y: 4.5 }, { x: 12.5, y: 4.5 }, 9, pixelScale());
    expect(standardError[3]).toBeGreaterThan(0);
  });

  it("no line, and more readings than anybody waits for, are refused", () => {
    expect(() => stripAlong({ x: 1, y: 1 }, { x: 1, y: 1.5 }, 1, pixelScale())).toThrow(/at least 1 px/);
    expect(() => stripAlong({ x: 0, y: 0 }, { x: 30000, y: 0 }, 500, pixelScale())).toThrow(/narrower/);
  });

  it("its corners are as far apart as it is wide", () => {
    const strip = stripAlong({ x: 0, y: 0 }, { x: 30, y: 40 }, 10, pixelScale());
    const [a, b, c, d] = stripCorners(strip);
    expect(Math.hypot(a.x - d.x, a.y - d.y)).toBeCloseTo(10, 9);
    expect(Math.hypot(b.x - c.x, b.y - c.y)).toBeCloseTo(10, 9);
  });
});

describe("what stands between two cursors", () => {
  const normal = createNormal(createRandom(seed));
  const part = (n: number, value: (i: number) => number, step = 0.5, start = 10) => ({
    values: Float64Array.from({ length: n }, (_, i) => value(i)),
    start,
    step,
  });
  const gauss = (i: number, at: number, sigma: number) => Math.exp(-(((i - at) / sigma) ** 2) / 2);

  it("a blurred step: place and 10-90 % width", () => {
    // Φ by summing its density, apart from the code that is tested.
    const edge = (i: number, at: number, sigma: number) => {
      let sum = 0;
      for (let t = -60; t <= (i - at) * 10; t++) sum += gauss(t / 10, 0, sigma) / 10;
      return sum / (sigma * Math.sqrt(2 * Math.PI));
    };
    const step = stepIn(part(60, (i) => 200 - 80 * edge(i, 31.3, 2) + 0.5 * normal()));
    expect(Math.abs(step.position.value - (10 + 31.3 * 0.5))).toBeLessThan(0.06);
    expect(Math.abs(step.width.value - 2.5631 * 2 * 0.5)).toBeLessThan(0.08);
    expect(step.width.u).toBeGreaterThan(0.001);
    expect(step.after - step.before).toBeCloseTo(-80, -1);
  });

  it.each([1, -1])("a line on a sloping base, FWHM = 2.3548 σ (sign %i)", (sign) => {
    const peak = peakIn(part(80, (i) => 300 + 0.4 * i + sign * 100 * gauss(i, 37.6, 5) + 0.3 * normal()));
    expect(Math.abs(peak.fwhm.value - 2.3548 * 5 * 0.5)).toBeLessThan(0.1);
    expect(Math.abs(peak.position.value - (10 + 37.6 * 0.5))).toBeLessThan(0.1);
    expect(peak.dark).toBe(sign < 0);
    expect(peak.fwhm.u).toBeGreaterThan(0);
  });

  it.each([6.37, 14.2])("fringes %f samples apart, counted and measured", (period) => {
    const n = Math.ceil(period * 14);
    const found = fringesIn(
      part(n, (i) => 50 + 0.3 * i + 10 * Math.cos((2 * Math.PI * (i - 3)) / period) + 2 * normal(), 0.05),
    );
    expect(Math.abs(found.period.value / (period * 0.05) - 1)).toBeLessThan(0.01);
    expect(found.periods).toBeGreaterThanOrEqual(11);
    expect(found.periods).toBe(found.at.length - 1);
  });

  it("flat, noisy and short parts, parts of zeros and of no numbers are refused with a sentence", () => {
    const noise = part(60, () => 100 + normal());
    const flat = part(60, () => 0);
    for (const measure of [stepIn, peakIn, fringesIn]) {
      expect(() => measure(flat), measure.name).toThrow(/between the two cursors/);
      expect(() => measure(part(5, (i) => i)), measure.name).toThrow(/Move them further apart/);
      expect(() => measure(part(60, () => Number.NaN)), measure.name).toThrow(/got 0/);
    }
    expect(() => stepIn(noise)).toThrow(/between the two cursors/);
    expect(() => fringesIn(noise)).toThrow(/between the two cursors/);
  });

  it("a dead sample within the part is bridged", () => {
    const peak = peakIn(part(60, (i) => (i === 12 || i === 30 ? Number.NaN : 100 * gauss(i, 30, 4))));
    expect(Math.abs(peak.fwhm.value - 2.3548 * 4 * 0.5)).toBeLessThan(0.15);
  });
});
