import { describe, expect, it } from "vitest";
import type { Point } from "#core/geometry/point.ts";
import { expansionBetween } from "#core/measurement/expansion.ts";
import { scannedFluence } from "#core/measurement/fluence.ts";
import { regionOverlap } from "#core/measurement/overlap.ts";
import { snapLine } from "#core/measurement/snap.ts";
import { traceEdge } from "#core/measurement/trace-edge.ts";
import { wireDiameter } from "#core/measurement/wire-diameter.ts";
import { zoneContrast } from "#core/measurement/zone-contrast.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { createNormal, createRandom } from "#core/random/generator.ts";
import { fiellerRatio, mannWhitney, pairedT, welch } from "#core/statistics/comparison.ts";
import { normalCdf } from "#core/statistics/special-functions.ts";

const seed = Number(process.env.SEED ?? 13);
const code = (value: string) => expect.objectContaining({ code: value });

describe("wire", () => {
  const edges: [Point[], Point[]] = [
    [
      { x: 0, y: 0 },
      { x: 300, y: 0 },
    ],
    [
      { x: 300, y: 40 },
      { x: 0, y: 40 },
    ],
  ];
  const askew = [
    { x: 50, y: 10 },
    { x: 250, y: 30 },
  ];

  it("an axis drawn 5.7° askew inflates the diameter by 1/cos until it is refined", () => {
    const settings = { step: 1, chordHalfWindow: 2 };
    const drawn = wireDiameter(askew, edges, { ...settings, refineAxis: false });
    expect(drawn.mean).toBeCloseTo(40 / Math.cos(Math.atan(0.1)), 9);
    const refined = wireDiameter(askew, edges, { ...settings, refineAxis: true });
    expect(refined.mean).toBeCloseTo(40, 9);
    expect(refined.sd).toBeLessThan(1e-9);
  });

  it("edges elsewhere are refused", () => {
    const far: Point[] = [
      { x: 900, y: 0 },
      { x: 990, y: 0 },
    ];
    const settings = { step: 1, chordHalfWindow: 2, refineAxis: true };
    expect(() =>
      wireDiameter(
        [
          { x: 0, y: 20 },
          { x: 200, y: 20 },
        ],
        [far, edges[1]],
        settings,
      ),
    ).toThrow(code("no-overlap"));
  });
});

describe("expansion", () => {
  const d = (value: number, u: number) => ({ value, u });

  it("100 → 150 nm with a core of 60", () => {
    const e = expansionBetween(d(100, 1), d(150, 3), d(60, 0), { relativeU: 0.03, same: true });
    expect(e.ratio).toEqual({ value: 1.5, u: 1.5 * Math.hypot(0.02, 0.01) });
    expect(e.areaRatio.value).toBe(2.25);
    expect(e.filmAreaRatio!.value).toBeCloseTo((22500 - 3600) / 6400, 12);
  });

  it("a shared calibration cancels; separate ones add √2 of it", () => {
    const exact = (same: boolean) =>
      expansionBetween(d(100, 0), d(150, 0), null, { relativeU: 0.03, same }).ratio.u;
    expect(exact(true)).toBe(0);
    expect(exact(false)).toBeCloseTo(1.5 * 0.03 * Math.SQRT2, 12);
  });

  it("refuses a core as thick as the wire", () => {
    expect(() => expansionBetween(d(50, 1), d(90, 1), d(50, 1), { relativeU: 0, same: true })).toThrow(
      code("core-exceeds-wire"),
    );
  });
});

describe("comparison", () => {
  it("Welch by hand: means 2 and 6, variances 1 and 4, three each", () => {
    const r = welch([1, 2, 3], [4, 6, 8]);
    expect(r.difference).toBe(-4);
    expect(r.t).toBeCloseTo(-4 / Math.sqrt(5 / 3), 12);
    expect(r.df).toBeCloseTo((5 / 3) ** 2 / ((1 / 3) ** 2 / 2 + (4 / 3) ** 2 / 2), 12);
    expect(r.cohenD).toBeCloseTo(-4 / Math.sqrt(2.5), 12);
    expect(r.hedgesG).toBeCloseTo(r.cohenD * (1 - 3 / 15), 12);
    expect(() => welch([1], [2, 3])).toThrow(code("too-few-points"));
  });

  it("pairs: differences 1, 2, 3", () => {
    const r = pairedT([2, 4, 6], [1, 2, 3]);
    expect(r).toMatchObject({ difference: 2, df: 2, cohenDz: 2 });
    expect(r.t).toBeCloseTo(2 * Math.sqrt(3), 12);
    expect(r.low).toBeCloseTo(2 - 4.302652729911275 / Math.sqrt(3), 9);
  });

  it("ranks: complete separation is ±1, and swapping groups mirrors U", () => {
    const r = mannWhitney([5, 6, 7], [1, 2, 3, 4]);
    expect(r).toMatchObject({ u: 12, rankBiserial: 1, shift: 3.5 });
    expect(mannWhitney([1, 2, 3, 4], [5, 6, 7]).u).toBe(0);
    expect(mannWhitney([3, 3], [3, 3])).toMatchObject({ u: 2, p: 1, rankBiserial: 0 });
  });

  it("Fieller with an exact denominator is the plain interval; one near 0 is unbounded", () => {
    const r = fiellerRatio(6, 0.3, 3, 0);
    expect([r.ratio, r.low, r.high].map((v) => Number(v.toFixed(6)))).toEqual([2, 1.804004, 2.195996]);
    expect(() => fiellerRatio(1, 0.1, 0.2, 0.15)).toThrow(code("ratio-unbounded"));
  });
});

describe("damage", () => {
  it("1 nA for 1 s on 1 µm²: 62.4 e⁻/Å²; no current, no number; no area, a refusal", () => {
    const scan = { currentNa: 1, dwellUs: 10, pixels: 1e5, frames: 1, areaNm2: 1e6 };
    expect(scannedFluence(scan)).toBeCloseTo(62.41509, 4);
    expect(scannedFluence({ ...scan, currentNa: null })).toBeNull();
    expect(() => scannedFluence({ ...scan, areaNm2: 0 })).toThrow(code("bad-area"));
  });

  it("contrast of 120 ± 10 on 80 ± 10", () => {
    const c = zoneContrast([110, 130, 110, 130], [70, 90, 70, 90]);
    expect(c).toMatchObject({ weber: 0.5, michelson: 0.2 });
    expect(c.cnr).toBeCloseTo(40 / Math.sqrt(400 / 3), 12);
    expect(c.deltaTOverLambda).toBeCloseTo(-Math.log(1.5), 12);
  });

  it("a quarter of a square with a hole", () => {
    const box = (x: number, y: number, w: number, h: number) => [
      { x, y },
      { x: x + w, y },
      { x: x + w, y: y + h },
      { x, y: y + h },
    ];
    const a = { outer: box(0, 0, 10, 10), holes: [box(6, 6, 2, 2)] };
    const b = { outer: box(5, 5, 10, 10), holes: [] };
    const o = regionOverlap([a], [b]);
    expect(o.intersection).toBeCloseTo(21, 6);
    expect(o.fractionOfA).toBeCloseTo(21 / 96, 8);
    expect(o.iou).toBeCloseTo(21 / (96 + 100 - 21), 8);
  });
});

describe("edges in an image", () => {
  const normal = createNormal(createRandom(seed));
  const edgeY = (x: number) => 40 + 6 * Math.sin(x / 25);
  const image = (noise: number): Raster => {
    const [width, height] = [140, 80];
    const data = Float64Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
      return 100 + 100 * normalCdf((y - edgeY(x)) / 1.3) + noise * normal();
    });
    return { width, height, samplesPerPixel: 1, sampleType: "float64", data };
  };

  it("an end snaps onto the edge, an end without an edge stays, a line without any is refused", () => {
    // x = 25·π/2: the crest of the edge, flat there, at y = 46.
    const x = (25 * Math.PI) / 2;
    const snapped = snapLine(image(8), { x, y: 43 }, { x, y: 65 }, { searchPx: 6, widthPx: 7 });
    expect(Math.abs(snapped.p.y - 46)).toBeLessThan(0.3);
    expect(snapped.q).toEqual({ x, y: 65 });
    expect(snapped.qEdge).toBeNull();
    expect(() => snapLine(image(8), { x, y: 14 }, { x, y: 24 }, { searchPx: 5, widthPx: 7 })).toThrow(
      code("no-edge"),
    );
  });

  it("a curve drawn up to 5 px off follows the edge", () => {
    const drawn = [5, 30, 55, 80, 105, 135].map((x, i) => ({ x, y: edgeY(x) + (i % 2 ? 4 : -5) }));
    const { points, supported } = traceEdge(image(14), drawn, { halfWidthPx: 12 });
    const inner = points.filter(({ x }) => x > 10 && x < 130);
    const rms = Math.sqrt(inner.reduce((sum, p) => sum + (p.y - edgeY(p.x)) ** 2, 0) / inner.length);
    expect(inner.length).toBeGreaterThan(100);
    expect(rms).toBeLessThan(0.5);
    const away = drawn.map(({ x }) => ({ x, y: 16 }));
    expect(() => traceEdge(image(14), away, { halfWidthPx: 8 })).toThrow(code("no-edge"));
    expect(supported.filter(Boolean).length).toBeGreaterThan(0.9 * points.length);
  });
});
