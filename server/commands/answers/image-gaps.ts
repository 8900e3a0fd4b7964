import { isDomainError } from "#core/errors/domain-error.ts";
import { fitGap, type GapFit, type GapFitOptions } from "#core/measurement/gap-fit.ts";
import { gapAcrossLine, gapAcrossTiltedLine, gapAlongCurve } from "#core/measurement/image-gap.ts";
import { type Raster, samplesFromBytes } from "#core/micrograph/raster.ts";
import { type Answer, toPoint, toPoints, type VectorInputs } from "./vector-inputs.ts";

/** `{width, height, dtype: "uint16le", data_base64}` as a raster. */
export function toRaster({ width, height, data_base64 }: VectorInputs): Raster {
  const data = samplesFromBytes("uint16", Buffer.from(data_base64, "base64"));
  return { width, height, samplesPerPixel: 1, sampleType: "uint16", data };
}

const fitOptions = ({ polarity, known_gap_level }: VectorInputs): GapFitOptions => ({
  polarity,
  knownGapLevel: known_gap_level ?? null,
});

/** Fits of all profiles that were not refused. */
function fitAll(inputs: VectorInputs): { readonly fits: GapFit[]; readonly refused: number } {
  const fits: GapFit[] = [];
  for (const profile of inputs.profiles as readonly number[][]) {
    try {
      fits.push(fitGap(Float64Array.from(profile), fitOptions(inputs)));
    } catch (error) {
      if (!isDomainError(error)) throw error;
    }
  }
  return { fits, refused: inputs.profiles.length - fits.length };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

export const imageGapAnswers: Readonly<Record<string, Answer>> = {
  image_gap_box: (inputs) => {
    const { image, p, q, width_px } = inputs;
    const gap = gapAcrossLine(toRaster(image), toPoint(p), toPoint(q), width_px, fitOptions(inputs));
    return { gap_px: gap.width, u_px: gap.u };
  },
  image_gap_box_tilted: (inputs) => {
    const { image, p, q, width_px } = inputs;
    const gap = gapAcrossTiltedLine(toRaster(image), toPoint(p), toPoint(q), width_px, fitOptions(inputs));
    return { gap_px: gap.width, u_px: gap.u, tilt_deg: Math.abs(gap.tiltDeg) };
  },
  image_gap_band: (inputs) => {
    const { image, curve, half_width_px, segment_px } = inputs;
    const band = gapAlongCurve(
      toRaster(image),
      toPoints(curve),
      half_width_px,
      segment_px,
      fitOptions(inputs),
    );
    return { mean_gap_px: band.meanGap };
  },
  profile_gap_ensemble: (inputs) => {
    const { fits } = fitAll(inputs);
    const widths = fits.map(({ width }) => width * inputs.step_px);
    const stated = fits.map(({ uFit }) => uFit * inputs.step_px);
    const centre = mean(widths);
    // Without the true width there is no error to count: bias and coverage stay unanswered.
    const truth: number | undefined = inputs.true_gap_px;
    return {
      bias_px: truth === undefined ? null : centre - truth,
      sd_px_max: Math.sqrt(widths.reduce((s, w) => s + (w - centre) ** 2, 0) / (widths.length - 1)),
      coverage95:
        truth === undefined
          ? null
          : mean(widths.map((w, i) => (Math.abs(w - truth) <= 1.96 * stated[i]! ? 1 : 0))),
      mean_u_px_max: mean(stated),
    };
  },
  profile_gap_false_alarm: (inputs) => ({
    rejected_fraction: fitAll(inputs).refused / inputs.profiles.length,
  }),
};
