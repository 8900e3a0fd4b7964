import { DomainError } from "#core/errors/domain-error.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { parsePixelSize } from "#core/units/pixel-size.ts";
import { lengthInWidths, type PixelShape, squarePixels } from "./pixel-shape.ts";

/** Someone's own typing is trusted to a per cent: as good as a scale bar usually is. */
const typedRelativeU = 0.01;
/** An end set by hand is good to half a pixel in each coordinate. */
const endUPx = 0.5;

export class CalibrateError extends DomainError<"bad-length" | "line-too-short"> {}

/**
 * @param text "0.42 nm/px", "0.021 1/nm/px"
 * @throws UnitError `bad-pixel-size`
 */
export function calibrationByTyping(text: string, principalId: string): Calibration {
  const { value, unit } = parsePixelSize(text);
  return byPerson(value, unit, typedRelativeU, principalId, "typed", text.trim());
}

/**
 * Pixel size from a line of known length: size = length / length in px. Its uncertainty is that of two ends set by hand.
 * Pixels keep the shape they are known to have.
 *
 * @param line image px; @param text "50 nm", "0.2 µm", "5 1/nm"
 * @throws CalibrateError `bad-length`, `line-too-short`
 */
export function calibrationByLine(
  line: readonly { readonly x: number; readonly y: number }[],
  text: string,
  principalId: string,
  shape: PixelShape = squarePixels,
): Calibration {
  const lengthPx = line.reduce(
    (sum, at, i) => (i === 0 ? 0 : sum + lengthInWidths(line[i - 1]!, at, shape)),
    0,
  );
  if (!(lengthPx >= 2)) {
    throw new CalibrateError(
      "line-too-short",
      `Expected a line of at least 2 px to calibrate with, got ${lengthPx.toFixed(1)} px. Draw a longer one.`,
      { lengthPx },
    );
  }
  const { value, unit } = knownLength(text);
  const relativeU = (Math.SQRT2 * endUPx) / lengthPx;
  return byPerson(
    value / lengthPx,
    unit,
    relativeU,
    principalId,
    "feature",
    `${text.trim()} over ${lengthPx.toFixed(1)} px`,
    shape,
  );
}

export const removedCalibration: Calibration = {
  state: "uncalibrated",
  reason: "A person took the calibration back.",
};

function knownLength(text: string) {
  try {
    return parsePixelSize(text);
  } catch {
    throw new CalibrateError(
      "bad-length",
      `Expected a length such as "50 nm", "0.2 µm" or "5 1/nm", got "${text}". Write a positive number and its unit.`,
      { text },
    );
  }
}

function byPerson(
  size: number,
  unit: "nm" | "1/nm",
  relativeU: number,
  principalId: string,
  method: "typed" | "feature",
  note: string,
  { aspect, rotationDeg } = squarePixels,
): Calibration {
  return {
    state: "calibrated",
    unit,
    pixelSize: { x: size, y: aspect * size },
    rotationDeg,
    relativeStandardUncertainty: { x: relativeU, y: relativeU },
    source: { kind: "person", principalId, method, note },
    certified: true, // a person says so, and is named with it
  };
}
