import type { Point } from "#core/geometry/point.ts";
import type { Polygon } from "#core/geometry/polygon.ts";
import { measureAngle, measureLength } from "#core/measurement/length.ts";
import { areaUnit, type LengthScale, lengthScale } from "#core/measurement/length-scale.ts";
import { type Refusal, refusalOf } from "#core/measurement/measurement-error.ts";
import { combineBudget, type Quantity } from "#core/measurement/quantity.ts";
import { measureShape } from "#core/measurement/shape.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Annotation, Ring } from "#core/schema/annotation.ts";
import { type InterfaceOptions, interfaceReport } from "./interface-report.ts";
import { interfaceRows } from "./interface-rows.ts";
import type { MeasurementRow, QuantityName } from "./measurement-row.ts";
import { pairTraces } from "./trace-pairs.ts";

export type { MeasurementRow } from "./measurement-row.ts";

/** How interfaces are measured; method "normal" and its defaults where nothing is said. */
export type MeasureOptions = Partial<Omit<InterfaceOptions, "seed">> & { readonly seed: number };

/**
 * Every number of one micrograph, one row a quantity, in the order of the marks, interfaces last.
 *
 * Regions and irradiated areas: size and shape. Lines: length, orientation; three vertices: the angle between the legs.
 * Interfaces: traces paired by `trace-pairs.ts`. Deleted marks are left out. A refused measurement stays in the table
 * as a row without a value, with its code and sentence. Pure and synchronous.
 */
export function measureAnnotations(
  annotations: readonly Annotation[],
  calibration: Calibration,
  options: MeasureOptions,
): MeasurementRow[] {
  const present = annotations.filter(({ deleted }) => !deleted);
  return [
    ...present.flatMap((annotation) => rowsOfMark(annotation, calibration)),
    ...pairTraces(present).flatMap((pair) => {
      const report = interfaceReport({
        substrate: openLines(pair.substrate)[0] ?? [],
        film: pair.film.flatMap(openLines),
        calibration,
        options: { method: "normal", ...options },
      });
      return interfaceRows(pair, report);
    }),
  ];
}

function rowsOfMark(annotation: Annotation, calibration: Calibration): MeasurementRow[] {
  const measure = measuresByKind[annotation.kind];
  if (!measure) return [];
  try {
    return measure(annotation, lengthScale(calibration));
  } catch (error) {
    return [refusedRow(annotation, refusalOf(error))];
  }
}

const measuresByKind: Partial<
  Record<Annotation["kind"], (annotation: Annotation, scale: LengthScale) => MeasurementRow[]>
> = {
  region: shapeRows,
  "irradiated-area": shapeRows,
  "measurement-line": lineRows,
  "profile-line": lineRows,
};

function shapeRows(annotation: Annotation, scale: LengthScale): MeasurementRow[] {
  const m = measureShape(polygonsOf(annotation.outline.rings), scale);
  const u = combineBudget(m.areaBudget);
  const lengthU = (value: number, drawingU: number) => Math.hypot(drawingU, m.relativeLengthU * value);
  const endsU = Math.SQRT2 * 0.5 * scale.pixelLength;
  const row = (
    quantity: QuantityName,
    value: number,
    unit: string,
    uncertainty: number | null,
  ): MeasurementRow => ({
    ...identityOf(annotation),
    quantity,
    value,
    unit,
    u: uncertainty,
    k: 1,
    n: 1,
    nEff: null,
    interval: null,
    method: "polygon",
    parameters: { boundaryUPx: 0.5, correlationLengthPx: 10 },
    inputsHash: m.inputsHash,
    warnings: m.warnings,
    refusal: null,
  });
  return [
    row("area", m.area, areaUnit(scale), u),
    // The ruggedness a hand adds to a perimeter has no simple bound: only the calibration part is known.
    row("perimeter", m.perimeter, scale.unit, null),
    // d(ECD)/ECD = ½ dA/A
    row("equivalent_circular_diameter", m.ecd, scale.unit, (m.ecd * u) / (2 * m.area)),
    row("feret_max", m.feretMax, scale.unit, lengthU(m.feretMax, endsU)),
    row("feret_min", m.feretMin, scale.unit, lengthU(m.feretMin, endsU)),
    row("circularity", m.circularity, "1", null),
    row("solidity", m.solidity, "1", null),
    row("aspect_ratio", m.aspectRatio, "1", null),
  ];
}

function lineRows(annotation: Annotation, scale: LengthScale): MeasurementRow[] {
  const points = openLines(annotation)[0] ?? [];
  const rows = [quantityRow(annotation, "length", measureLength(points, scale))];
  const [p, v, q] = points;
  if (points.length === 3) rows.push(quantityRow(annotation, "angle", measureAngle(p!, v!, q!, scale)));
  if (points.length === 2) rows.push(quantityRow(annotation, "orientation", orientation(p!, v!, scale)));
  return rows;
}

/** Direction of a line against the x axis of the image, [0°, 180°), anticlockwise on the screen. */
function orientation(p: Point, q: Point, scale: LengthScale): Quantity {
  const [from, to] = q.y <= p.y ? [p, q] : [q, p];
  const angle = measureAngle({ x: from.x + 1, y: from.y }, from, to, scale);
  const { drawing = 0 } = measureLength([p, q], scale).budget;
  const length = measureLength([p, q], scale).value;
  const u = ((drawing / length) * 180) / Math.PI;
  return {
    ...angle,
    value: angle.value % 180,
    u,
    budget: { drawing: u },
    n: 2,
    method: "direction of a line",
  };
}

/** Closed rings as polygons; a hole belongs to the nearest outer ring before it. */
export function polygonsOf(rings: readonly Ring[]): Polygon[] {
  const polygons: { outer: readonly Point[]; holes: (readonly Point[])[] }[] = [];
  for (const { closed, hole, vertices } of rings) {
    if (!closed) continue;
    if (hole) polygons.at(-1)?.holes.push(vertices);
    else polygons.push({ outer: vertices, holes: [] });
  }
  return polygons;
}

/** Open rings of a mark, each as its vertices: a trace may be drawn in pieces. */
function openLines({ outline }: Annotation): (readonly Point[])[] {
  return outline.rings.filter(({ closed }) => !closed).map(({ vertices }) => vertices);
}

function identityOf({ id, objectId, interfaceId, classId }: Annotation) {
  return { annotationIds: [id], objectId, interfaceId, classId };
}

function quantityRow(annotation: Annotation, quantity: QuantityName, q: Quantity): MeasurementRow {
  const { value, unit, u, k, n, nEff, method, parameters, warnings } = q;
  return {
    ...identityOf(annotation),
    ...{ quantity, value, unit, u, k, n, nEff, method, parameters, warnings },
    inputsHash: q.inputsHash,
    interval: null,
    refusal: null,
  };
}

function refusedRow(annotation: Annotation, { code, message }: Refusal): MeasurementRow {
  const quantity = annotation.kind === "region" || annotation.kind === "irradiated-area" ? "area" : "length";
  return {
    ...identityOf(annotation),
    quantity,
    value: null,
    unit: "",
    u: null,
    k: 1,
    n: null,
    nEff: null,
    interval: null,
    method: "refused",
    parameters: {},
    inputsHash: "",
    warnings: [code],
    refusal: message,
  };
}
