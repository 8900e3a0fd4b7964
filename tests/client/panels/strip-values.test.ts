import { expect, it } from "vitest";
import { type ReadProfile, readPieces } from "#client/panels/strip-values.ts";
import type { ImageBox, MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import { pixelScale } from "#core/measurement/length-scale.ts";
import { placeOnStrip, stripAlong } from "#core/measurement/strip-profile.ts";

const size = { width: 3000, height: 900 };
const valueAt = (x: number, y: number) => 2 * x + 3 * y;

/** A picture whose recorded values come at the n-th look at a place; until then the screen shows 7 everywhere. */
function picture(looks: number) {
  const asked = new Map<string, number>();
  const boxes: ImageBox[] = [];
  const viewer: Pick<MicrographViewer, "recordedValues" | "foundColour" | "intensityAt"> = {
    foundColour: () => false,
    intensityAt: () => ({ value: 7, colour: null, exact: false }),
    recordedValues(box) {
      boxes.push(box);
      const key = `${box.minX} ${box.minY}`;
      const times = (asked.get(key) ?? 0) + 1;
      asked.set(key, times);
      if (times < looks) return null;
      const [x, y] = [Math.max(0, Math.floor(box.minX)), Math.max(0, Math.floor(box.minY))];
      const width = Math.min(size.width, Math.ceil(box.maxX)) - x;
      const height = Math.min(size.height, Math.ceil(box.maxY)) - y;
      const data = Float64Array.from({ length: width * height }, (_, i) =>
        valueAt(x + (i % width) + 0.5, y + Math.floor(i / width) + 0.5),
      );
      return { x, y, raster: { width, height, samplesPerPixel: 1, sampleType: "float64", data } };
    },
  };
  return { viewer, boxes };
}

const strip = stripAlong({ x: -40, y: 100 }, { x: 1500, y: 700 }, 5, pixelScale());

async function read(looks: number, stop = new AbortController()) {
  const shown: ReadProfile[] = [];
  const { viewer, boxes } = picture(looks);
  await readPieces(viewer, size, strip, stop.signal, (profile) => {
    if (profile.ok) shown.push(profile);
  });
  return { shown, boxes };
}

const isRight = ({ mean }: ReadProfile) =>
  [...mean].every((value, k) => {
    const { x, y } = placeOnStrip(strip, k);
    // Beside the picture there is nothing.
    return x < 3 ? true : Math.abs(value - valueAt(x, y)) < 1e-6;
  });

it("values at hand: one showing, exact, gaps where there is no picture", async () => {
  const { shown, boxes } = await read(1);
  expect(shown.map(({ exact }) => exact)).toEqual([true]);
  expect(isRight(shown[0]!)).toBe(true);
  expect(Number.isNaN(shown[0]!.mean[0]!)).toBe(true);
  // Pieces, not the box of the whole line.
  for (const { minX, maxX } of boxes) expect(maxX - minX).toBeLessThan(300);
});

it("values on their way: what the screen shows first and not called exact; exact when the last has come", async () => {
  const { shown } = await read(3);
  expect(shown.length).toBeGreaterThan(2);
  expect(shown[0]).toMatchObject({ exact: false });
  expect(shown[0]!.mean[900]).toBe(7);
  expect(shown.slice(0, -1).every(({ exact }) => !exact)).toBe(true);
  expect(shown.at(-1)!.exact).toBe(true);
  expect(isRight(shown.at(-1)!)).toBe(true);
});

it("a line that has moved on is given up", async () => {
  const stop = new AbortController();
  stop.abort();
  expect((await read(1, stop)).shown).toEqual([]);
});

it("colour has no single intensity: said as soon as it is seen", async () => {
  const shown: unknown[] = [];
  let looked = false;
  const viewer = {
    ...picture(1).viewer,
    recordedValues: () => {
      looked = true;
      return null;
    },
    foundColour: () => looked,
  };
  await readPieces(viewer, size, strip, new AbortController().signal, (profile) => shown.push(profile));
  expect(shown.at(-1)).toMatchObject({ ok: false, message: expect.stringMatching(/colour picture/) });
});
