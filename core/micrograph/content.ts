/** What a micrograph shows; a person may change it. The tool palette and the scale bar follow. */
export const contents = ["image", "diffraction", "element-map", "schematic", "plot", "photograph"] as const;
export type Content = (typeof contents)[number];

/** Facts about the pixels that follow every number taken from them. */
export interface PixelFlags {
  /** Decoded from a lossy codec (JPEG, video). */
  readonly lossy: boolean;
  /** Fewer grey levels than the detector gave. */
  readonly depthReduced: boolean;
  /** Taken from a screen, not from an instrument. */
  readonly screenshot: boolean;
}

export const plainPixels: PixelFlags = { lossy: false, depthReduced: false, screenshot: false };
