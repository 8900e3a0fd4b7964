import type { SourceImage } from "#core/formats/reader.ts";
import { plainPixels } from "#core/micrograph/content.ts";
import { createNormal, createRandom } from "#core/random/generator.ts";

/**
 * An image of any size without its memory: rows of detector noise (mean 3000, sigma 60) over a slow ramp, cut
 * from one block. Noise is the hard case: nothing in it repeats for a compressor. In 8 bits its sigma is 12.
 */
export function noiseImage(side: number, height = side, bits: 8 | 16 = 16): SourceImage {
  const blockRows = 512;
  const normal = createNormal(createRandom(1));
  const noise = Uint16Array.from({ length: side * 8 + 104_729 }, () => 3000 + 60 * normal());
  const block = new Uint16Array(side * blockRows);
  for (let y = 0; y < blockRows; y++) {
    const from = (y * 7919) % (noise.length - side);
    block.set(noise.subarray(from, from + side), y * side);
  }
  const stored =
    bits === 16 ? block : Uint8Array.from(block, (v) => Math.min(255, Math.max(0, 128 + (v - 3000) / 5)));
  return {
    title: "noise",
    kind: "image",
    width: side,
    height,
    frames: 1,
    sampleType: bits === 16 ? "uint16" : "uint8",
    samplesPerPixel: 1,
    calibration: { state: "uncalibrated", reason: "made for a bench" },
    acquisition: {},
    flags: plainPixels,
    warnings: [],
    async readRegion(_frame, x, y, width, rows) {
      if (x !== 0 || width !== side || y % blockRows !== 0)
        throw new RangeError("this image is read in strips");
      return {
        width,
        height: rows,
        samplesPerPixel: 1,
        sampleType: bits === 16 ? "uint16" : "uint8",
        data: stored.slice(0, rows * side),
      };
    },
  };
}
