import { determinant, identityMap, type LinearMap, rotationOfScale } from "#core/geometry/linear-map.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { MeasurementError } from "./measurement-error.ts";
import type { MeasurementWarning } from "./warnings.ts";

/** How image pixels become lengths. Points are mapped first; lengths, angles and normals are taken afterwards. */
export interface LengthScale {
  readonly unit: "nm" | "px" | "1/nm";
  /** p_unit = map · p_px = R(rotation) · diag(x, y) · p_px */
  readonly map: LinearMap;
  readonly pixelSize: { readonly x: number; readonly y: number };
  /** Side of the square with the area of one pixel, √|det|: turns settings in px (steps, windows) into the unit. */
  readonly pixelLength: number;
  /** Relative standard uncertainty of the pixel size per axis, taken as fully correlated between the axes. */
  readonly relativeU: { readonly x: number; readonly y: number };
  readonly warnings: readonly MeasurementWarning[];
}

/**
 * The scale of a calibration. Without one, pixels with a warning: never 1 nm/px.
 *
 * @throws MeasurementError `bad-calibration` for sizes that are not positive or uncertainties that are negative
 */
export function lengthScale(calibration: Calibration): LengthScale {
  if (calibration.state !== "calibrated") {
    const warning = calibration.state === "uncalibrated" ? "uncalibrated" : "not-to-scale";
    return pixelScale([warning]);
  }
  const { pixelSize, rotationDeg, relativeStandardUncertainty: u, unit, certified } = calibration;
  const good = pixelSize.x > 0 && pixelSize.y > 0 && u.x >= 0 && u.y >= 0 && Number.isFinite(rotationDeg);
  if (!good || !Number.isFinite(pixelSize.x * pixelSize.y)) {
    throw new MeasurementError(
      "bad-calibration",
      `Expected positive pixel sizes and uncertainties of at least 0, got ${pixelSize.x} x ${pixelSize.y} ${unit}/px with ${u.x}, ${u.y}. Calibrate the micrograph again.`,
      { pixelSize, u },
    );
  }
  const map = rotationOfScale(pixelSize.x, pixelSize.y, rotationDeg);
  return {
    unit,
    map,
    pixelSize,
    pixelLength: Math.sqrt(Math.abs(determinant(map))),
    relativeU: u,
    warnings: certified ? [] : ["uncertified-calibration"],
  };
}

/** Plain pixels. */
export function pixelScale(warnings: readonly MeasurementWarning[] = []): LengthScale {
  return {
    unit: "px",
    map: identityMap,
    pixelSize: { x: 1, y: 1 },
    pixelLength: 1,
    relativeU: { x: 0, y: 0 },
    warnings,
  };
}

/**
 * The scale of a picture in real space. A diffraction pattern has distances in reciprocal space: a gap there is no length.
 *
 * @throws MeasurementError `bad-calibration` for 1/nm
 */
export function realSpaceScale(calibration: Calibration): LengthScale & { readonly unit: "nm" | "px" } {
  const scale = lengthScale(calibration);
  if (scale.unit === "1/nm") {
    throw new MeasurementError(
      "bad-calibration",
      "Expected a pixel size in nm, got one in 1/nm: this is a diffraction pattern, where a gap has no width. Measure on the image it belongs to, or correct the calibration.",
    );
  }
  return scale as LengthScale & { readonly unit: "nm" | "px" };
}

/** Unit of an area in this scale. */
export function areaUnit(scale: LengthScale): "nm²" | "px²" | "1/nm²" {
  return scale.unit === "nm" ? "nm²" : scale.unit === "px" ? "px²" : "1/nm²";
}

/** Relative calibration uncertainty of an area, u_x + u_y: 2u where one calibration serves both axes. */
export function relativeUOfArea({ relativeU }: LengthScale): number {
  return relativeU.x + relativeU.y;
}

/**
 * Relative calibration uncertainty of a length made of displacements (dx, dy) in px, each weighted by its own length:
 * Σ(u_x·(s_x dx)² + u_y·(s_y dy)²)/|v| / Σ|v|. One uncertainty for both axes gives that uncertainty.
 */
export function relativeUOfLength(
  { pixelSize, relativeU }: LengthScale,
  displacements: Iterable<readonly [dx: number, dy: number]>,
): number {
  if (relativeU.x === relativeU.y) return relativeU.x;
  let sum = 0;
  let total = 0;
  for (const [dx, dy] of displacements) {
    const x = dx * pixelSize.x;
    const y = dy * pixelSize.y;
    const length = Math.hypot(x, y);
    if (!(length > 0)) continue;
    sum += (relativeU.x * x * x + relativeU.y * y * y) / length;
    total += length;
  }
  return total > 0 ? sum / total : Math.max(relativeU.x, relativeU.y);
}
