import { expansionBetween, type Uncertain } from "#core/measurement/expansion.ts";
import { wireDiameter } from "#core/measurement/wire-diameter.ts";
import {
  fiellerRatio,
  type MeanDifference,
  mannWhitney,
  pairedT,
  welch,
} from "#core/statistics/comparison.ts";
import { type Answer, toPoints } from "./vector-inputs.ts";

const fields = (name: string, quantity: Uncertain | null) =>
  quantity ? { [name]: quantity.value, [`u_${name}`]: quantity.u } : {};

const differenceFields = ({ t, df, p, difference, low, high }: MeanDifference) => ({
  t,
  df,
  p,
  diff: difference,
  diff_lo: low,
  diff_hi: high,
});

export const wireAnswers: Readonly<Record<string, Answer>> = {
  wire_diameter: ({ axis, edge1, edge2, step_px, refine_axis }) => {
    const settings = { step: step_px, chordHalfWindow: 2 * step_px, refineAxis: refine_axis };
    const { mean, sd } = wireDiameter(toPoints(axis), [toPoints(edge1), toPoints(edge2)], settings);
    return { mean, sd };
  },
  expansion: ({ d0, u0, d1, u1, core, u_core, rel_u_calibration, same_calibration }) => {
    const e = expansionBetween(
      { value: d0, u: u0 },
      { value: d1, u: u1 },
      core === undefined || core === null ? null : { value: core, u: u_core ?? 0 },
      { relativeU: rel_u_calibration ?? 0, same: same_calibration },
    );
    return {
      ...fields("ratio", e.ratio),
      ...fields("linear", e.linear),
      ...fields("area_ratio", e.areaRatio),
      ...fields("volume_ratio_isotropic", e.volumeRatioIsotropic),
      ...fields("film_area_ratio", e.filmAreaRatio),
    };
  },
  welch: ({ a, b }) => {
    const r = welch(a, b);
    return { ...differenceFields(r), cohen_d: r.cohenD, hedges_g: r.hedgesG };
  },
  paired_t: ({ a, b }) => {
    const r = pairedT(a, b);
    return { ...differenceFields(r), cohen_dz: r.cohenDz };
  },
  mann_whitney: ({ a, b }) => {
    const r = mannWhitney(a, b);
    return { U: r.u, p_normal: r.p, rank_biserial: r.rankBiserial };
  },
  ratio_fieller: ({ numerator, se_numerator, denominator, se_denominator, covariance, level }) => {
    const r = fiellerRatio(numerator, se_numerator, denominator, se_denominator, covariance, level);
    return { ratio: r.ratio, lo: r.low, hi: r.high };
  },
};
