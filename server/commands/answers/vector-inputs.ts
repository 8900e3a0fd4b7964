import type { Point } from "#core/geometry/point.ts";
import type { LengthScale } from "#core/measurement/length-scale.ts";
import { lengthScale, pixelScale } from "#core/measurement/length-scale.ts";

/** What an answer may hold: numbers, lists of numbers, words; or the code of a refusal. */
export type AnswerFields = Readonly<Record<string, unknown>>;

/** Computes the fields of one quantity from the inputs of a case; throws DomainError where it must refuse. */
export type Answer = (inputs: VectorInputs) => AnswerFields;

/** Inputs of a case as JSON gave them; field names carry the units. */
// biome-ignore lint/suspicious/noExplicitAny: the file decides what is in it; each answer reads the fields its quantity defines.
export type VectorInputs = Readonly<Record<string, any>>;

export const toPoint = ([x, y]: readonly [number, number]): Point => ({ x, y });
export const toPoints = (list: readonly (readonly [number, number])[]): Point[] => list.map(toPoint);
export const fromPoint = ({ x, y }: Point): [number, number] => [x, y];

/** `{sx_nm, sy_nm, rotation_deg, rel_u?}`, or pixels where there is none. */
export function toScale(calibration: VectorInputs | undefined): LengthScale {
  if (!calibration) return pixelScale();
  const u = calibration.rel_u ?? 0;
  return lengthScale({
    state: "calibrated",
    unit: "nm",
    pixelSize: { x: calibration.sx_nm, y: calibration.sy_nm },
    rotationDeg: calibration.rotation_deg ?? 0,
    relativeStandardUncertainty: { x: u, y: u },
    source: { kind: "synthetic" },
    certified: true,
  });
}
