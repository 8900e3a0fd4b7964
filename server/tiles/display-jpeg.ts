import sharp from "sharp";

// Tiles are small and many: a thread for each part of one, and a memory of past ones, cost more than they give.
sharp.concurrency(1);
sharp.cache(false);

// Standard Huffman tables: optimising them costs 2.4 times the time for 5 % of the bytes.
export const jpegOptions = { quality: 85, optimiseCoding: false, chromaSubsampling: "4:4:4" } as const;

/** Pixels as sharp takes them: grey stays one channel. */
export function pictureOf(pixels: Uint8Array, width: number, height: number, channels: 1 | 3) {
  const picture = sharp(pixels, { raw: { width, height, channels }, limitInputPixels: false });
  return channels === 1 ? picture.toColourspace("b-w") : picture;
}

/** A display tile: what everybody sees first. */
export function encodeDisplayTile(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3,
): Promise<Uint8Array> {
  return pictureOf(pixels, width, height, channels).jpeg(jpegOptions).toBuffer();
}
