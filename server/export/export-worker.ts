import { measureAnnotations } from "#core/analysis/measure-annotations.ts";
import { resamplingSeed } from "#core/analysis/resampling-seed.ts";
import type { ImageRequest } from "#core/export/exporter.ts";
import { exporters } from "#core/export/exporters.ts";
import { workerTask } from "#server/jobs/worker-task.ts";
import { ExportError } from "./export-error.ts";
import type { GatheredDataset } from "./gather-dataset.ts";
import { readMarks } from "./read-marks.ts";

export interface ExportTask {
  readonly format: string;
  readonly dataset: GatheredDataset;
}

/** What an export consists of: its files, and the pictures that whoever holds the pixels adds. */
export interface ExportedDataset {
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly images: readonly ImageRequest[];
}

/** Reads and measures the marks of a gathered dataset and turns it into the files of a format. */
export const exportDataset = workerTask(async ({ format, dataset }: ExportTask): Promise<ExportedDataset> => {
  const exporter = exporters.find(({ id }) => id === format);
  if (!exporter) {
    const known = exporters.map(({ id }) => id).join(", ");
    throw new ExportError("unknown-format", `Expected an export format (${known}), received "${format}".`);
  }
  const micrographs = dataset.micrographs.map((gathered) => {
    const micrograph = readMarks(gathered);
    const { annotations, calibration } = micrograph;
    return {
      ...micrograph,
      measurements: measureAnnotations(annotations, calibration, { seed: resamplingSeed }),
    };
  });
  const { files, images } = exporter.export({ ...dataset, micrographs });
  const utf8 = new TextEncoder();
  return { files: files.map(({ path, text }) => ({ path, bytes: utf8.encode(text) })), images };
});
