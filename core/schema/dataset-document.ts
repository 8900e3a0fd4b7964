/** Format name and version of the native dataset document, written by its exporter and read by its importer. 1: first. */
export const datasetDocument = { format: "lamella-dataset", version: 1 } as const;
