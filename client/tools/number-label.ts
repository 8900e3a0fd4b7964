import { GeometryError } from "#core/geometry/geometry-error.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Polygon } from "#core/geometry/polygon.ts";
import { measureLength } from "#core/measurement/length.ts";
import { lengthScale } from "#core/measurement/length-scale.ts";
import { MeasurementError } from "#core/measurement/measurement-error.ts";
import { combineBudget } from "#core/measurement/quantity.ts";
import { measureShape } from "#core/measurement/shape.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { formatQuantity } from "#core/units/quantity.ts";

/** Length of a line through `points` (image px), as the measurement will say it; "" while there is no line yet. */
export function lengthLabel(points: readonly Point[], calibration: Calibration): string {
  return spoken(() => {
    const length = measureLength(points, lengthScale(calibration));
    const text = formatQuantity(length);
    return length.unit === "1/nm"
      ? `${text}  d = ${formatQuantity({ value: 1 / length.value, u: null, unit: "nm" })}`
      : text;
  });
}

/** Area of a closed outline, as the measurement will say it; "" while it encloses nothing. */
export function areaLabel(points: readonly Point[], calibration: Calibration): string {
  return areaOfPolygonsLabel([{ outer: points, holes: [] }], calibration);
}

/** Area of polygons, holes taken off, as the measurement will say it. */
export function areaOfPolygonsLabel(polygons: readonly Polygon[], calibration: Calibration): string {
  return spoken(() => {
    const scale = lengthScale(calibration);
    const { area, areaBudget } = measureShape(polygons, scale);
    const unit = { nm: "nm²", px: "px²", "1/nm": "1/nm²" }[scale.unit];
    return formatQuantity({ value: area, u: combineBudget(areaBudget), unit });
  });
}

/** "120 × 80 nm": sides of an upright box. */
export function sidesLabel(from: Point, to: Point, calibration: Calibration): string {
  const { pixelSize, unit } = lengthScale(calibration);
  const side = (lengthPx: number, size: number) =>
    formatQuantity({ value: Math.abs(lengthPx) * size, u: null, unit: "1" });
  return `${side(to.x - from.x, pixelSize.x)} × ${side(to.y - from.y, pixelSize.y)} ${unit}`;
}

/** A gesture that has no number yet is no error of the person who draws. */
function spoken(measure: () => string): string {
  try {
    return measure();
  } catch (reason) {
    if (reason instanceof GeometryError || reason instanceof MeasurementError) return "";
    throw reason;
  }
}
