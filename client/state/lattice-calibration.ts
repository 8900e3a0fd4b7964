import {
  calibrateFromDiffraction,
  calibrateFromSpots,
  type FoundAxes,
  type KnownReflection,
} from "#core/measurement/calibrate-lattice.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { formatQuantity } from "#core/units/quantity.ts";
import { pixelShapeOf } from "./pixel-shape.ts";

/** A reflection of an image's spectrum or fringes (cycles a px), or of a diffraction pattern (px from its middle). */
export type ReflectionDomain = "image" | "diffraction";

export interface NamedReflection extends KnownReflection {
  /** What it is said to be: "Ge 111". */
  readonly name: string;
  /** How it was found: "FFT spot", "12 fringes". */
  readonly found: string;
}

/**
 * The calibration that reflections of known spacing give. Pixels keep the shape and the rotation that they are known to
 * have; with `axes: "separate"` two reflections or more give the two sides of a pixel apart.
 *
 * @throws MeasurementError `too-few-points`, `bad-calibration`
 */
export function calibrationByLattice(
  reflections: readonly NamedReflection[],
  domain: ReflectionDomain,
  axes: "same" | "separate",
  current: Calibration,
  principalId: string,
): Extract<Calibration, { state: "calibrated" }> {
  const { aspect, rotationDeg } = pixelShapeOf(current);
  const wanted = axes === "same" ? ({ axes, aspect } as const) : ({ axes } as const);
  const found: FoundAxes =
    domain === "image"
      ? calibrateFromSpots(reflections, wanted)
      : calibrateFromDiffraction(reflections, wanted);
  return {
    state: "calibrated",
    unit: domain === "image" ? "nm" : "1/nm",
    pixelSize: { x: found.x, y: found.y },
    rotationDeg,
    relativeStandardUncertainty: found.relativeU,
    source: {
      kind: "person",
      principalId,
      method: "lattice",
      note: `lattice spacing: ${reflections.map(wordsOf).join("; ")}`,
    },
    certified: true, // a person says so, and is named with it
  };
}

function wordsOf({ name, found, spacingNm, uSpacingNm, x, y }: NamedReflection): string {
  const distance = Math.hypot(x, y);
  const place = distance < 1 ? `${distance.toPrecision(4)} cycles/px` : `${distance.toFixed(1)} px`;
  const spacing = formatQuantity({ value: spacingNm, u: uSpacingNm, unit: "nm" });
  return `${name ? `${name}, ` : ""}d = ${spacing}, ${found} at ${place}`;
}

/** "every length +2.3 %": by how much the numbers change; "" where there was no scale of that unit. */
export function changeWords(current: Calibration, next: Calibration): string {
  if (current.state !== "calibrated" || next.state !== "calibrated" || current.unit !== next.unit) return "";
  const percent = (axis: "x" | "y") => {
    const change = (next.pixelSize[axis] / current.pixelSize[axis] - 1) * 100;
    return `${change < 0 ? "−" : "+"}${Math.abs(change).toFixed(Math.abs(change) < 10 ? 2 : 0)} %`;
  };
  const [x, y] = [percent("x"), percent("y")];
  const what = next.unit === "nm" ? "every length" : "every distance from the middle";
  return `${what} ${x === y ? x : `${x} along x, ${y} along y`}`;
}
