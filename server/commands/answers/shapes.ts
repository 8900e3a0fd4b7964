import { calibrateFromBar, calibrateFromLattice } from "#core/measurement/calibrate.ts";
import { measureAngle, measureLength } from "#core/measurement/length.ts";
import { measureShape } from "#core/measurement/shape.ts";
import { type Answer, fromPoint, toPoint, toPoints, toScale } from "./vector-inputs.ts";

export const shapeAnswers: Readonly<Record<string, Answer>> = {
  polygon_metrics: ({ outer, holes, calibration }) => {
    const polygon = { outer: toPoints(outer), holes: (holes ?? []).map(toPoints) };
    const m = measureShape([polygon], toScale(calibration));
    return {
      area: m.area,
      perimeter: m.perimeter,
      perimeter_with_holes: m.perimeterWithHoles,
      centroid: fromPoint(m.centroid),
      ecd: m.ecd,
      feret_max: m.feretMax,
      feret_min: m.feretMin,
      circularity: m.circularity,
      solidity: m.solidity,
    };
  },
  length: ({ p, q, calibration, u_end_px }) => {
    const length = measureLength([toPoint(p), toPoint(q)], toScale(calibration), u_end_px);
    return { length_nm: length.value, u_nm: length.u };
  },
  angle: ({ p, vertex, q, calibration }) => ({
    angle_deg: measureAngle(toPoint(p), toPoint(vertex), toPoint(q), toScale(calibration)).value,
  }),
  calibration_from_bar: ({ p, q, nominal_nm, u_nominal_nm, u_end_px }) => {
    const found = calibrateFromBar(toPoint(p), toPoint(q), nominal_nm, u_nominal_nm, u_end_px);
    return { nm_per_px: found.nmPerPx, rel_u: found.relativeU };
  },
  calibration_from_lattice: ({ n_periods, length_px, u_length_px, d_nm, u_d_nm }) => {
    const found = calibrateFromLattice(n_periods, length_px, u_length_px, d_nm, u_d_nm);
    return { nm_per_px: found.nmPerPx, rel_u: found.relativeU };
  },
};
