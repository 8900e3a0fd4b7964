import sharp from "sharp";
import { createRandom } from "#core/random/generator.ts";

/** A small grey TIFF; another seed gives other bytes. */
export async function phantomTiff(seed: number, width = 96, height = 64): Promise<Buffer> {
  const random = createRandom(seed);
  const pixels = Buffer.from(Array.from({ length: width * height }, () => Math.floor(random() * 256)));
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .tiff({ compression: "none" })
    .toBuffer();
}
