import { type Dataset, framesFileName } from "./dataset.ts";
import { type Exporter, newFidelity } from "./exporter.ts";
import { framesTable } from "./frames-table.ts";
import { datasetManifest } from "./manifest.ts";

const columns = [
  "project",
  "micrograph",
  "micrograph_id",
  "state",
  "sha256",
  "annotation_ids",
  "author",
  "class",
  "object",
  "interface",
  "quantity",
  "value",
  "unit",
  "standard_uncertainty",
  "coverage_factor",
  "interval95_low",
  "interval95_high",
  "n",
  "n_eff",
  "method",
  "parameters",
  "calibration",
  "flags",
  "warnings",
  "frame",
  "frame_time_s",
  "frame_conditions",
] as const;

/** Every number with its unit, standard uncertainty (k = 1 unless said), method and provenance; one row a quantity. RFC 4180. */
export function measurementsCsv(dataset: Dataset): string {
  const className = new Map(dataset.classes.map(({ id, name }) => [id, name]));
  const objectName = new Map(dataset.objects.map(({ id, name }) => [id, name]));
  const interfaceName = new Map(dataset.interfaces.map(({ id, name }) => [id, name]));
  const rows = dataset.micrographs.flatMap((micrograph) =>
    micrograph.measurements.map(
      (row): Record<(typeof columns)[number], unknown> => ({
        project: dataset.projectName,
        micrograph: micrograph.name,
        micrograph_id: micrograph.id,
        state: micrograph.state,
        sha256: micrograph.sha256,
        annotation_ids: row.annotationIds.join(" "),
        author: [...new Set(row.annotationIds.map((id) => micrograph.authors[id] ?? ""))].join("; "),
        class: row.classId && (className.get(row.classId) ?? row.classId),
        object: row.objectId && (objectName.get(row.objectId) ?? row.objectId),
        interface: row.interfaceId && (interfaceName.get(row.interfaceId) ?? row.interfaceId),
        quantity: row.quantity,
        value: row.value,
        unit: row.unit,
        standard_uncertainty: row.u,
        coverage_factor: row.k,
        interval95_low: row.interval?.low,
        interval95_high: row.interval?.high,
        n: row.n,
        n_eff: row.nEff,
        method: row.method,
        parameters: JSON.stringify(row.parameters),
        calibration: describeCalibration(micrograph.calibration),
        flags: Object.entries(micrograph.flags)
          .filter(([, set]) => set)
          .map(([name]) => name)
          .join(" "),
        warnings: row.warnings.join(" "),
        ...frameOf(micrograph, row.annotationIds),
      }),
    ),
  );
  return [columns.join(","), ...rows.map((row) => columns.map((c) => cell(row[c])).join(",")), ""].join(
    "\r\n",
  );
}

/** The one frame that all marks of a number lie on, its time and what the log says of it; nothing where there are several. */
function frameOf(
  { stack, annotations }: Dataset["micrographs"][number],
  annotationIds: readonly string[],
): Record<"frame" | "frame_time_s" | "frame_conditions", unknown> {
  const none = { frame: null, frame_time_s: null, frame_conditions: null };
  if (!stack) return none;
  const marks = annotations.filter(({ id }) => annotationIds.includes(id));
  const frames = new Set(
    marks.map(({ frames: range }) => (range !== "all" && range[0] === range[1] ? range[0] : null)),
  );
  const [frame = null] = frames;
  if (frames.size !== 1 || frame === null) return none;
  const facts = stack.frames[frame];
  const conditions = facts?.conditions.map((c) => `${c.quantity} ${c.label} = ${c.value} ${c.unit}`) ?? [];
  const checked = stack.log?.offsetBasis === "assumed" ? " (offset of the log not checked)" : "";
  return {
    frame: frame + 1,
    frame_time_s: facts?.timeS,
    frame_conditions: conditions.length > 0 ? `${conditions.join("; ")}${checked}` : null,
  };
}

function describeCalibration(calibration: Dataset["micrographs"][number]["calibration"]): string {
  if (calibration.state !== "calibrated") return calibration.state;
  const { pixelSize, unit, relativeStandardUncertainty: u, source } = calibration;
  return `${pixelSize.x} x ${pixelSize.y} ${unit}/px; relative u ${u.x} x ${u.y}; ${source.kind}`;
}

/** A leading = + - @ of text would run as a formula in a spreadsheet: it is quoted with an apostrophe. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const measurementsCsvExporter: Exporter = {
  id: "measurements-csv",
  name: "Measurements (CSV)",
  losses: [
    "Numbers only: outlines are in lamella.json, which travels beside the table in the other formats.",
  ],
  export(dataset) {
    const fidelity = newFidelity();
    for (const { measurements, annotations, id: micrographId } of dataset.micrographs) {
      const measured = new Set(measurements.flatMap(({ annotationIds }) => annotationIds));
      for (const { id, kind } of annotations) {
        if (measured.has(id)) fidelity.exact++;
        else {
          fidelity.dropped++;
          fidelity.notes.push({
            annotationId: id,
            micrographId,
            outcome: "dropped",
            reason: `A ${kind} without a number.`,
          });
        }
      }
    }
    return {
      files: [
        { path: "measurements.csv", text: measurementsCsv(dataset) },
        ...dataset.micrographs.flatMap((micrograph) =>
          micrograph.stack ? [{ path: framesFileName(micrograph), text: framesTable(micrograph.stack) }] : [],
        ),
        { path: "manifest.json", text: datasetManifest(dataset, "measurements-csv", fidelity, []) },
      ],
      images: [],
      fidelity,
    };
  },
};
