import { fringesAlong, type ReflectionPlace } from "#core/measurement/lattice-reflection.ts";
import { type LengthScale, relativeUOfLength } from "#core/measurement/length-scale.ts";
import { MeasurementError } from "#core/measurement/measurement-error.ts";
import { peakIn, stepIn } from "#core/measurement/profile-features.ts";
import { type Fringes, fringesIn } from "#core/measurement/profile-fringes.ts";
import type { ProfilePart } from "#core/measurement/profile-part.ts";
import type { Strip } from "#core/measurement/strip-profile.ts";
import { formatQuantity } from "#core/units/quantity.ts";
import type { ReadProfile } from "./strip-values.ts";

/** A number, or why there is none. */
export interface ProfileReading {
  readonly id: "distance" | "intensity" | "step" | "fwhm" | "fringes";
  readonly label: string;
  readonly text: string | null;
  /** What it means, or why there is none. */
  readonly why: string;
}

/** The part between two cursors, given as shares of the line's length. */
export function partBetween(
  { mean, strip }: Pick<ReadProfile, "mean" | "strip">,
  cursors: readonly [number, number],
): ProfilePart & { readonly from: number; readonly to: number } {
  const last = strip.samples - 1;
  const [low, high] = cursors[0] <= cursors[1] ? cursors : [cursors[1], cursors[0]];
  const from = Math.max(0, Math.ceil(low * last - 1e-9));
  const to = Math.min(last, Math.floor(high * last + 1e-9));
  return { values: mean.slice(from, to + 1), start: from * strip.step, step: strip.step, from, to };
}

/** Everything that is said about the part between the cursors; calibration goes into every length. */
export function profileReadings(
  profile: ReadProfile,
  cursors: readonly [number, number],
  scale: LengthScale,
): readonly ProfileReading[] {
  const { strip } = profile;
  const part = partBetween(profile, cursors);
  const relativeU = relativeUAlong(strip, scale);
  const length = (value: number, u: number) =>
    formatQuantity({ value, u: Math.hypot(u, relativeU * value), unit: strip.unit });
  const reading = (
    id: ProfileReading["id"],
    label: string,
    why: string,
    measure: () => string,
  ): ProfileReading => {
    try {
      return { id, label, why, text: measure() };
    } catch (error) {
      if (!(error instanceof MeasurementError)) throw error;
      return { id, label, why: error.message, text: null };
    }
  };
  const distance = Math.abs(cursors[1] - cursors[0]) * (strip.samples - 1) * strip.step;
  return [
    reading(
      "distance",
      "Between the cursors",
      "Each cursor is set to half a pixel; calibration included, k = 1",
      () => length(distance, Math.SQRT2 * 0.5 * strip.step),
    ),
    reading("intensity", "Mean intensity", "Of the values between the cursors, ± standard error, k = 1", () =>
      meanIntensity(profile, part),
    ),
    reading("step", "Step, 10-90 %", "Width of the one edge between the cursors, from a fit; k = 1", () => {
      const { width } = stepIn(part);
      return length(width.value, width.u);
    }),
    reading(
      "fwhm",
      "Line, FWHM",
      "Full width at half maximum of the one bright or dark line between the cursors; k = 1",
      () => {
        const { fwhm } = peakIn(part);
        return length(fwhm.value, fwhm.u);
      },
    ),
    reading(
      "fringes",
      "Fringes",
      "Periods between the cursors, and their mean distance along the line; k = 1",
      () => {
        const { periods, period } = fringesIn(part);
        return `${periods} × ${length(period.value, period.u)}`;
      },
    ),
  ];
}

function meanIntensity(
  { mean, standardError }: ReadProfile,
  { from, to }: { from: number; to: number },
): string {
  let [n, sum, variance] = [0, 0, 0];
  for (let k = from; k <= to; k++) {
    if (!Number.isFinite(mean[k]!)) continue;
    n++;
    sum += mean[k]!;
    variance += standardError[k]! ** 2;
  }
  if (n === 0) return "–";
  const u = Math.sqrt(variance) / n;
  return formatQuantity({ value: sum / n, u: Number.isFinite(u) && u > 0 ? u : null, unit: "1" });
}

/** Relative standard uncertainty that the calibration gives a length along the strip. */
function relativeUAlong({ p, q }: Strip, scale: LengthScale): number {
  return relativeUOfLength(scale, [[q.x - p.x, q.y - p.y]]);
}

/** The fringes between the cursors as a reflection, cycles a px; null where there are none. */
export function fringeReflection(
  profile: ReadProfile,
  cursors: readonly [number, number],
  scale: LengthScale,
): { readonly fringes: Fringes; readonly spot: ReflectionPlace } | null {
  try {
    const fringes = fringesIn(partBetween(profile, cursors));
    const { period } = fringes;
    return { fringes, spot: fringesAlong(profile.strip, period.value, period.u / period.value, scale) };
  } catch (error) {
    if (error instanceof MeasurementError) return null;
    throw error;
  }
}
