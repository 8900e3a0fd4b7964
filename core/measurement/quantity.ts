import type { Unit } from "#core/units/length.ts";
import type { MeasurementWarning } from "./warnings.ts";

/** Standard uncertainties by where they come from, in the unit of the value; combined as the root of their squares. */
export interface UncertaintyBudget {
  /** From the spread of correlated stations. */
  readonly random?: number;
  /** From placing ends and outlines by hand. */
  readonly drawing?: number;
  readonly calibration?: number;
}

/** A measured number with all that is needed to judge and repeat it. `u` is the standard uncertainty (k = 1), null where unknown. */
export interface Quantity {
  readonly value: number;
  readonly unit: Unit;
  readonly u: number | null;
  readonly k: 1;
  readonly n: number;
  readonly nEff: number | null;
  readonly method: string;
  readonly parameters: Readonly<Record<string, number | string | null>>;
  readonly budget: UncertaintyBudget;
  readonly inputsHash: string;
  readonly warnings: readonly MeasurementWarning[];
}

/** √Σu²: components are independent (GUM 5.1.2). */
export function combineBudget({ random = 0, drawing = 0, calibration = 0 }: UncertaintyBudget): number {
  return Math.hypot(random, drawing, calibration);
}
