import { FormatError, type OpenedFile } from "#core/formats/reader.ts";
import { workerTask } from "#server/jobs/worker-task.ts";
import { deriveFrame, type FrameSummary, type Provenance, type SignalLook } from "./derive-frame.ts";
import type { DescribedImage } from "./group-micrographs.ts";
import { openSource, type SourceLocation } from "./open-source.ts";

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
export const describe = workerTask(async (source: SourceLocation): Promise<SourceDescription> => {
  await using opened = await openSource(source);
  const { format, images, others, tags } = opened.file;
  return { format, images: images.map(({ readRegion: _, ...described }) => described), others, tags };
});

/** Pyramid, display tiles and thumbnail of one frame, as files in a folder. */
export const derive = workerTask(async (task: DeriveFrameTask, report): Promise<FrameSummary> => {
  await using opened = await openSource(task.source);
  const image = opened.file.images[task.imageIndex];
  if (!image || task.frame >= image.frames) {
    throw new FormatError(
      "malformed",
      `Expected frame ${task.frame} of image ${task.imageIndex}, which this file does not hold.`,
    );
  }
  // Awaited here: the file must stay open until the last row is read.
  return await deriveFrame(image, task.frame, task.look ?? undefined, task.folder, report, task.provenance);
});
