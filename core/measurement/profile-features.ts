import { fitEdge } from "./edge-fit.ts";
import { MeasurementError } from "./measurement-error.ts";
import { finiteValues, type ProfilePart, type WithU } from "./profile-part.ts";

/** From 10 to 90 % of a blurred edge, in standard deviations of its blur: 2 · 1.28155. */
const from10To90 = 2.5631;

/** A step of intensity. */
export interface ProfileStep {
  readonly position: WithU;
  /** Width from 10 to 90 % of the step. */
  readonly width: WithU;
  readonly before: number;
  readonly after: number;
}

/**
 * Place and 10-90 % width of the one step in a part of a profile: least-squares fit of a blurred edge.
 *
 * @throws MeasurementError `too-few-points` below 8 values; `low-contrast` where the step is below 3 times the scatter
 *   around it, or runs out of the part
 */
export function stepIn(part: ProfilePart): ProfileStep {
  const values = finiteValues(part);
  const n = values.length;
  const third = Math.max(2, Math.floor(n / 4));
  const mean = (from: number, to: number) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i]!;
    return sum / (to - from);
  };
  const [before, after] = [mean(0, third), mean(n - third, n)];
  const half = (before + after) / 2;
  const crossing = values.findIndex((v, i) => i > 0 && (v - half) * (values[i - 1]! - half) <= 0);
  const fit = fitEdge(values, { position: crossing > 0 ? crossing : n / 2, before, after });
  const scatter = Math.sqrt(fit.rss / Math.max(1, n - 4));
  const rise = Math.abs(fit.after - fit.before);
  const inside = fit.position > 1 && fit.position < n - 2 && from10To90 * fit.sigma < n;
  if (!(rise > 3 * scatter) || !inside || !Number.isFinite(fit.uPosition)) {
    throw new MeasurementError(
      "low-contrast",
      "Expected one step of intensity between the two cursors, higher than three times the scatter, but there is none. Put the cursors closer around one edge.",
      { rise, scatter },
    );
  }
  return {
    position: { value: part.start + fit.position * part.step, u: fit.uPosition * part.step },
    width: { value: from10To90 * fit.sigma * part.step, u: from10To90 * fit.uSigma * part.step },
    before: fit.before,
    after: fit.after,
  };
}

/** A bright or dark line. */
export interface ProfilePeak {
  readonly position: WithU;
  /** Full width at half its height over the base. */
  readonly fwhm: WithU;
  readonly height: number;
  readonly dark: boolean;
}

/**
 * Full width at half maximum of the one line in a part of a profile. The base is the straight line between the means of
 * the first and of the last sixth; the crossings of half the height are interpolated.
 *
 * u: each crossing by the scatter of the base over the slope there.
 * @throws MeasurementError `too-few-points` below 8 values; `low-contrast` where the line is below 3 times the scatter of
 *   the base, or does not come down to half its height on both sides
 */
export function peakIn(part: ProfilePart): ProfilePeak {
  const values = finiteValues(part);
  const n = values.length;
  const ends = Math.max(2, Math.floor(n / 6));
  let [left, right] = [0, 0];
  for (let i = 0; i < ends; i++) {
    left += values[i]! / ends;
    right += values[n - 1 - i]! / ends;
  }
  const slope = (right - left) / (n - ends);
  const above = values.map((v, i) => v - (left + slope * (i - (ends - 1) / 2)));
  let squares = 0;
  for (let i = 0; i < ends; i++) squares += above[i]! ** 2 + above[n - 1 - i]! ** 2;
  const scatter = Math.sqrt(squares / Math.max(1, 2 * ends - 2));
  let summit = 0;
  for (let i = 1; i < n; i++) if (Math.abs(above[i]!) > Math.abs(above[summit]!)) summit = i;
  const sign = Math.sign(above[summit]!);
  const height = Math.abs(above[summit]!);
  const at = (i: number) => sign * above[i]!;
  const rising = crossingFrom(at, summit, -1, n, height / 2);
  const falling = crossingFrom(at, summit, 1, n, height / 2);
  if (!(height > 3 * scatter) || !rising || !falling || height === 0) {
    throw new MeasurementError(
      "low-contrast",
      "Expected one bright or dark line between the two cursors that comes back to its base on both sides, but there is none. Put the cursors on the base, left and right of one line.",
      { height, scatter },
    );
  }
  const u = (crossing: { slope: number }) => (scatter / crossing.slope) * part.step;
  const uFwhm = Math.hypot(u(rising), u(falling));
  return {
    position: { value: part.start + ((rising.at + falling.at) / 2) * part.step, u: uFwhm / 2 },
    fwhm: { value: (falling.at - rising.at) * part.step, u: uFwhm },
    height: sign * height,
    dark: sign < 0,
  };
}

/** Where the height falls below `level`, going from the summit in one direction. */
function crossingFrom(
  at: (i: number) => number,
  summit: number,
  direction: 1 | -1,
  n: number,
  level: number,
): { readonly at: number; readonly slope: number } | null {
  for (let i = summit; i + direction >= 0 && i + direction < n; i += direction) {
    const [here, next] = [at(i), at(i + direction)];
    if (next < level) {
      return { at: i + (direction * (here - level)) / (here - next), slope: here - next };
    }
  }
  return null;
}
