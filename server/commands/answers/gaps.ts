import { mapPoints } from "#core/geometry/linear-map.ts";
import { createPolyline } from "#core/geometry/polyline.ts";
import { SegmentHierarchy } from "#core/geometry/segment-hierarchy.ts";
import { findDelamination } from "#core/measurement/delamination.ts";
import { gapMedialAt } from "#core/measurement/gap-medial.ts";
import { gapNearest } from "#core/measurement/gap-nearest.ts";
import { gapNormal } from "#core/measurement/gap-normal.ts";
import {
  clipToPositive,
  lengthWithin,
  piecesOfStations,
  profileStatistics,
} from "#core/statistics/profile.ts";
import { type Answer, toPoints, toScale, type VectorInputs } from "./vector-inputs.ts";

/** The tangent's window where a case does not say: 2 px each way. */
const chordHalfWindowPx = 2;

function boundaries({ substrate, film, calibration, step_px }: VectorInputs) {
  const scale = toScale(calibration);
  const line = (points: readonly (readonly [number, number])[]) =>
    createPolyline(mapPoints(scale.map, toPoints(points)));
  return {
    substrate: new SegmentHierarchy(line(substrate)),
    film: [new SegmentHierarchy(line(film))],
    settings: {
      step: (step_px ?? 1) * scale.pixelLength,
      chordHalfWindow: chordHalfWindowPx * scale.pixelLength,
    },
    unitsPerPx: scale.pixelLength,
  };
}

function normalProfile(inputs: VectorInputs) {
  const { substrate, film, settings } = boundaries(inputs);
  const profile = gapNormal(substrate.line, film, settings);
  return { profile, pieces: piecesOfStations(profile.s, profile.gap, profile.step) };
}

const statisticsFields = (pieces: ReturnType<typeof piecesOfStations>) => {
  const { p5, p25, median, p75, p95, length, mean, sd, min, max } = profileStatistics(pieces);
  return { length, mean, sd, min, max, median, p05: p5, p25, p50: median, p75, p95 };
};

const profilePiece = ({ s, g }: VectorInputs) => ({ s: Float64Array.from(s), g: Float64Array.from(g) });

export const gapAnswers: Readonly<Record<string, Answer>> = {
  gap_normal: (inputs) => {
    const { profile, pieces } = normalProfile(inputs);
    return {
      ...statisticsFields(pieces),
      matched_length: profile.matchedLength,
      unmatched_length: profile.unmatchedLength,
    };
  },
  gap_nearest: (inputs) => {
    const { substrate, film, settings } = boundaries(inputs);
    const nearest = gapNearest(substrate, film, settings);
    return {
      mean_symmetric: nearest.meanSymmetric,
      matched_substrate: nearest.matchedSubstrate,
      matched_film: nearest.matchedFilm,
    };
  },
  gap_medial_at: (inputs) => {
    const { substrate, film, settings, unitsPerPx } = boundaries(inputs);
    const { side } = gapNormal(substrate.line, film, settings);
    const station = inputs.station_px * unitsPerPx;
    const maxWidth = 4 * substrate.line.length;
    return { width: gapMedialAt(substrate.line, film, station, side, { ...settings, maxWidth }) };
  },
  gap_crossing: (inputs) => {
    const { pieces } = normalProfile(inputs);
    const signed = profileStatistics(pieces);
    return {
      overlap_length: lengthWithin(pieces, Number.NEGATIVE_INFINITY, 0),
      mean_signed: signed.mean,
      mean_clipped: profileStatistics(clipToPositive(pieces)).mean,
      max: signed.max,
    };
  },
  delamination: (inputs) => {
    const { pieces } = normalProfile(inputs);
    const found = findDelamination(pieces, {
      threshold: inputs.threshold_px,
      mergeDistance: inputs.merge_distance_px ?? 0,
      minLength: inputs.min_length_px ?? 0,
    });
    return { fraction: found.fraction, count: found.runs.length };
  },
  profile_stats: (inputs) => statisticsFields([profilePiece(inputs)]),
  delamination_profile: (inputs) => {
    const found = findDelamination([profilePiece(inputs)], {
      threshold: inputs.threshold,
      mergeDistance: inputs.merge_distance,
      minLength: inputs.min_length,
    });
    return {
      fraction: found.fraction,
      count: found.runs.length,
      lengths: found.runs.map(({ length }) => length),
    };
  },
};
