import { scannedFluence } from "#core/measurement/fluence.ts";
import { regionOverlap } from "#core/measurement/overlap.ts";
import { zoneContrast } from "#core/measurement/zone-contrast.ts";
import { type Answer, toPoints } from "./vector-inputs.ts";

export const damageAnswers: Readonly<Record<string, Answer>> = {
  dose: ({ current_nA, dwell_us, n_pixels, frames, area_nm2 }) => ({
    dose_e_per_A2: scannedFluence({
      currentNa: current_nA ?? null,
      dwellUs: dwell_us,
      pixels: n_pixels,
      frames: frames ?? 1,
      areaNm2: area_nm2,
    }),
  }),
  contrast: ({ zone, reference }) => {
    const c = zoneContrast(zone, reference);
    return { weber: c.weber, michelson: c.michelson, cnr: c.cnr, delta_t_over_lambda: c.deltaTOverLambda };
  },
  overlap: ({ a, b }) => {
    const o = regionOverlap([{ outer: toPoints(a), holes: [] }], [{ outer: toPoints(b), holes: [] }]);
    return {
      intersection: o.intersection,
      fraction_of_a: o.fractionOfA,
      fraction_of_b: o.fractionOfB,
      iou: o.iou,
    };
  },
};
