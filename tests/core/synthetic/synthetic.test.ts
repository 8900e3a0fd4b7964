import { describe, expect, it } from "vitest";
import { interfaceReport } from "#core/analysis/interface-report.ts";
import { createRandom } from "#core/random/generator.ts";
import { SquareFourier } from "#core/statistics/fourier.ts";
import { renderDiffraction } from "#core/synthetic/diffraction-pattern.ts";
import { renderState } from "#core/synthetic/render-state.ts";
import { syntheticStates } from "#core/synthetic/states.ts";

const seed = Number(process.env.SEED ?? 7);
const gridPx = 512;
const stateById = (id: string) => syntheticStates.find((state) => state.id === id)!;

describe("Fourier transform of a square grid", () => {
  it("agrees with the sum it stands for, and its inverse gives the grid back", () => {
    const n = 8;
    const random = createRandom(seed);
    const re = Float64Array.from({ length: n * n }, random);
    const im = Float64Array.from({ length: n * n }, random);
    const [re0, im0] = [re.slice(), im.slice()];
    const fourier = new SquareFourier(n);
    fourier.forward(re, im);
    for (const [kx, ky] of [
      [0, 0],
      [3, 1],
      [5, 6],
      [7, 2],
    ] as const) {
      let a = 0;
      let b = 0;
      for (let y = 0; y < n; y++) {
        for (let x = 0; x < n; x++) {
          const angle = (-2 * Math.PI * (kx * x + ky * y)) / n;
          a += re0[y * n + x]! * Math.cos(angle) - im0[y * n + x]! * Math.sin(angle);
          b += re0[y * n + x]! * Math.sin(angle) + im0[y * n + x]! * Math.cos(angle);
        }
      }
      expect(re[ky * n + kx]).toBeCloseTo(a, 10);
      expect(im[ky * n + kx]).toBeCloseTo(b, 10);
    }
    fourier.inverse(re, im);
    for (let i = 0; i < re.length; i++) {
      expect(re[i]).toBeCloseTo(re0[i]!, 12);
      expect(im[i]).toBeCloseTo(im0[i]!, 12);
    }
  });
});

describe("synthetic series", () => {
  it("is deterministic by seed and differs between seeds", () => {
    const a = renderState(stateById("desodiated"), seed, 128);
    const b = renderState(stateById("desodiated"), seed, 128);
    const c = renderState(stateById("desodiated"), seed + 1, 128);
    expect(a.counts).toEqual(b.counts);
    expect(a.counts).not.toEqual(c.counts);
    expect(a.widthPx).not.toBe(a.heightPx);
  });

  it("keeps one wire through all states: same core, film swelling and shrinking", () => {
    const truths = syntheticStates.map((state) => renderState(state, seed, 128).truth);
    for (const truth of truths) expect(truth.coreDiameterNm).toBeCloseTo(truths[0]!.coreDiameterNm, 9);
    const diameter = Object.fromEntries(truths.map((t) => [t.state, t.wireDiameterNm]));
    expect(diameter["fully-sodiated"]!).toBeGreaterThan(diameter["sodiated-15min"]!);
    expect(diameter["sodiated-15min"]!).toBeGreaterThan(diameter["as-synthesised"]!);
    expect(truths.at(-1)!.sides.upper.gapMeanNm).toBeGreaterThan(2);
    expect(truths[0]!.sides.upper.gapMaxNm).toBe(0);
  });

  it("gives back its own gap when measured from the true boundaries", () => {
    const { truth } = renderState(stateById("desodiated"), seed, gridPx);
    for (const side of ["upper", "lower"] as const) {
      const { substrate, filmInner, gapMeanNm, delaminatedFraction } = truth.sides[side];
      const report = interfaceReport({
        substrate,
        film: [filmInner],
        calibration: {
          state: "calibrated",
          unit: "nm",
          pixelSize: { x: truth.nmPerPx, y: truth.nmPerPx },
          rotationDeg: 0,
          relativeStandardUncertainty: { x: 0, y: 0 },
          source: { kind: "synthetic" },
          certified: true,
        },
        options: { method: "normal", thresholdNm: 1, seed: 1 },
      });
      expect(report.ok).toBe(true);
      if (!report.ok) continue;
      // Radial truth and normal method differ by the roughness of the substrate: 3 % and 0.1 nm cover it.
      expect(Math.abs(report.statistics.mean - gapMeanNm)).toBeLessThan(0.1 + 0.03 * gapMeanNm);
      expect(Math.abs(report.delamination.fraction - delaminatedFraction)).toBeLessThan(0.04);
    }
  });

  it("looks like bright-field TEM: vacuum brightest, wire dark, an open gap bright, a bright Fresnel rim", () => {
    const { counts, widthPx, truth } = renderState(stateById("desodiated"), seed, gridPx);
    const at = (x: number, y: number) => {
      let sum = 0;
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) sum += counts[(Math.round(y) + dy) * widthPx + Math.round(x) + dx]!;
      return sum / 9;
    };
    const upper = truth.sides.upper;
    const widest = upper.gapNm.indexOf(upper.gapMaxNm);
    const substrate = upper.substrate[widest]!;
    const film = upper.filmInner[widest]!;
    const vacuum = at(widthPx / 3, 12);
    const wire = at(widthPx / 2, truth.driftPx.y + 192);
    const gap = at((substrate.x + film.x) / 2, (substrate.y + film.y) / 2);
    expect(wire).toBeLessThan(0.6 * vacuum);
    expect(gap).toBeGreaterThan(1.5 * wire);
    // The Fresnel rim is a pixel wide: its brightest pixel across the edge, averaged along it.
    let rim = 0;
    const stretch = upper.filmOuter.slice(Math.max(0, widest - 15), widest + 15);
    for (const outer of stretch) {
      const across = Array.from(
        { length: 11 },
        (_, d) => counts[Math.round(outer.y - d + 2) * widthPx + Math.round(outer.x)]!,
      );
      rim += Math.max(...across) / stretch.length;
    }
    expect(rim).toBeGreaterThan(1.06 * vacuum);
  });

  it("draws the hole of the beam where its truth says", () => {
    const before = renderState(stateById("fully-sodiated"), seed, gridPx);
    const after = renderState(stateById("after-edx"), seed, gridPx);
    const outline = after.truth.damage!.holeOutline;
    const x = outline.reduce((sum, p) => sum + p.x, 0) / outline.length;
    const y = outline.reduce((sum, p) => sum + p.y, 0) / outline.length;
    const mean = (m: typeof after, cx: number, cy: number) => {
      let sum = 0;
      for (let dy = -3; dy <= 3; dy++)
        for (let dx = -3; dx <= 3; dx++)
          sum += m.counts[(Math.round(cy) + dy) * m.widthPx + Math.round(cx) + dx]!;
      return sum / 49;
    };
    const shift = {
      x: before.truth.driftPx.x - after.truth.driftPx.x,
      y: before.truth.driftPx.y - after.truth.driftPx.y,
    };
    expect(mean(after, x, y)).toBeGreaterThan(1.4 * mean(before, x + shift.x, y + shift.y));
  });

  it("puts rings of a diffraction pattern at 1/d", () => {
    const { counts, truth } = renderDiffraction(0, seed, 512);
    const radial = new Float64Array(256);
    const n = new Float64Array(256);
    for (let y = 0; y < 512; y++) {
      for (let x = 0; x < 512; x++) {
        const r = Math.floor(Math.hypot(x + 0.5 - truth.centrePx.x, y + 0.5 - truth.centrePx.y));
        if (r < 256) {
          radial[r]! += counts[y * 512 + x]!;
          n[r]!++;
        }
      }
    }
    const profile = radial.map((v, i) => v / n[i]!);
    for (const ring of truth.rings.filter(({ phase }) => phase === "TiN")) {
      const r = Math.round(ring.radiusPx - 0.5);
      expect(profile[r]!).toBeGreaterThan((profile[r - 9]! + profile[r + 9]!) / 2);
    }
  });
});
