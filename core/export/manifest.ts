import type { Dataset } from "./dataset.ts";
import type { Fidelity, ImageRequest } from "./exporter.ts";

/** What left, how faithfully, from where: beside every dataset. */
export function datasetManifest(
  dataset: Dataset,
  format: string,
  fidelity: Fidelity,
  images: readonly ImageRequest[],
): string {
  return `${JSON.stringify(
    {
      format,
      tool: { name: "Lamella", version: dataset.version },
      project: dataset.projectName,
      exportedAt: dataset.exportedAt,
      counts: { exact: fidelity.exact, approximated: fidelity.approximated, dropped: fidelity.dropped },
      notes: fidelity.notes,
      conventions:
        "Image px at full resolution: origin at the outer corner of pixel (0,0), x right, y down, pixel i covers [i, i+1].",
      images: images.map(({ path, micrographId, frame, window }) => ({
        path,
        micrographId,
        frame,
        window,
        depth: "8-bit grey PNG",
      })),
      micrographs: dataset.micrographs.map(
        ({ id, name, width, height, frames, sha256, calibration, flags, state, seriesId }) => ({
          id,
          name,
          width,
          height,
          frames,
          sha256,
          calibration,
          flags,
          state,
          seriesId,
        }),
      ),
      classes: dataset.classes,
    },
    null,
    2,
  )}\n`;
}
