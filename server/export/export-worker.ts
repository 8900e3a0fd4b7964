import { measureAnnotations } from "#core/analysis/measure-annotations.ts";
import type { ExportResult } from "#core/export/exporter.ts";
import { exporters } from "#core/export/exporters.ts";
import { workerTask } from "#server/jobs/worker-task.ts";
import { ExportError } from "./export-error.ts";
import type { GatheredDataset } from "./gather-dataset.ts";

export interface ExportTask {
  readonly format: string;
  readonly dataset: GatheredDataset;
}

/** One seed for every resampled interval of an export: the same marks give the same numbers, digit for digit. */
const exportSeed = 1;

/** Measures a gathered dataset and turns it into the files of a format. */
export const exportDataset = workerTask(async ({ format, dataset }: ExportTask): Promise<ExportResult> => {
  const exporter = exporters.find(({ id }) => id === format);
  if (!exporter) {
    const known = exporters.map(({ id }) => id).join(", ");
    throw new ExportError("unknown-format", `Expected an export format (${known}), received "${format}".`);
  }
  const micrographs = dataset.micrographs.map((micrograph) => ({
    ...micrograph,
    measurements: measureAnnotations(micrograph.annotations, micrograph.calibration, { seed: exportSeed }),
  }));
  return exporter.export({ ...dataset, micrographs });
});
