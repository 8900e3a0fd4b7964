import { createHash } from "node:crypto";

/** Raise when the same source would give other pixels: new tiles then have new addresses. */
export const recipe = "lamella-pyramid-1";

/**
 * Content hash of everything derived from one image of a source: in every tile address, hence immutable for ever.
 *
 * @param followsOrientation the image is turned as its file asks; one that was taken in before that was done is not
 */
export function derivationOf(sourceSha256: string, imageIndex: number, followsOrientation = false): string {
  return createHash("sha256")
    .update(`${recipe}\n${sourceSha256}\n${imageIndex}${followsOrientation ? "\nupright" : ""}`)
    .digest("base64url")
    .slice(0, 32);
}

/** Blob keys of what a derivation holds. */
export const derivedKeys = {
  native: (derivation: string, frame: number) => `derived/${derivation}/${frame}.tif`,
  display: (derivation: string, frame: number) => `derived/${derivation}/${frame}.tiles`,
  thumbnail: (derivation: string, frame: number) => `derived/${derivation}/${frame}.jpg`,
  /** Encoding, window and statistics. Written last: where it exists, its files do too. */
  summary: (derivation: string, frame: number) => `derived/${derivation}/${frame}.json`,
};
