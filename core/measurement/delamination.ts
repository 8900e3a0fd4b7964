import type { ProfilePiece } from "#core/statistics/profile.ts";

/** A stretch on which the gap exceeds the threshold. Arc lengths along the substrate; all in the unit of the profile. */
export interface DelaminatedRun {
  readonly start: number;
  readonly end: number;
  readonly length: number;
  readonly mean: number;
  readonly max: number;
  /** ∫ gap ds over the run. */
  readonly area: number;
}

export interface Delamination {
  readonly threshold: number;
  readonly runs: readonly DelaminatedRun[];
  /** Σ run lengths. */
  readonly length: number;
  /** Σ run lengths / matched length. */
  readonly fraction: number;
  readonly longest: number;
}

export interface DelaminationSettings {
  readonly threshold: number;
  /** Runs with less than this between them are one. */
  readonly mergeDistance: number;
  /** Runs shorter than this, after merging, are dropped. */
  readonly minLength: number;
}

/**
 * Runs with g > threshold, crossings interpolated linearly; close runs are merged first, then short ones dropped. A missing
 * stretch ends a run: runs on its two sides are never merged.
 *
 * @param pieces the profile without its missing stretches, `piecesOfStations`
 */
export function findDelamination(
  pieces: readonly ProfilePiece[],
  { threshold, mergeDistance, minLength }: DelaminationSettings,
): Delamination {
  let matched = 0;
  const runs: DelaminatedRun[] = [];
  for (const piece of pieces) {
    matched += piece.s.at(-1)! - piece.s[0]!;
    const merged: [number, number][] = [];
    for (const run of spansAbove(piece, threshold)) {
      const previous = merged.at(-1);
      if (previous && run[0] - previous[1] < mergeDistance) previous[1] = run[1];
      else merged.push(run);
    }
    for (const [start, end] of merged) {
      if (end - start >= minLength) runs.push(describeRun(piece, start, end));
    }
  }
  const length = runs.reduce((sum, run) => sum + run.length, 0);
  return {
    threshold,
    runs,
    length,
    fraction: matched > 0 ? length / matched : 0,
    longest: runs.reduce((longest, run) => Math.max(longest, run.length), 0),
  };
}

/** fraction(t) for thresholds in a range: how much the number depends on the choice. Same merging and dropping throughout. */
export function delaminationSensitivity(
  pieces: readonly ProfilePiece[],
  thresholds: readonly number[],
  settings: Omit<DelaminationSettings, "threshold">,
): { readonly threshold: number; readonly fraction: number }[] {
  return thresholds.map((threshold) => ({
    threshold,
    fraction: findDelamination(pieces, { ...settings, threshold }).fraction,
  }));
}

/** Delaminated length within each of n equal intervals of `step`: the numerators of a block bootstrap. */
export function delaminatedLengthPerInterval(
  runs: readonly DelaminatedRun[],
  n: number,
  step: number,
): Float64Array {
  const lengths = new Float64Array(n);
  for (const { start, end } of runs) {
    const first = Math.max(0, Math.floor(start / step));
    const last = Math.min(n - 1, Math.floor(end / step));
    for (let k = first; k <= last; k++) {
      lengths[k]! += Math.max(0, Math.min(end, (k + 1) * step) - Math.max(start, k * step));
    }
  }
  return lengths;
}

function spansAbove({ s, g }: ProfilePiece, threshold: number): [number, number][] {
  const spans: [number, number][] = [];
  let start: number | null = g[0]! > threshold ? s[0]! : null;
  for (let i = 1; i < s.length; i++) {
    const above = g[i]! > threshold;
    if (above === (start !== null)) continue;
    const t = (threshold - g[i - 1]!) / (g[i]! - g[i - 1]!);
    const crossing = s[i - 1]! + t * (s[i]! - s[i - 1]!);
    if (start === null) start = crossing;
    else {
      spans.push([start, crossing]);
      start = null;
    }
  }
  if (start !== null) spans.push([start, s.at(-1)!]);
  return spans;
}

function describeRun({ s, g }: ProfilePiece, start: number, end: number): DelaminatedRun {
  let area = 0;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = cellHolding(s, start); i + 1 < s.length && s[i]! < end; i++) {
    const from = Math.max(start, s[i]!);
    const to = Math.min(end, s[i + 1]!);
    const slope = (g[i + 1]! - g[i]!) / (s[i + 1]! - s[i]!);
    const a = g[i]! + slope * (from - s[i]!);
    const b = g[i]! + slope * (to - s[i]!);
    area += ((to - from) * (a + b)) / 2;
    max = Math.max(max, a, b);
  }
  const length = end - start;
  return { start, end, length, mean: length > 0 ? area / length : max, max, area };
}

/** Index of the cell [s_i, s_i+1] that holds the arc length, by bisection. */
function cellHolding(s: Float64Array, at: number): number {
  let low = 0;
  let high = s.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (s[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
