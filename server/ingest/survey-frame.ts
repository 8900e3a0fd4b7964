import { FormatError, type SourceImage } from "#core/formats/reader.ts";
import type { SampleArray } from "#core/micrograph/raster.ts";
import { tileSizePx } from "#core/pyramid/levels.ts";
import { createSurvey, type Survey } from "#core/pyramid/survey.ts";
import type { TilePacking } from "#server/tiles/big-tiff.ts";
import { isWorthPacking } from "#server/tiles/deflate-tile.ts";
import { withoutAlpha } from "#server/tiles/held-levels.ts";

export interface SurveyedFrame {
  readonly survey: Survey;
  /** 256 counts where the survey made them; wider types are counted at the second reading. */
  readonly counted: Float64Array | undefined;
  /** How the native tiles of such a picture best lie. */
  readonly packing: TilePacking;
}

/** The first reading of a frame: range, mean, window, and whether packing pays. */
export async function surveyFrame(
  image: SourceImage,
  frame: number,
  onProgress: (fraction: number) => void,
): Promise<SurveyedFrame> {
  const channels = image.samplesPerPixel === 1 ? 1 : 3;
  const survey = createSurvey(image.sampleType, image.width * image.height * channels);
  let strips = 0;
  let worthPacking = 0;
  for (let y = 0; y < image.height; y += tileSizePx) {
    const { data } = await readOpaque(image, frame, y, Math.min(tileSizePx, image.height - y));
    survey.add(data);
    strips++;
    if (isWorthPacking(data)) worthPacking++;
    onProgress(y / image.height);
  }
  const found = survey.finish();
  // Noise of 8 bits lies as it is: neither disk nor wire gain by packing it.
  const isBytes = image.sampleType === "uint8" || image.sampleType === "int8";
  const packing: TilePacking = isBytes && worthPacking * 4 < strips ? "none" : "deflate";
  return { survey: found, counted: found.histogram && Float64Array.from(found.histogram), packing };
}

/** A full-width strip without its alpha channel. @throws FormatError where a reader delivers another number of samples */
export async function readOpaque(
  image: SourceImage,
  frame: number,
  y: number,
  rows: number,
): Promise<{ readonly data: SampleArray; readonly channels: 1 | 3 }> {
  const raster = await image.readRegion(frame, 0, y, image.width, rows);
  const expected = image.width * rows * image.samplesPerPixel;
  if (raster.data.length !== expected) {
    throw new FormatError(
      "malformed",
      `Expected ${expected} samples in rows ${y} to ${y + rows - 1}, received ${raster.data.length}.`,
      { frame, y, rows },
    );
  }
  return withoutAlpha(raster);
}
