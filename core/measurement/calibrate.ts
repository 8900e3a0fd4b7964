import type { Point } from "#core/geometry/point.ts";
import { MeasurementError } from "./measurement-error.ts";

/** A pixel size found on a picture, with its relative standard uncertainty. */
export interface FoundPixelSize {
  readonly nmPerPx: number;
  readonly relativeU: number;
}

/**
 * Pixel size from a bar or feature of known length between p and q.
 *
 * rel. u² = (u_nominal/nominal)² + 2(u_end/length_px)²
 * @throws MeasurementError `bad-calibration` when the bar has no length
 */
export function calibrateFromBar(
  p: Point,
  q: Point,
  nominalNm: number,
  uNominalNm: number,
  endUPx: number,
): FoundPixelSize {
  const lengthPx = Math.hypot(q.x - p.x, q.y - p.y);
  requirePositive({ nominalNm, lengthPx });
  return {
    nmPerPx: nominalNm / lengthPx,
    relativeU: Math.hypot(uNominalNm / nominalNm, (Math.SQRT2 * endUPx) / lengthPx),
  };
}

/**
 * Pixel size from `periods` lattice fringes of known spacing, over a length measured perpendicular to them.
 *
 * rel. u² = (u_d/d)² + (u_L/L)²
 * @throws MeasurementError `bad-calibration`
 */
export function calibrateFromLattice(
  periods: number,
  lengthPx: number,
  uLengthPx: number,
  spacingNm: number,
  uSpacingNm: number,
): FoundPixelSize {
  requirePositive({ periods, lengthPx, spacingNm });
  return {
    nmPerPx: (periods * spacingNm) / lengthPx,
    relativeU: Math.hypot(uSpacingNm / spacingNm, uLengthPx / lengthPx),
  };
}

function requirePositive(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(value > 0) || !Number.isFinite(value)) {
      throw new MeasurementError(
        "bad-calibration",
        `Expected ${name} to be positive, got ${value}. Mark the two ends of a feature of known length.`,
        { [name]: value },
      );
    }
  }
}
