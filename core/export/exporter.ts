import type { Dataset } from "./dataset.ts";

/** How faithfully marks left: counted by kind, with the reason for every loss. */
export interface Fidelity {
  exact: number;
  approximated: number;
  dropped: number;
  readonly notes: {
    readonly annotationId: string;
    readonly micrographId: string;
    readonly outcome: "approximated" | "dropped";
    readonly reason: string;
  }[];
}

/** A picture that travels with the dataset; whoever holds the pixels renders it: 8-bit grey PNG in the given window. */
export interface ImageRequest {
  readonly path: string;
  readonly micrographId: string;
  readonly frame: number;
  readonly window: { readonly low: number; readonly high: number };
}

export interface ExportResult {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly images: readonly ImageRequest[];
  readonly fidelity: Fidelity;
}

export interface Exporter {
  readonly id: string;
  readonly name: string;
  /** What this format cannot carry, said before the download. */
  readonly losses: readonly string[];
  export(dataset: Dataset): ExportResult;
}

export function newFidelity(): Fidelity {
  return { exact: 0, approximated: 0, dropped: 0, notes: [] };
}
