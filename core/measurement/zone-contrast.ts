import { MeasurementError } from "./measurement-error.ts";

/** How a zone stands out from a reference, from recorded intensities. */
export interface ZoneContrast {
  readonly zoneMean: number;
  readonly referenceMean: number;
  /** (z - r)/r */
  readonly weber: number;
  /** (z - r)/(z + r) */
  readonly michelson: number;
  /** |z - r| / √((s_z² + s_r²)/2) */
  readonly cnr: number;
  /** -ln(z/r): apparent change of thickness over mean free path; null unless both means are positive. */
  readonly deltaTOverLambda: number | null;
}

/** @throws MeasurementError `too-few-points` for fewer than 2 pixels in either */
export function zoneContrast(zone: ArrayLike<number>, reference: ArrayLike<number>): ZoneContrast {
  const z = momentsOf(zone);
  const r = momentsOf(reference);
  return {
    zoneMean: z.mean,
    referenceMean: r.mean,
    weber: (z.mean - r.mean) / r.mean,
    michelson: (z.mean - r.mean) / (z.mean + r.mean),
    cnr: Math.abs(z.mean - r.mean) / Math.sqrt((z.variance + r.variance) / 2),
    deltaTOverLambda: z.mean > 0 && r.mean > 0 ? -Math.log(z.mean / r.mean) : null,
  };
}

function momentsOf(values: ArrayLike<number>) {
  const n = values.length;
  if (n < 2) {
    throw new MeasurementError(
      "too-few-points",
      `Expected at least 2 pixels in zone and reference, got ${n}. Draw a larger region.`,
    );
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
  return { mean, variance: squares / (n - 1) };
}
