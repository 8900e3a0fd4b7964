import type { Dataset } from "#core/export/dataset.ts";
import type { ExportResult } from "#core/export/exporter.ts";
import { exporters } from "#core/export/exporters.ts";
import { workerTask } from "#server/jobs/worker-task.ts";
import { ExportError } from "./export-error.ts";

export interface ExportTask {
  readonly format: string;
  readonly dataset: Dataset;
}

/** Turns a gathered dataset into the files of a format. */
export const exportDataset = workerTask(async ({ format, dataset }: ExportTask): Promise<ExportResult> => {
  const exporter = exporters.find(({ id }) => id === format);
  if (!exporter) {
    const known = exporters.map(({ id }) => id).join(", ");
    throw new ExportError("unknown-format", `Expected an export format (${known}), received "${format}".`);
  }
  return exporter.export(dataset);
});
