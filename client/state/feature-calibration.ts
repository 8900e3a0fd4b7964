import { DomainError } from "#core/errors/domain-error.ts";
import type { Point } from "#core/geometry/point.ts";
import { calibrateFromBar } from "#core/measurement/calibrate.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { type PixelShape, squarePixels } from "./pixel-shape.ts";

export class FeatureCalibrationError extends DomainError<"bad-length" | "bad-uncertainty" | "too-short"> {}

export const lengthUnits = ["pm", "nm", "µm", "mm", "1/nm", "1/Å"] as const;
export type LengthUnit = (typeof lengthUnits)[number];

/** A burnt-in scale bar, or anything else whose length is known. */
export type KnownFeature = "scale-bar" | "feature";

/** In the unit of the calibration. */
const sizeOf: Readonly<Record<LengthUnit, { readonly factor: number; readonly unit: "nm" | "1/nm" }>> = {
  pm: { factor: 0.001, unit: "nm" },
  nm: { factor: 1, unit: "nm" },
  µm: { factor: 1000, unit: "nm" },
  mm: { factor: 1e6, unit: "nm" },
  "1/nm": { factor: 1, unit: "1/nm" },
  "1/Å": { factor: 10, unit: "1/nm" },
};

/** An end on a fitted edge or a pixel's border: good to half a pixel. */
const endUPx = 0.5;

interface Feature {
  /** Its two ends, image px. */
  readonly p: Point;
  readonly q: Point;
  readonly length: number;
  /** Standard uncertainty of the length, same unit; 0 where the length is exact by definition. */
  readonly u: number;
  readonly unit: LengthUnit;
  readonly kind: KnownFeature;
}

/**
 * Pixel size from a feature of known length: its standard uncertainty is that of the length and of two ends set by
 * hand, half a pixel each. Pixels keep the shape they are known to have.
 *
 * @throws FeatureCalibrationError `bad-length`, `bad-uncertainty`, `too-short`
 */
export function calibrationByFeature(
  { p, q, length, u, unit, kind }: Feature,
  principalId: string,
  shape: PixelShape = squarePixels,
): Calibration {
  const lengthPx = Math.hypot(q.x - p.x, q.y - p.y);
  if (!(lengthPx >= 2)) {
    throw new FeatureCalibrationError(
      "too-short",
      `Expected two ends at least 2 px apart, got ${lengthPx.toFixed(1)} px. Zoom in and click both ends again.`,
      { lengthPx },
    );
  }
  if (!(length > 0) || !Number.isFinite(length)) {
    throw new FeatureCalibrationError(
      "bad-length",
      `Expected a positive length, got ${length}. Write the length of the feature.`,
      { length },
    );
  }
  if (!(u >= 0) || u >= length) {
    throw new FeatureCalibrationError(
      "bad-uncertainty",
      `Expected an uncertainty from 0 to below the length, got ${u}. Write 0 where the length is exact.`,
      { u },
    );
  }
  const { factor, unit: calibrated } = sizeOf[unit];
  const { aspect, rotationDeg } = shape;
  // Measured in widths of a pixel, the length gives the width.
  const end = { x: q.x, y: p.y + aspect * (q.y - p.y) };
  const { nmPerPx, relativeU } = calibrateFromBar(p, end, length * factor, u * factor, endUPx);
  const written = u > 0 ? `(${length} ± ${u}) ${unit}` : `${length} ${unit}`;
  return {
    state: "calibrated",
    unit: calibrated,
    pixelSize: { x: nmPerPx, y: aspect * nmPerPx },
    rotationDeg,
    relativeStandardUncertainty: { x: relativeU, y: relativeU },
    source: {
      kind: "person",
      principalId,
      method: kind,
      note: `${written} over ${lengthPx.toFixed(1)} px`,
    },
    certified: true, // a person says so, and is named with it
  };
}
