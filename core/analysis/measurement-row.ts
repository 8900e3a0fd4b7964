import type { MeasurementCode } from "#core/measurement/measurement-error.ts";
import type { MeasurementWarning } from "#core/measurement/warnings.ts";

/** Names of quantities in tables and exports; the unit stands in its own column. */
export type QuantityName =
  | "area"
  | "perimeter"
  | "equivalent_circular_diameter"
  | "feret_max"
  | "feret_min"
  | "circularity"
  | "solidity"
  | "aspect_ratio"
  | "length"
  | "angle"
  | "orientation"
  | "gap_mean"
  | "gap_mean_normal"
  | "gap_mean_nearest"
  | "gap_median"
  | "gap_sd"
  | "gap_min"
  | "gap_max"
  | "gap_p5"
  | "gap_p25"
  | "gap_p75"
  | "gap_p95"
  | "gap_area"
  | "interface_length"
  | "matched_length"
  | "unmatched_length"
  | "contact_length"
  | "overlap_length"
  | "delaminated_length"
  | "delaminated_fraction"
  | "delaminated_runs"
  | "delaminated_longest_run";

/** One number of a micrograph: a row of the table, of the API, of the CSV. */
export interface MeasurementRow {
  /** The marks it was taken from. */
  readonly annotationIds: readonly string[];
  readonly objectId: string | null;
  readonly interfaceId: string | null;
  readonly classId: string | null;
  readonly quantity: QuantityName;
  /** null when the measurement was refused; then `warnings` holds the code and `refusal` the sentence. */
  readonly value: number | null;
  readonly unit: string;
  /** Standard uncertainty; null where unknown. */
  readonly u: number | null;
  /** Coverage factor of `u`. */
  readonly k: 1;
  readonly n: number | null;
  readonly nEff: number | null;
  /** Interval of the value where one is given (95 %). */
  readonly interval: { readonly low: number; readonly high: number; readonly method: string } | null;
  readonly method: string;
  readonly parameters: Readonly<Record<string, string | number | boolean | null>>;
  readonly inputsHash: string;
  readonly warnings: readonly (MeasurementWarning | MeasurementCode)[];
  readonly refusal: string | null;
}
