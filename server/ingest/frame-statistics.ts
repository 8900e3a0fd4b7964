import type { SourceImage } from "#core/formats/reader.ts";
import { createSurvey } from "#core/pyramid/survey.ts";
import type { FrameStatistics } from "./stack-log-table.ts";

const stripRows = 512;

/**
 * Least, greatest and mean recorded value of a frame, over finite ones; of colour all three channels together, of
 * transparency nothing.
 */
export async function surveyFrameValues(
  image: SourceImage,
  frame: number,
  onProgress: (fraction: number) => void,
): Promise<FrameStatistics> {
  const channels = image.samplesPerPixel === 1 ? 1 : 3;
  const survey = createSurvey(image.sampleType, image.width * image.height * channels);
  for (let y = 0; y < image.height; y += stripRows) {
    const rows = Math.min(stripRows, image.height - y);
    const { data, samplesPerPixel } = await image.readRegion(frame, 0, y, image.width, rows);
    survey.add(samplesPerPixel === 4 ? data.filter((_, i) => i % 4 !== 3) : data);
    onProgress(y / image.height);
  }
  return survey.finish().range;
}
