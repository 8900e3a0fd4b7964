import type { Calibration } from "#core/micrograph/calibration.ts";
import { createSamples, type Raster } from "#core/micrograph/raster.ts";
import { requireRegion } from "./pixel-grid.ts";
import type { SourceImage } from "./reader.ts";

/** What brings a stored picture upright, by the numbers of TIFF 6.0 (tag 274), which Exif takes over. */
const uprightBy: Readonly<Record<number, string>> = {
  2: "mirrored left to right",
  3: "turned by 180°",
  4: "mirrored top to bottom",
  5: "mirrored left to right and turned 90° to the left",
  6: "turned 90° to the right",
  7: "mirrored left to right and turned 90° to the right",
  8: "turned 90° to the left",
};

/**
 * What is said of a picture that its file wants turned and that is left as it was recorded.
 *
 * @param orientation 1-8; others say nothing and are passed over
 */
export function orientationWarnings(orientation: number | undefined): readonly string[] {
  const upright = uprightBy[orientation ?? 1];
  return upright === undefined
    ? []
    : [
        `The file wants the picture ${upright} (orientation ${orientation}); it is shown, measured and exported as it was recorded.`,
      ];
}

/**
 * A picture as its orientation tag wants it, each sample in its new place: the grid that is shown, marked and measured.
 * Regions are read from the stored picture and permuted, so that nothing but the region is held.
 *
 * @param stored without reductions or recorded marks, whose coordinates would be those of the stored grid
 * @param orientation 2-8; with any other the picture is the stored one
 */
export function uprightImage(
  stored: Omit<SourceImage, "reductions" | "recordedMarks">,
  orientation: number | undefined,
): SourceImage {
  const by = uprightBy[orientation ?? 1];
  if (orientation === undefined || by === undefined) return stored;
  const { calibration } = stored;
  const across = exchangesAxes(orientation);
  const image: SourceImage = {
    ...stored,
    width: across ? stored.height : stored.width,
    height: across ? stored.width : stored.height,
    calibration: across ? exchanged(calibration) : calibration,
    followsOrientation: true,
    warnings: [
      ...stored.warnings,
      `The picture was ${by}, as the file's orientation tag asks (${orientation}); it is shown, marked and measured upright.`,
    ],
    async readRegion(frame, x, y, width, height) {
      requireRegion(image, frame, x, y, width, height);
      const [u, v, columns, rows] = across ? [y, x, height, width] : [x, y, width, height];
      const left = columnsReversed(orientation) ? stored.width - u - columns : u;
      const top = rowsReversed(orientation) ? stored.height - v - rows : v;
      return uprightRaster(await stored.readRegion(frame, left, top, columns, rows), orientation);
    },
  };
  return image;
}

/**
 * The samples of a stored raster in the order of the upright one: an exact permutation.
 *
 * @param orientation 1-8, by TIFF 6.0: 1-4 keep rows as rows, 5-8 make them columns
 */
export function uprightRaster(stored: Raster, orientation: number): Raster {
  const { samplesPerPixel: samples, sampleType } = stored;
  const across = exchangesAxes(orientation);
  const [width, height] = across ? [stored.height, stored.width] : [stored.width, stored.height];
  // Steps in the stored raster for one column to the right, and for one row down.
  const column = columnsReversed(orientation) ? -samples : samples;
  const row = (rowsReversed(orientation) ? -1 : 1) * stored.width * samples;
  const [right, down] = across ? [row, column] : [column, row];
  const first =
    (columnsReversed(orientation) ? (stored.width - 1) * samples : 0) +
    (rowsReversed(orientation) ? (stored.height - 1) * stored.width * samples : 0);

  const data = createSamples(sampleType, width * height * samples);
  let to = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0, from = first + y * down; x < width; x++, from += right)
      for (let channel = 0; channel < samples; channel++) data[to++] = stored.data[from + channel]!;
  return { width, height, samplesPerPixel: samples, sampleType, data };
}

/** Sizes go with their axes. A file's calibration has no rotation: directions are those of the picture that is shown. */
function exchanged(calibration: Calibration): Calibration {
  if (calibration.state !== "calibrated") return calibration;
  const { pixelSize, relativeStandardUncertainty } = calibration;
  return {
    ...calibration,
    pixelSize: { x: pixelSize.y, y: pixelSize.x },
    relativeStandardUncertainty: { x: relativeStandardUncertainty.y, y: relativeStandardUncertainty.x },
  };
}

const exchangesAxes = (orientation: number) => orientation >= 5;
const columnsReversed = (orientation: number) => [2, 3, 7, 8].includes(orientation);
const rowsReversed = (orientation: number) => [3, 4, 6, 7].includes(orientation);
