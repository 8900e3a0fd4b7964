import type { MeasurementRow } from "#core/analysis/measure-annotations.ts";

const columns = [
  "micrograph",
  "annotation_ids",
  "interface_id",
  "quantity",
  "value",
  "unit",
  "u_k1",
  "interval_low",
  "interval_high",
  "n",
  "n_eff",
  "method",
  "warnings",
  "refusal",
] as const;

/** The numbers for a spreadsheet: one row a quantity, units in a column of their own, full precision. */
export function measurementsTable(
  rows: readonly MeasurementRow[],
  micrograph: { readonly name: string },
): string {
  const lines = rows.map((row) =>
    [
      micrograph.name,
      row.annotationIds.join(" "),
      row.interfaceId,
      row.quantity,
      row.value,
      row.unit,
      row.u,
      row.interval?.low,
      row.interval?.high,
      row.n,
      row.nEff,
      row.method,
      row.warnings.join(" "),
      row.refusal,
    ].map(cell),
  );
  return `${[[...columns], ...lines].map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/** RFC 4180; a text that a spreadsheet would take for a formula is led by an apostrophe. */
function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
