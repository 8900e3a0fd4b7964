import { describe, expect, it } from "vitest";
import { findBars } from "#core/burnt-in/find-bars.ts";
import { planeOfValues, planesOfColour } from "#core/burnt-in/grey-plane.ts";
import { findScaleBar } from "#core/burnt-in/scale-bar.ts";
import { createNormal, createRandom } from "#core/random/generator.ts";
import { type DrawnPicture, drawPicture } from "./drawn-picture.ts";

const seed = Number(process.env["SEED"] ?? 1);
const plain: DrawnPicture = {
  width: 640,
  height: 480,
  bar: { x: 60, y: 440, length: 160, thickness: 6 },
  style: "solid",
  text: "50 nm",
  digitPx: 20,
  colour: 255,
  behind: "picture",
  font: 0,
  seed,
};

const found = (asked: DrawnPicture) => findScaleBar([drawPicture(asked)]);
const words = (asked: DrawnPicture) => {
  const lettering = found(asked)?.lettering;
  return lettering && `${lettering.value} ${lettering.unit}`;
};

describe("the burnt-in scale bar", () => {
  it.each([
    "1 nm",
    "5 nm",
    "10 nm",
    "20 nm",
    "100 nm",
    "200 nm",
    "500 nm",
    "0.5 µm",
    "2 µm",
    "100 µm",
    "10 Å",
  ])("reads %s beside a bar", (text) => expect(words({ ...plain, text })).toBe(text));

  it.each([
    ["solid", "picture", 255],
    ["solid", "picture", 0],
    ["solid", "box", 255],
    ["solid", "box", 0],
    ["ticks", "box", 0],
    ["ticks", "picture", 255],
    ["interrupted", "box", 255],
  ] as const)("finds the ends of a %s bar over a %s, drawn in %i", (style, behind, colour) => {
    const thickness = style === "solid" ? 6 : 2;
    const bar = { x: 80, y: 430, length: 301, thickness };
    const answer = found({ ...plain, style, behind, colour, bar })!;
    expect(answer.lettering).toMatchObject({ value: 50, unit: "nm" });
    expect(answer.p.x).toBeCloseTo(80, 0);
    expect(answer.q.x).toBeCloseTo(381, 0);
    expect(Math.abs(answer.q.x - answer.p.x - 301)).toBeLessThanOrEqual(1);
    expect(answer.p.y).toBeCloseTo(430 + thickness / 2, 1);
  });

  it("reads other drawings of the same letters", () => {
    const readings = Array.from({ length: 8 }, (_, font) => words({ ...plain, text: "200 nm", font }));
    expect(readings.filter((reading) => reading === "200 nm").length).toBeGreaterThanOrEqual(7);
    expect(new Set(readings).size).toBeLessThanOrEqual(2); // what is not read is not read as something else
  });

  it("sees a red bar that has the lightness of the picture", () => {
    const grey = drawPicture({ ...plain, behind: "box" });
    const rgb = new Uint8Array(grey.values.length * 3);
    const noise = createNormal(createRandom(seed));
    grey.values.forEach((v, i) => {
      const level = Math.max(0, Math.min(255, Math.round(90 + 8 * noise())));
      rgb.set(v > 200 ? [255, 20, 20] : [level, level, level], 3 * i);
    });
    expect(findScaleBar(planesOfColour(grey.width, grey.height, rgb))?.lettering).toMatchObject({
      value: 50,
      unit: "nm",
    });
  });

  it("is found in 16 bits too, where it stands at the end of the range", () => {
    const { width, height, values } = drawPicture(plain);
    const deep = Float32Array.from(values, (v) => (v === 255 ? 65535 : 2000 + 40 * v));
    deep[7] = Number.NaN;
    const answer = findScaleBar([planeOfValues(width, height, deep, { min: 2000, max: 65535 })]);
    expect(answer!.q.x - answer!.p.x).toBeCloseTo(160, 0);
  });

  it("tells a bar whose lettering it cannot read without a length", () => {
    const answer = found({ ...plain, text: "" })!;
    expect(answer.lettering).toBeUndefined();
    expect(answer.q.x - answer.p.x).toBeCloseTo(160, 0);
  });

  it("finds none in noise, in stripes, in a constant picture and in the frame of a table", () => {
    const noise = createRandom(seed);
    const picture = (value: (x: number, y: number) => number) => ({
      width: 400,
      height: 300,
      values: Uint8Array.from({ length: 120_000 }, (_, i) => value(i % 400, Math.floor(i / 400))),
    });
    const frame = (x: number, y: number) =>
      ((y === 250 || y === 280) && x >= 40 && x <= 200) || ((x === 40 || x === 200) && y >= 250 && y <= 280)
        ? 255
        : 0;
    for (const plane of [
      picture(() => Math.floor(256 * noise())),
      picture((_, y) => (y % 12 < 6 ? 250 : 5)),
      picture(() => 77),
      picture(frame),
    ]) {
      expect(findScaleBar([plane])).toBeUndefined();
    }
  });

  it("does not take a stroke of the lettering for the bar", () => {
    const boxed = { ...plain, text: "200 nm", digitPx: 40, behind: "box" } as const;
    const bars = findBars(drawPicture({ ...boxed }));
    expect(bars.length).toBeGreaterThan(0);
    const answer = found(boxed)!;
    expect(answer.p.y).toBeGreaterThan(plain.bar.y - 1);
  });
});
