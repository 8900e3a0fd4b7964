import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { planesOfColour } from "#core/burnt-in/grey-plane.ts";
import { findScaleBar } from "#core/burnt-in/scale-bar.ts";

const folder = resolve(import.meta.dirname, "../../../../shared/micrographs");

async function scaleBarOf(file: string) {
  const { data, info } = await sharp(join(folder, file), { limitInputPixels: false })
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return findScaleBar(planesOfColour(info.width, info.height, new Uint8Array(data)));
}

/** The bars of real instruments, against the pixel size that the same file states in its tags. */
describe.skipIf(!existsSync(folder))("burnt-in bars of instruments", () => {
  it.each([
    ["tiff/FEI-Helios-Ebeam-8bits.tif", 500, "µm", 500_000, 3372.4],
    ["tiff/test_tiff_Zeiss_SEM_512pix.tif", 200, "nm", 200, 11.649976],
  ] as const)("%s: %d %s, in agreement with the tags", async (file, value, unit, nm, nmPerPx) => {
    const bar = (await scaleBarOf(file))!;
    expect(bar.lettering).toMatchObject({ value, unit });
    const lengthPx = bar.q.x - bar.p.x;
    const relativeU = (Math.SQRT2 * bar.endUPx) / lengthPx;
    expect(Math.abs(nm / lengthPx / nmPerPx - 1)).toBeLessThan(relativeU);
  });

  it.each([
    "png_jpg/Ti_1733New.png",
    "png_jpg/test_image_thumb_source.png",
    "timeseries_insitu_Ti/Chip-4-Heat-1-Frame-896.jpg",
    "tiff/FEI-Helios-navcam.tif",
  ])("none in %s", async (file) => expect(await scaleBarOf(file)).toBeUndefined());
});
