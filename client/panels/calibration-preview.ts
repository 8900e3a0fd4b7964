import { changeWords } from "#client/state/lattice-calibration.ts";
import { isDomainError } from "#core/errors/domain-error.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { formatQuantity } from "#core/units/quantity.ts";

/** The pixel size that would come of it, and by how much every length changes; or why there is none. */
export function calibrationPreview(make: () => Calibration, current: Calibration): string {
  try {
    const next = make();
    const change = changeWords(current, next);
    return `${pixelSizeWords(next)}${change && `: ${change}`}.`;
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return error.message;
  }
}

/** "Pixel size 0.02137 ± 0.00012 nm per px"; both axes where they differ. */
export function pixelSizeWords(calibration: Calibration): string {
  if (calibration.state !== "calibrated") return "";
  const { pixelSize, relativeStandardUncertainty: u, unit } = calibration;
  const axis = (name: "x" | "y") =>
    formatQuantity({ value: pixelSize[name], u: pixelSize[name] * u[name], unit });
  return pixelSize.x === pixelSize.y
    ? `Pixel size ${axis("x")} per px`
    : `Pixel size ${axis("x")} per px along x, ${axis("y")} along y`;
}
