import { inverseMap, mapPoint, mapPoints } from "#core/geometry/linear-map.ts";
import type { Point } from "#core/geometry/point.ts";
import { createPolyline } from "#core/geometry/polyline.ts";
import { SegmentHierarchy } from "#core/geometry/segment-hierarchy.ts";
import {
  type Delamination,
  delaminatedLengthPerInterval,
  delaminationSensitivity,
  findDelamination,
} from "#core/measurement/delamination.ts";
import { gapNearest } from "#core/measurement/gap-nearest.ts";
import { gapNormal } from "#core/measurement/gap-normal.ts";
import type { GapProfile } from "#core/measurement/gap-profile.ts";
import { inputsHash } from "#core/measurement/inputs-hash.ts";
import { type LengthScale, realSpaceScale, relativeUOfLength } from "#core/measurement/length-scale.ts";
import { type Refusal, refusalOf } from "#core/measurement/measurement-error.ts";
import { combineBudget, type UncertaintyBudget } from "#core/measurement/quantity.ts";
import type { MeasurementWarning } from "#core/measurement/warnings.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { createRandom } from "#core/random/generator.ts";
import {
  type BootstrapInterval,
  bootstrapRatio,
  politisWhiteBlockLength,
} from "#core/statistics/block-bootstrap.ts";
import { meanInterval } from "#core/statistics/mean-interval.ts";
import {
  clipToPositive,
  lengthWithin,
  type ProfilePiece,
  type ProfileStatistics,
  piecesOfStations,
  profileStatistics,
} from "#core/statistics/profile.ts";

export type GapMethod = "normal" | "nearest";

export interface InterfaceOptions {
  readonly method: GapMethod;
  /** Interval of stations along the substrate, px. Default 1. */
  readonly stepPx?: number;
  /** The tangent of the substrate is its chord over ± this, px. Default 2. */
  readonly chordHalfWindowPx?: number;
  /** A gap above this counts as delaminated, nm. null: max(2u of a single width, 1 nm), without calibration 2u. */
  readonly thresholdNm?: number | null;
  /** In the unit of the report. Default 0: nothing is merged, nothing dropped. */
  readonly mergeDistance?: number;
  readonly minLength?: number;
  /** Widths above this have no counterpart, in the unit of the report. Default: none is too wide. */
  readonly maxGap?: number;
  /** Standard uncertainty of a boundary drawn by hand, px. Default 0.5. */
  readonly drawingUPx?: number;
  /** Repeats the resampling. */
  readonly seed: number;
}

export interface InterfaceInput {
  /** Image px. */
  readonly substrate: readonly Point[];
  /** One or more pieces of the film's boundary, image px. */
  readonly film: readonly (readonly Point[])[];
  readonly calibration: Calibration;
  readonly options: InterfaceOptions;
}

/** One entry a station. Arc length and gap in the report's unit; points in image px, so that a probe can be drawn there. */
export interface InterfaceStations {
  readonly s: Float64Array;
  /** Signed; NaN where no film faces the substrate. */
  readonly gap: Float64Array;
  readonly substrateX: Float64Array;
  readonly substrateY: Float64Array;
  /** NaN where there is no counterpart. */
  readonly filmX: Float64Array;
  readonly filmY: Float64Array;
}

/** All numbers of one interface, in `unit` (areas in its square). */
export interface InterfaceNumbers {
  readonly ok: true;
  readonly unit: "nm" | "px";
  readonly method: GapMethod;
  readonly stations: InterfaceStations;
  /** Of the gap with negative values set to 0, weighted by length. */
  readonly statistics: ProfileStatistics;
  readonly signedMean: number;
  /** Mean by both methods; null where that method finds no counterpart. `nearest` is symmetric over both curves. */
  readonly means: { readonly normal: number | null; readonly nearest: number | null };
  readonly n: number;
  readonly nEff: number;
  /** Of the mean, from the spread along the interface only; null when the profile is too short. */
  readonly interval: {
    readonly low: number;
    readonly high: number;
    readonly level: number;
    readonly method: string;
  } | null;
  /** Standard uncertainty of the mean (k = 1) and what it is made of. */
  readonly u: number;
  readonly budget: UncertaintyBudget;
  readonly gapArea: { readonly value: number; readonly u: number };
  readonly length: number;
  readonly matchedLength: number;
  readonly unmatchedLength: number;
  /** |gap| ≤ ε with ε = `parameters.contactEpsilon`. */
  readonly contactLength: number;
  readonly overlapLength: number;
  readonly delamination: Delamination & {
    readonly interval: BootstrapInterval | null;
    readonly sensitivity: readonly { readonly threshold: number; readonly fraction: number }[];
  };
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly inputsHash: string;
  readonly warnings: readonly MeasurementWarning[];
}

export type InterfaceReport = InterfaceNumbers | Refusal;

const level = 0.95;
const bootstrapResamples = 2000;
const sensitivitySteps = 20;
/** The hand keeps its error over about this length (px), so a long boundary is known better than a single point of it. */
const handCorrelationPx = 10;

/**
 * Gap, delamination and their uncertainty between a substrate's boundary and a film's: what panel, API and exports show.
 *
 * Pure and synchronous: a drag calls it at 15 Hz (1000 stations: about 6 ms, 10⁴: 40 ms). Points are calibrated first, then measured.
 * Uncertainty of the mean: random s/√n_eff, drawing u_b·√(2ℓ/L) for two boundaries whose error lives over ℓ = 10 px,
 * calibration. A single width has √2·u_b of drawing.
 * @returns the numbers, or a refusal with a code and a sentence: `no-overlap`, `degenerate-polyline`, `bad-coordinates`,
 *   `bad-calibration` (also for a pattern in 1/nm), `bad-step`
 */
export function interfaceReport(input: InterfaceInput): InterfaceReport {
  try {
    return measureInterface(input);
  } catch (error) {
    return refusalOf(error);
  }
}

function measureInterface({ substrate, film, calibration, options }: InterfaceInput): InterfaceNumbers {
  const scale = realSpaceScale(calibration);
  const settings = settingsIn(scale, options);
  const line = (points: readonly Point[]) =>
    new SegmentHierarchy(createPolyline(mapPoints(scale.map, points)));
  const ground = line(substrate);
  const pieces = film.map(line);
  const normal = attempt(() => gapNormal(ground.line, pieces, settings));
  const nearest = attempt(() => gapNearest(ground, pieces, settings));
  const chosen = options.method === "normal" ? normal : nearest;
  if ("ok" in chosen) throw chosen.error;
  const profile = "profile" in chosen ? chosen.profile : chosen;

  const signedPieces = piecesOfStations(profile.s, profile.gap, profile.step);
  const clippedPieces = clipToPositive(signedPieces);
  const statistics = profileStatistics(clippedPieces);
  const clippedGap = profile.gap.map((g) => Math.max(0, g));
  const interval = meanInterval(clippedGap, level);
  const budget: UncertaintyBudget = {
    // Too short for an interval, the spread still counts: as that of a single look where no more is known.
    random: interval.standardError ?? statistics.sd / Math.sqrt(Math.max(1, interval.nEff)),
    drawing: settings.drawingU * Math.sqrt((2 * settings.handCorrelation) / profile.matchedLength),
    calibration: calibrationU(scale, profile) * statistics.mean,
  };
  const u = combineBudget(budget);
  const overlapLength = lengthWithin(signedPieces, Number.NEGATIVE_INFINITY, -settings.contactEpsilon);
  const delamination = describeDelamination(profile, clippedPieces, clippedGap, interval.nEff, settings);
  const warnings: MeasurementWarning[] = [...scale.warnings, ...interval.warnings, ...settings.warnings];
  if (overlapLength > 0.01 * profile.matchedLength) warnings.push("overlap");
  if (profile.unmatchedLength > 0.1 * ground.line.length) warnings.push("partly-unmatched");
  return {
    ok: true,
    unit: scale.unit,
    method: options.method,
    stations: stationsInPixels(profile, scale),
    statistics,
    signedMean: profileStatistics(signedPieces).mean,
    means: { normal: normalMean(normal), nearest: "ok" in nearest ? null : nearest.meanSymmetric },
    n: interval.n,
    // Whatever the correlation, the profile is worth at least the one look that it is.
    nEff: Math.max(1, interval.nEff),
    interval:
      interval.low === null
        ? null
        : { low: interval.low, high: interval.high!, level, method: interval.method },
    u,
    budget,
    gapArea: { value: statistics.positiveArea, u: gapAreaU(scale, budget, statistics, profile) },
    length: ground.line.length,
    matchedLength: profile.matchedLength,
    unmatchedLength: Math.max(0, profile.unmatchedLength),
    contactLength: lengthWithin(signedPieces, -settings.contactEpsilon, settings.contactEpsilon),
    overlapLength,
    delamination,
    parameters: settings.parameters,
    inputsHash: inputsHash([substrate, ...film]),
    warnings: [...new Set(warnings)],
  };
}

/** Options with their defaults, turned from px into the unit of the report. */
function settingsIn(scale: LengthScale, options: InterfaceOptions) {
  const { stepPx = 1, chordHalfWindowPx = 2, drawingUPx = 0.5, mergeDistance = 0, minLength = 0 } = options;
  const drawingU = drawingUPx * scale.pixelLength;
  const singleWidthU = Math.SQRT2 * drawingU;
  const asked = options.thresholdNm ?? null;
  const usable = asked !== null && scale.unit === "nm";
  const fallback = scale.unit === "nm" ? Math.max(2 * singleWidthU, 1) : 2 * singleWidthU;
  const threshold = usable ? asked : fallback;
  const contactEpsilon = Math.max(singleWidthU, 0.5 * scale.pixelLength);
  const warnings: MeasurementWarning[] = asked !== null && !usable ? ["threshold-needs-calibration"] : [];
  return {
    step: stepPx * scale.pixelLength,
    chordHalfWindow: chordHalfWindowPx * scale.pixelLength,
    ...(options.maxGap === undefined ? {} : { maxGap: options.maxGap }),
    handCorrelation: handCorrelationPx * scale.pixelLength,
    drawingU,
    threshold,
    mergeDistance,
    minLength,
    contactEpsilon,
    seed: options.seed,
    warnings,
    parameters: {
      stepPx,
      chordHalfWindowPx,
      drawingUPx,
      threshold,
      thresholdBasis: usable ? "given" : "default",
      mergeDistance,
      minLength,
      contactEpsilon,
      ...(options.maxGap === undefined ? {} : { maxGap: options.maxGap }),
      seed: options.seed,
    },
  };
}

/** A method that finds no counterpart does not stop the other; the error is kept for the method that was asked for. */
function attempt<T extends object>(measure: () => T): T | { readonly ok: false; readonly error: unknown } {
  try {
    return measure();
  } catch (error) {
    return { ok: false, error };
  }
}

function normalMean(normal: GapProfile | { readonly ok: false }): number | null {
  if ("ok" in normal) return null;
  return profileStatistics(clipToPositive(piecesOfStations(normal.s, normal.gap, normal.step))).mean;
}

function describeDelamination(
  profile: GapProfile,
  pieces: readonly ProfilePiece[],
  gap: Float64Array,
  nEff: number,
  settings: ReturnType<typeof settingsIn>,
) {
  const found = findDelamination(pieces, settings);
  const n = gap.length;
  const matched = Float64Array.from(gap, (g) => (Number.isNaN(g) ? 0 : profile.step));
  const stations = matched.reduce((count, length) => count + (length > 0 ? 1 : 0), 0);
  const interval = bootstrapRatio(delaminatedLengthPerInterval(found.runs, n, profile.step), matched, {
    blockLength: Math.max(politisWhiteBlockLength(gap), (2 * stations) / Math.max(1, nEff)),
    resamples: bootstrapResamples,
    level,
    random: createRandom(settings.seed),
  });
  const top = Math.max(
    2 * settings.threshold,
    pieces.reduce((m, { g }) => g.reduce((a, b) => Math.max(a, b), m), 0),
  );
  const thresholds = Array.from({ length: sensitivitySteps + 1 }, (_, i) => (top * i) / sensitivitySteps);
  return { ...found, interval, sensitivity: delaminationSensitivity(pieces, thresholds, settings) };
}

/** Relative calibration uncertainty of the widths, weighted by their directions. */
function calibrationU(scale: LengthScale, profile: GapProfile): number {
  const back = inverseMap(scale.map);
  const displacements = function* () {
    for (let k = 0; k < profile.gap.length; k++) {
      if (Number.isNaN(profile.gap[k]!)) continue;
      const dx = profile.filmX[k]! - profile.substrateX[k]!;
      const dy = profile.filmY[k]! - profile.substrateY[k]!;
      const { x, y } = mapPoint(back, { x: dx, y: dy });
      yield [x, y] as const;
    }
  };
  return relativeUOfLength(scale, displacements());
}

/** Area = mean width × length: the width's own components times the length, calibration once for each of the two. */
function gapAreaU(
  scale: LengthScale,
  { drawing = 0 }: UncertaintyBudget,
  { positiveArea }: ProfileStatistics,
  profile: GapProfile,
): number {
  const relative = scale.relativeU.x + scale.relativeU.y;
  return combineBudget({ drawing: drawing * profile.matchedLength, calibration: relative * positiveArea });
}

function stationsInPixels(profile: GapProfile, scale: LengthScale): InterfaceStations {
  const { xx, xy, yx, yy } = inverseMap(scale.map);
  const xs = (x: Float64Array, y: Float64Array) => x.map((v, i) => xx * v + xy * y[i]!);
  const ys = (x: Float64Array, y: Float64Array) => x.map((v, i) => yx * v + yy * y[i]!);
  const { s, gap, substrateX, substrateY, filmX, filmY } = profile;
  return {
    s,
    gap,
    substrateX: xs(substrateX, substrateY),
    substrateY: ys(substrateX, substrateY),
    filmX: xs(filmX, filmY),
    filmY: ys(filmX, filmY),
  };
}
