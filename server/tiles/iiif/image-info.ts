import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { imageLimits } from "./image-request.ts";

export const imageContext = "http://iiif.io/api/image/3/context.json";
export const imageProfile = "http://iiif.io/api/image/3/level2.json";

/** info.json of the IIIF Image API 3.0: tiles and sizes are those that lie ready. */
export function imageInfo(address: string, width: number, height: number) {
  const levels = pyramidLevels(width, height);
  const { maxArea, maxWidth, maxHeight } = imageLimits;
  return {
    "@context": imageContext,
    id: address,
    type: "ImageService3",
    protocol: "http://iiif.io/api/image",
    profile: "level2",
    width,
    height,
    maxWidth,
    maxHeight,
    maxArea,
    sizes: levels
      .filter((l) => l.width * l.height <= maxArea && l.width <= maxWidth && l.height <= maxHeight)
      .map((l) => ({ width: l.width, height: l.height }))
      .reverse(),
    tiles: [{ width: tileSizePx, height: tileSizePx, scaleFactors: levels.map((l) => 2 ** l.level) }],
    preferredFormats: ["jpg"],
    extraQualities: ["color", "gray", "bitonal"],
    extraFeatures: [
      "canonicalLinkHeader",
      "mirroring",
      "profileLinkHeader",
      "regionSquare",
      "rotationArbitrary",
      "sizeUpscaling",
    ],
  };
}
