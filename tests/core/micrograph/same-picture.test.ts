import { describe, expect, it } from "vitest";
import {
  coarseMeans,
  compareRichness,
  detailRanks,
  type GreyPlane,
  isSamePicture,
  type PicturePrint,
  patchCentres,
  patchSidePx,
  type Richness,
  rankCorrelation,
  ranksOf,
} from "#core/micrograph/same-picture.ts";
import { createRandom } from "#core/random/generator.ts";

describe("ranks", () => {
  it("order values, share ties, and say nothing of an even patch", () => {
    expect([...ranksOf([10, 30, 20])]).toEqual([0, 255, 128]);
    // Two of four share ranks 1 and 2: 1.5 of 3.
    expect([...ranksOf([5, 7, 7, 9])]).toEqual([0, 128, 128, 255]);
    expect(ranksOf([4, 4, 4])).toHaveLength(0);
    expect([...ranksOf([Number.NaN, 1, 2])]).toEqual([0, 128, 255]);
    expect(rankCorrelation(ranksOf([1, 2, 3, 4]), ranksOf([4, 3, 2, 1]))).toBeCloseTo(-1, 9);
    expect(rankCorrelation(new Uint8Array(0), new Uint8Array(0))).toBe(0);
  });

  it("means of cells on a plane that the grid does not divide", () => {
    const plane = { width: 40, height: 24, data: Float64Array.from({ length: 960 }, (_, i) => i % 40) };
    const means = coarseMeans(plane);
    // Column 0 holds pixels 0 and 1, column 1 pixels 2, 3 and 4.
    expect([means[0], means[1]]).toEqual([0.5, 3]);
    expect(coarseMeans({ width: 3, height: 2, data: [1, 2, 3, 4, 5, 6] })[255]).toBe(6);
  });
});

describe("the same picture", () => {
  const [width, height] = [240, 180];
  const random = createRandom(Number(process.env.SEED ?? 7));
  const scene = (x: number, y: number) =>
    900 + 500 * Math.sin(x / 31) * Math.cos(y / 23) + (y > 90 ? 400 : 0);
  /** A scene with the noise of one exposure. */
  const expose = (noise: number): GreyPlane => ({
    width,
    height,
    data: Float64Array.from({ length: width * height }, (_, i) => {
      const spread = random() + random() + random() - 1.5;
      return scene(i % width, Math.floor(i / width)) + noise * spread;
    }),
  });
  const change = (plane: GreyPlane, to: (value: number) => number): GreyPlane => ({
    ...plane,
    data: Float64Array.from(plane.data as Float64Array, to),
  });
  const print = (plane: GreyPlane, frames = 1): PicturePrint => {
    const patches = patchCentres.map(([cx, cy]): GreyPlane => {
      const [left, top] = [Math.floor(cx * plane.width) - 16, Math.floor(cy * plane.height) - 16];
      const data = Array.from(
        { length: patchSidePx * patchSidePx },
        (_, i) => plane.data[(top + Math.floor(i / patchSidePx)) * plane.width + left + (i % patchSidePx)]!,
      );
      return { width: patchSidePx, height: patchSidePx, data };
    });
    const { width, height } = plane;
    return { width, height, frames, coarse: ranksOf(coarseMeans(plane)), detail: detailRanks(patches) };
  };
  const smaller = (plane: GreyPlane): GreyPlane => ({
    width: plane.width / 2,
    height: plane.height / 2,
    data: Float64Array.from(
      { length: (plane.width * plane.height) / 4 },
      (_, i) =>
        plane.data[Math.floor(i / (plane.width / 2)) * 2 * plane.width + (i % (plane.width / 2)) * 2]!,
    ),
  });

  const original = expose(200);
  const again = expose(200);

  it("is found through 8 bits, a window that clips, gamma, inversion and slight losses", () => {
    const eight = (v: number) => Math.max(0, Math.min(255, Math.round((v - 300) / 6)));
    const forms = {
      window: change(original, eight),
      gamma: change(original, (v) => Math.round(255 * (Math.max(0, v) / 3000) ** 0.5)),
      inverted: change(original, (v) => 255 - eight(v)),
      lossy: change(original, (v) => 8 * Math.round((eight(v) + 6 * (random() - 0.5)) / 8)),
    };
    for (const [name, form] of Object.entries(forms))
      expect(isSamePicture(print(original), print(form), false), name).toBe(true);
  });

  it.each([4, 40, 400])(
    "a second exposure with a noise of %i is another picture, whatever its name",
    (noise) => {
      const [one, other] = [print(expose(noise)), print(expose(noise))];
      expect(rankCorrelation(one.coarse, other.coarse)).toBeGreaterThan(0.99);
      expect(rankCorrelation(one.detail, other.detail)).toBeLessThan(0.27);
      expect(isSamePicture(one, other, true)).toBe(false);
    },
  );

  it("a drawing without noise is told by its name and the whole of it", () => {
    const drawing = change(original, () => 1);
    const drawn: GreyPlane = {
      ...drawing,
      data: Float64Array.from({ length: width * height }, (_, i) => (i % width < 9 ? 1 : 0)),
    };
    expect(print(drawn).detail).toHaveLength(0);
    expect(isSamePicture(print(drawn), print(drawn), true)).toBe(true);
    expect(isSamePicture(print(drawn), print(drawn), false)).toBe(false);
  });

  it("a second exposure of the same place is another picture, however alike it looks", () => {
    expect(rankCorrelation(print(original).coarse, print(again).coarse)).toBeGreaterThan(0.95);
    expect(isSamePicture(print(original), print(again), true)).toBe(false);
  });

  it("at another size it takes the name and the pixels together", () => {
    expect(isSamePicture(print(original), print(smaller(original)), true)).toBe(true);
    expect(isSamePicture(print(original), print(smaller(original)), false)).toBe(false);
    const other = change(smaller(original), () => 1000 * random());
    expect(isSamePicture(print(original), print(other), true)).toBe(false);
  });

  it("a stack is no single picture, and pictures without contrast are never the same", () => {
    expect(isSamePicture(print(original), print(original, 3), true)).toBe(false);
    const few = { width: 8, height: 6, data: Float64Array.from({ length: 48 }, (_, i) => i) };
    const fewPrint = {
      ...print(original),
      width: 8,
      height: 6,
      coarse: ranksOf(coarseMeans(few)),
      detail: ranksOf(few.data),
    };
    expect(isSamePicture(fewPrint, fewPrint, true), "too few pixels to tell").toBe(false);
    const even = change(original, () => 7);
    expect(isSamePicture(print(even), print(even), true)).toBe(false);
  });
});

describe("the richest", () => {
  const plain: Richness = {
    ...{ calibrated: true, lossy: false, depthReduced: false, screenshot: false },
    ...{ pixels: 4096, bytesPerSample: 2, signals: 1, known: 9 },
  };
  it("has the pixels, the depth, the calibration, in that order", () => {
    const others: Record<string, Richness> = {
      tiff: { ...plain, known: 0 },
      uncalibrated: { ...plain, calibrated: false, known: 12 },
      eight: { ...plain, bytesPerSample: 1, depthReduced: true },
      jpeg: { ...plain, lossy: true, bytesPerSample: 1 },
      half: { ...plain, pixels: 1024, bytesPerSample: 4 },
      screen: { ...plain, screenshot: true, pixels: 8192 },
    };
    const shuffled = ["jpeg", "screen", "tiff", "half", "eight", "uncalibrated"];
    expect(shuffled.sort((a, b) => compareRichness(others[a]!, others[b]!))).toEqual(Object.keys(others));
    for (const other of Object.values(others)) expect(compareRichness(plain, other)).toBeLessThan(0);
  });
});
