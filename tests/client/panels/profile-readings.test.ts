import { describe, expect, it } from "vitest";
import { fringeReflection, partBetween, profileReadings } from "#client/panels/profile-readings.ts";
import { profileTable } from "#client/panels/profile-table.ts";
import type { ReadProfile } from "#client/panels/strip-values.ts";
import { lengthScale } from "#core/measurement/length-scale.ts";
import { stripAlong } from "#core/measurement/strip-profile.ts";

const scale = lengthScale({
  state: "calibrated",
  unit: "nm",
  pixelSize: { x: 0.5, y: 0.5 },
  rotationDeg: 0,
  relativeStandardUncertainty: { x: 0.02, y: 0.02 },
  source: { kind: "synthetic" },
  certified: true,
});

function profileOf(value: (k: number) => number, se = 2, px = 100): ReadProfile {
  const strip = stripAlong({ x: 10, y: 20 }, { x: 10 + px, y: 20 }, 4, scale);
  const mean = Float64Array.from({ length: strip.samples }, (_, k) => value(k));
  return { ok: true, strip, exact: true, mean, standardError: mean.map(() => se) };
}

const textOf = (profile: ReadProfile, cursors: readonly [number, number], id: string) =>
  profileReadings(profile, cursors, scale).find((reading) => reading.id === id)!;

describe("readings between two cursors", () => {
  it("distance: half a pixel an end, and the calibration; whichever cursor is first", () => {
    const flat = profileOf(() => 7);
    // 50 nm · 0.4 = 20 nm; √2 · 0.25 nm and 2 % of 20 nm.
    expect(textOf(flat, [0.2, 0.6], "distance").text).toBe("20.00 ± 0.53 nm");
    expect(textOf(flat, [0.6, 0.2], "distance").text).toBe("20.00 ± 0.53 nm");
  });

  it("mean ± SE of n values, each with its own", () => {
    expect(
      textOf(
        profileOf(() => 7),
        [0.2, 0.44],
        "intensity",
      ).text,
    ).toBe("7.00 ± 0.40");
    expect(
      textOf(
        profileOf(() => Number.NaN),
        [0.2, 0.44],
        "intensity",
      ).text,
    ).toBe("–");
  });

  it("what is not there says why, instead of a number", () => {
    const flat = profileOf(() => 7);
    for (const id of ["step", "fwhm", "fringes"]) {
      expect(textOf(flat, [0.1, 0.9], id)).toMatchObject({
        text: null,
        why: expect.stringMatching(/^Expected/),
      });
    }
    expect(textOf(flat, [0.5, 0.52], "step")).toMatchObject({
      text: null,
      why: expect.stringContaining("apart"),
    });
    expect(fringeReflection(flat, [0, 1], scale)).toBeNull();
  });

  it("a line of light in nm, with the calibration's 2 % in its uncertainty", () => {
    const bright = profileOf((k) => 100 + 50 * Math.exp(-(((k - 50) / 6) ** 2) / 2));
    const [, value, u] = /^([\d.]+) ± ([\d.]+) nm$/.exec(textOf(bright, [0.2, 0.8], "fwhm").text!)!;
    expect(Number(value)).toBeCloseTo(2.3548 * 6 * 0.5, 1);
    expect(Number(u)).toBeGreaterThan(0.13);
  });

  it("fringes as a reflection: cycles a px along the line", () => {
    const fringes = profileOf((k) => 100 + 20 * Math.cos((2 * Math.PI * k) / 8));
    const found = fringeReflection(fringes, [0, 1], scale)!;
    expect(found.spot.x).toBeCloseTo(1 / 8, 3);
    expect(found.spot.y).toBeCloseTo(0, 9);
    expect(textOf(fringes, [0, 1], "fringes").text).toMatch(/^1[012] × [34]\.\d+ ± 0\.0\d+ nm$/);
  });

  it("the part between the cursors is whole samples within them", () => {
    const part = partBetween(
      profileOf((k) => k),
      [0.205, 0.3],
    );
    expect([part.from, part.to, part.values[0], part.start]).toEqual([21, 30, 21, 10.5]);
  });
});

it("the table: units in the heads, every sample, gaps left empty", () => {
  const profile = profileOf((k) => (k === 1 ? Number.NaN : 3 * k), Number.NaN, 3);
  expect(profileTable(profile)).toBe(
    [
      "distance_nm,x_px,y_px,intensity_mean,intensity_se,lines",
      "0,10,20,0,,4",
      "0.5,11,20,,,4",
      "1,12,20,6,,4",
      "1.5,13,20,9,,4",
      "",
    ].join("\r\n"),
  );
});
