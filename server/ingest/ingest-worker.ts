import { readConditionLog } from "#core/formats/condition-log.ts";
import { FormatError, type OpenedFile } from "#core/formats/reader.ts";
import type { ConditionLog } from "#core/micrograph/condition-log.ts";
import { workerTask } from "#server/jobs/worker-task.ts";
import { deriveFrame, type FrameSummary, type Provenance, type SignalLook } from "./derive-frame.ts";
import { surveyFrameValues } from "./frame-statistics.ts";
import type { DescribedImage } from "./group-micrographs.ts";
import { openSource, type SourceLocation } from "./open-source.ts";
import { showingLife } from "./sign-of-life.ts";
import type { FrameStatistics } from "./stack-log-table.ts";

export interface SourceDescription {
  readonly format: string;
  readonly images: readonly DescribedImage[];
  readonly others: OpenedFile["others"];
  readonly tags: unknown;
}

export interface DeriveFrameTask {
  readonly source: SourceLocation;
  readonly imageIndex: number;
  readonly frame: number;
  readonly look: SignalLook | null;
  readonly folder: string;
  readonly provenance: Provenance;
}

/** What a file holds, without its pixels. */
export const describe = workerTask(
  (source: SourceLocation, report): Promise<SourceDescription> =>
    showingLife(report, async () => {
      await using opened = await openSource(source);
      const { format, images, others, tags } = opened.file;
      const described = images.map(({ readRegion: _, reductions: __, ...facts }) => facts);
      return { format, images: described, others, tags };
    }),
);

/** A log of an experiment, from the bytes of its table. */
export const readLog = workerTask(
  async (bytes: Uint8Array): Promise<ConditionLog> => readConditionLog(bytes),
);

/** Range and mean of one frame, without writing anything. */
export const surveyFrame = workerTask(
  (task: Pick<DeriveFrameTask, "source" | "imageIndex" | "frame">, report): Promise<FrameStatistics> =>
    showingLife(report, async () => {
      await using opened = await openSource(task.source);
      return await surveyFrameValues(imageOf(opened.file, task), task.frame, report);
    }),
);

/** Pyramid, display tiles and thumbnail of one frame, as files in a folder. */
export const derive = workerTask(
  (task: DeriveFrameTask, report): Promise<FrameSummary> =>
    showingLife(report, async () => {
      await using opened = await openSource(task.source);
      const image = imageOf(opened.file, task);
      const { frame, look, folder, provenance } = task;
      // Awaited here: the file must stay open until the last row is read.
      return await deriveFrame(image, frame, look ?? undefined, folder, report, provenance);
    }),
);

function imageOf(file: OpenedFile, { imageIndex, frame }: Pick<DeriveFrameTask, "imageIndex" | "frame">) {
  const image = file.images[imageIndex];
  if (image && frame < image.frames) return image;
  throw new FormatError(
    "malformed",
    `Expected frame ${frame} of image ${imageIndex}, which this file does not hold.`,
  );
}
