import type { Polyline } from "#core/geometry/polyline.ts";
import { MeasurementError } from "./measurement-error.ts";

/**
 * Gap width along a substrate. One entry a station; stations lie in the middle of n = ceil(L/step) equal intervals.
 * Coordinates and lengths are in the unit of the polylines given.
 */
export interface GapProfile {
  /** Arc length along the substrate. */
  readonly s: Float64Array;
  /** Signed width; NaN where no film faces the station: never clamped to the end of the film. */
  readonly gap: Float64Array;
  readonly substrateX: Float64Array;
  readonly substrateY: Float64Array;
  /** The point of the film that was met; NaN where there is none. */
  readonly filmX: Float64Array;
  readonly filmY: Float64Array;
  /** The true interval, L/n. */
  readonly step: number;
  readonly matchedLength: number;
  readonly unmatchedLength: number;
  /** +1 when the film lies to the side of the normal (-t_y, t_x) of the substrate as drawn, -1 on the other. */
  readonly side: 1 | -1;
}

/** Settings shared by the methods, in the unit of the polylines. */
export interface GapSettings {
  readonly step: number;
  /** The tangent is the chord of the substrate over ± this length. */
  readonly chordHalfWindow: number;
  /** Widths above this are no counterpart. */
  readonly maxGap?: number;
  /** Fixes the side on which a gap counts as positive; otherwise the side that holds most of the area. */
  readonly side?: 1 | -1;
}

/**
 * Finish a profile from widths signed by the substrate's normal: choose the side, count what is matched.
 *
 * @throws MeasurementError `no-overlap` when no station has a counterpart
 */
export function orientGap(
  line: Polyline,
  raw: Omit<GapProfile, "matchedLength" | "unmatchedLength" | "side">,
  fixedSide: 1 | -1 | undefined,
): GapProfile {
  let sum = 0;
  let matched = 0;
  for (const g of raw.gap) {
    if (Number.isNaN(g)) continue;
    sum += g;
    matched++;
  }
  if (matched === 0) {
    throw new MeasurementError(
      "no-overlap",
      "Expected the film's boundary to face the substrate's, but no station has a counterpart. Draw both boundaries over the same stretch.",
      { stations: raw.gap.length },
    );
  }
  const side = fixedSide ?? (sum < 0 ? -1 : 1);
  if (side < 0) for (let k = 0; k < raw.gap.length; k++) raw.gap[k] = -raw.gap[k]!;
  const matchedLength = matched * raw.step;
  return { ...raw, matchedLength, unmatchedLength: line.length - matchedLength, side };
}

/** @throws MeasurementError `bad-step` unless step and window can be walked. */
export function requireSettings({ step, chordHalfWindow }: GapSettings, line: Polyline): void {
  const stations = line.length / step;
  if (step > 0 && chordHalfWindow >= 0 && stations <= 5e6) return;
  throw new MeasurementError(
    "bad-step",
    `Expected a positive step with at most 5 million stations, got ${step} on a length of ${line.length}. Choose a step near 1 px.`,
    { step, chordHalfWindow },
  );
}
