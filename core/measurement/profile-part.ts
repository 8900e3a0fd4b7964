import { MeasurementError } from "./measurement-error.ts";

/** Part of a profile between two cursors: equidistant values and the step between them. */
export interface ProfilePart {
  readonly values: Float64Array;
  /** Distance of the first value. */
  readonly start: number;
  readonly step: number;
}

/** A value with its standard uncertainty (k = 1), in the unit of the profile's distance. */
export interface WithU {
  readonly value: number;
  readonly u: number;
}

/** Fewer tell nothing. */
const leastPoints = 8;

/** Values with the gaps between them bridged by straight lines: a dead pixel is no edge. */
export function finiteValues({ values }: ProfilePart): Float64Array {
  const known: number[] = [];
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i]!)) known.push(i);
  if (known.length < leastPoints) throw tooFew(known.length, `${leastPoints} values`);
  const filled = Float64Array.from(values);
  for (let i = 0, k = 0; i < filled.length; i++) {
    while (k < known.length && known[k]! < i) k++;
    if (known[k] === i) continue;
    const [before, after] = [known[k - 1] ?? known[k]!, known[k] ?? known[k - 1]!];
    const t = after === before ? 0 : (i - before) / (after - before);
    filled[i] = (1 - t) * values[before]! + t * values[after]!;
  }
  return filled;
}

export function tooFew(found: number, wanted: string) {
  return new MeasurementError(
    "too-few-points",
    `Expected at least ${wanted} between the two cursors, got ${found}. Move them further apart.`,
    { found },
  );
}
