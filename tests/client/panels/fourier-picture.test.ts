import { expect, it } from "vitest";
import { spectrumPixels } from "#client/panels/fourier-picture.ts";
import { powerSpectrum } from "#core/measurement/fourier-spectrum.ts";
import { createNormal, createRandom } from "#core/random/generator.ts";

const side = 64;
const normal = createNormal(createRandom(2));
const values = Float64Array.from(
  { length: side * side },
  (_, i) =>
    500 + 40 * Math.cos((2 * Math.PI * (6 * (i % side) - 4 * Math.floor(i / side))) / side) + 5 * normal(),
);
const shadeAt = (pixels: Uint8ClampedArray, shown: number, u: number, v: number) =>
  pixels[4 * ((shown / 2 + v) * shown + shown / 2 + u)]!;

it("spots are white, half of the noise is black, the same at every magnification", () => {
  const spectrum = powerSpectrum(values, side);
  for (const zoom of [1, 2, 4]) {
    const shown = side / zoom;
    const pixels = spectrumPixels(spectrum, zoom, "grey");
    expect(pixels.length).toBe(shown * shown * 4);
    expect(shadeAt(pixels, shown, 6, -4)).toBe(255);
    expect(shadeAt(pixels, shown, -6, 4)).toBe(255);
    const shades = Array.from({ length: shown * shown }, (_, i) => pixels[4 * i]!);
    const black = shades.filter((shade) => shade === 0).length / shades.length;
    expect(black).toBeGreaterThan(0.3);
    expect(black).toBeLessThan(0.65);
  }
});

it("nothing to see is black, and opaque", () => {
  const pixels = spectrumPixels(powerSpectrum(new Float64Array(side * side), side), 1, "grey");
  expect(pixels.every((value, i) => value === (i % 4 === 3 ? 255 : 0))).toBe(true);
});
