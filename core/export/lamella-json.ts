import { datasetDocument } from "#core/schema/dataset-document.ts";
import type { Dataset } from "./dataset.ts";
import { type Exporter, newFidelity } from "./exporter.ts";
import { datasetManifest } from "./manifest.ts";

/** The native, lossless document: every record as it is, for re-import and for scripts. Keys are sorted by construction. */
export function lamellaJson(dataset: Dataset): string {
  return `${JSON.stringify(
    {
      ...datasetDocument,
      tool: dataset.version,
      exportedAt: dataset.exportedAt,
      project: dataset.projectName,
      classes: dataset.classes,
      objects: dataset.objects,
      interfaces: dataset.interfaces,
      micrographs: dataset.micrographs.map(({ measurements, window, ...micrograph }) => ({
        ...micrograph,
        window,
      })),
    },
    null,
    1,
  )}\n`;
}

export const lamellaJsonExporter: Exporter = {
  id: "lamella-json",
  name: "Lamella JSON (lossless)",
  losses: [
    "Nothing is lost: every mark, class, interface and calibration can be imported again. Pictures are not included.",
  ],
  export(dataset) {
    const fidelity = newFidelity();
    for (const { id: micrographId, annotations, invalid } of dataset.micrographs) {
      fidelity.exact += annotations.length;
      fidelity.dropped += invalid.length;
      for (const { id, reason } of invalid) {
        fidelity.notes.push({ annotationId: id, micrographId, outcome: "dropped", reason });
      }
    }
    return {
      files: [
        { path: "lamella.json", text: lamellaJson(dataset) },
        { path: "manifest.json", text: datasetManifest(dataset, "lamella-json", fidelity, []) },
      ],
      images: [],
      fidelity,
    };
  },
};
