import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { openFile } from "#core/formats/open-file.ts";
import { calibrateFromSpots } from "#core/measurement/calibrate-lattice.ts";
import { powerSpectrum } from "#core/measurement/fourier-spectrum.ts";
import { latticeSpacing, strongestSpots } from "#core/measurement/fourier-spot.ts";
import { lengthScale } from "#core/measurement/length-scale.ts";
import { testContext } from "#tests/contracts/format-reader.ts";

/** Of strontium titanate, cubic. */
const aNm = 0.3905;
const file = join(resolve(import.meta.dirname, "../../../../shared/micrographs"), "ser/16_STOimage_1.ser");

/** A real HAADF image of SrTiO3 along [001]: every spacing is a/√(h² + k²). */
describe.skipIf(!existsSync(file))("the lattice of a real image", () => {
  it("spots stand where strontium titanate has them, within the microscope's own scale and drift", async () => {
    const bytes = new Uint8Array(readFileSync(file));
    const { images } = await openFile(memoryByteSource(bytes), testContext("16_STOimage_1.ser"));
    const [image] = images;
    const raster = await image!.readRegion(0, 0, 0, 1024, 1024);
    const spectrum = powerSpectrum(raster.data, 1024);
    const scale = lengthScale(image!.calibration);
    const spots = strongestSpots(spectrum, 6);
    // By falling length of g: two {200}, two {110}, two {100}.
    const sorted = spots
      .map((spot) => ({ spot, d: latticeSpacing(spot, scale) }))
      .sort((a, b) => a.d.spacing - b.d.spacing);
    const wanted = [2, 2, Math.SQRT2, Math.SQRT2, 1, 1];
    expect(sorted).toHaveLength(6);
    // The scale of the file is a few per cent too large, which its own uncertainty of 3 % says; drift shears the scan.
    sorted.forEach(({ d }, i) => {
      const ratio = (d.spacing * wanted[i]!) / aNm;
      expect(Math.abs(ratio - 1.035)).toBeLessThan(0.02);
      expect(Math.abs(d.spacing * wanted[i]! - aNm)).toBeLessThan(2 * d.u * wanted[i]!);
    });

    // The two {200} give the two sides of a pixel; through them the {110}, which were not used, come out right.
    const known = sorted.slice(0, 2).map(({ spot }) => ({ ...spot, spacingNm: aNm / 2, uSpacingNm: 0 }));
    const { x, y } = calibrateFromSpots(known, { axes: "separate" });
    expect(x / y).toBeCloseTo(1, 1);
    const diagonal = sorted.slice(2, 4).map(({ spot }) => 1 / Math.hypot(spot.x / x, spot.y / y));
    for (const d of diagonal) expect(Math.abs((d * Math.SQRT2) / aNm - 1)).toBeLessThan(0.015);
    expect(Math.abs(((diagonal[0]! + diagonal[1]!) * Math.SQRT1_2) / aNm - 1)).toBeLessThan(0.003);
  });
});
