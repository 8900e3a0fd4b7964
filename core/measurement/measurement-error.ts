import { DomainError, isDomainError } from "#core/errors/domain-error.ts";
import type { GeometryCode } from "#core/geometry/geometry-error.ts";
import type { StatisticsCode } from "#core/statistics/statistics-error.ts";

/** Every reason for which a number is refused. Stable: programs, exports and test vectors compare them. */
export type MeasurementCode =
  | GeometryCode
  | StatisticsCode
  | "bad-calibration"
  | "no-calibration"
  | "no-overlap"
  | "bad-step"
  | "no-gap"
  | "low-contrast"
  | "ambiguous-gap"
  | "gap-at-border"
  | "no-edge"
  | "bad-area"
  | "core-exceeds-wire";

export class MeasurementError extends DomainError<MeasurementCode> {}

/** A refusal as a value: what a panel shows instead of a number. */
export interface Refusal {
  readonly ok: false;
  readonly code: MeasurementCode;
  /** What was expected, what came, what to do. */
  readonly message: string;
}

/** Run a measurement; an error with a code becomes a refusal, anything else is a fault of ours and is thrown on. */
export function refusalOf(error: unknown): Refusal {
  if (!isDomainError(error)) throw error;
  return { ok: false, code: error.code as MeasurementCode, message: error.message };
}
