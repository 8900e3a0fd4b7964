import type {
  DescribedState,
  Description,
  ProjectRecordsShape,
  RecordProposalShape,
} from "#core/protocol/api/records.ts";
import type { Gallery } from "#core/protocol/api/shapes.ts";

/** The columns of the table of records, left to right as a spreadsheet pastes them. */
export const recordColumns = [
  { id: "specimen", label: "Specimen", hint: "batch 4, grid B2 …" },
  { id: "series", label: "Series", hint: "In-situ sodiation" },
  { id: "object", label: "Object", hint: "wire 3" },
  { id: "label", label: "State", hint: "sodiated 15 min" },
  { id: "order", label: "Order", hint: "by row" },
  { id: "elapsed", label: "Elapsed", hint: "15 min" },
  { id: "cycle", label: "Cycle", hint: "3" },
  { id: "step", label: "Step", hint: "charge" },
  { id: "conditions", label: "Conditions", hint: "-0.2 V; 299 °C" },
  { id: "clockTime", label: "Clock time", hint: "2026-02-03 14:05" },
  { id: "instrument", label: "Instrument", hint: "Titan" },
  { id: "holder", label: "Holder", hint: "single tilt" },
  { id: "operator", label: "Operator", hint: "name" },
  { id: "date", label: "Date", hint: "2026-02-03" },
] as const;

export type RecordColumn = (typeof recordColumns)[number]["id"];
export type RecordCells = Readonly<Record<RecordColumn, string>>;
export type RecordRow = ProjectRecordsShape["rows"][number];

const stateColumns: readonly RecordColumn[] = [
  "label",
  "order",
  "elapsed",
  "cycle",
  "step",
  "conditions",
  "clockTime",
];
const sessionColumns: readonly RecordColumn[] = ["instrument", "holder", "operator", "date"];

/** What has been said of a row, as text; empty where nobody has. */
export function saidCells(
  row: RecordRow,
  records: Pick<ProjectRecordsShape, "specimens" | "sessions">,
  series: Gallery["series"],
): RecordCells {
  const specimen = records.specimens.find(({ id }) => id === row.specimenId);
  const session = records.sessions.find(({ id }) => id === row.sessionId);
  const inSeries = series.find(({ id }) => id === row.seriesId);
  const { state } = row;
  return {
    specimen: specimen?.name ?? "",
    series: inSeries?.name ?? "",
    object: inSeries?.objectName ?? "",
    label: state?.label ?? "",
    order: state ? String(state.order) : "",
    elapsed: state?.elapsedS == null ? "" : elapsedWords(state.elapsedS),
    cycle: state?.cycle == null ? "" : String(state.cycle),
    step: state?.step ?? "",
    conditions: (state?.conditions ?? []).map(conditionWords).join("; "),
    clockTime: state?.clockTime ?? "",
    instrument: session?.instrument ?? "",
    holder: session?.holder ?? "",
    operator: session?.operator ?? "",
    date: session?.startedAt ?? "",
  };
}

/** What path, name and tags propose for a row, as text, with the sentence that says where each was read. */
export function proposedCells(
  row: RecordRow,
): Readonly<Partial<Record<RecordColumn, { readonly text: string; readonly from: string }>>> {
  const found: Partial<Record<RecordColumn, { text: string; from: string }>> = {};
  for (const proposal of row.proposals) {
    const column =
      proposal.field === "condition"
        ? "conditions"
        : proposal.field === "elapsedS"
          ? "elapsed"
          : proposal.field;
    const text =
      proposal.field === "elapsedS"
        ? elapsedWords(Number(proposal.value))
        : proposal.field === "condition"
          ? conditionWords({ ...proposal, quantity: proposal.quantity ?? "", unit: proposal.unit ?? "" })
          : String(proposal.value);
    const before = found[column];
    found[column] = {
      text: before ? `${before.text}; ${text}` : text,
      from: before ? `${before.from}; ${sourceWords(proposal)}` : sourceWords(proposal),
    };
  }
  return found;
}

/** "from the folder “wire 3”" */
function sourceWords({ source }: RecordProposalShape): string {
  if (source.kind === "tag") return `from the tag ${source.at}`;
  if (source.kind === "watched-folder") return `from the watched folder, ${source.at}`;
  const words = source.text.trim() === source.at.trim() ? "" : `“${source.text.trim()}” in `;
  return source.kind === "folder" ? `from ${words}the folder “${source.at}”` : `from ${words}the file's name`;
}

/** Why a cell cannot be kept as it is; null where it can. */
export function faultOf(column: RecordColumn, text: string): string | null {
  if (text.trim() === "") return null;
  if (column === "order") return Number.isFinite(Number(text)) ? null : "A number: 1, 2, 2.5 …";
  if (column === "cycle") return /^\d{1,6}$/.test(text.trim()) ? null : "A whole number";
  if (column === "elapsed")
    return readElapsed(text) === null ? "A time with its unit: 30 s, 15 min, 1.5 h, 2 d" : null;
  if (column === "conditions")
    return readConditions(text) === null ? "A value with its unit: -0.2 V; 299 °C; strain 2 %" : null;
  if (column === "date") return /^\d{4}-\d\d-\d\d/.test(text.trim()) ? null : "A day: 2026-02-03";
  return text.length > 200 ? "At most 200 characters" : null;
}

/**
 * What to send for a row whose cells were changed: only what differs from what was said. An emptied cell empties the
 * record; an order that nobody gave is the row's own place.
 */
export function describeRow(
  row: RecordRow,
  said: RecordCells,
  cells: RecordCells,
  place: number,
): Description | null {
  const differs = (columns: readonly RecordColumn[]) =>
    columns.some((column) => said[column] !== cells[column].trim());
  const text = (column: RecordColumn) => cells[column].trim() || null;
  const changed = {
    ...(differs(["specimen"]) ? { specimen: text("specimen") } : {}),
    ...(differs(["series", "object"]) ? { series: seriesOf(text("series"), text("object")) } : {}),
    ...(differs(sessionColumns)
      ? {
          session: {
            ...{ instrument: text("instrument"), holder: text("holder") },
            ...{ operator: text("operator"), startedAt: text("date"), endedAt: null },
          },
        }
      : {}),
    ...(differs(stateColumns) ? { state: stateOf(row, cells, place) } : {}),
  };
  return Object.keys(changed).length === 0
    ? null
    : { micrographId: row.micrographId, ...changed, settled: true };
}

/** A series is called by its object where it has no name of its own. */
function seriesOf(name: string | null, objectName: string | null): Description["series"] {
  const called = name ?? objectName;
  return called === null ? null : { name: called, objectName: objectName ?? "" };
}

function stateOf(row: RecordRow, cells: RecordCells, place: number): DescribedState | null {
  if (stateColumns.every((column) => cells[column].trim() === "")) return null;
  const text = (column: RecordColumn) => cells[column].trim() || null;
  return {
    label: cells.label.trim(),
    order: text("order") === null ? place : Number(cells.order),
    cycle: text("cycle") === null ? null : Number(cells.cycle),
    step: text("step"),
    elapsedS: readElapsed(cells.elapsed),
    clockTime: text("clockTime"),
    conditions: [...(readConditions(cells.conditions) ?? [])],
    basis: row.state?.basis ?? "",
  };
}

const units: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
];

/** Seconds in the largest unit that keeps the number short: 900 → "15 min". */
export function elapsedWords(seconds: number): string {
  const short = units.find(([, size]) => seconds >= size && Number.isInteger((10 * seconds) / size));
  const [unit, size] = short ?? ["s", 1];
  return `${Number((seconds / size).toPrecision(10))} ${unit}`;
}

/** Seconds; null where it is no time with a unit. */
export function readElapsed(text: string): number | null {
  const read = /^\s*(\d+(?:[.,]\d+)?)\s*(s|sec|min|h|hr|hours?|d|days?)\s*$/i.exec(text);
  if (!read) return null;
  const unit = read[2]!.toLowerCase();
  const size = unit.startsWith("min") ? 60 : units.find(([name]) => name === unit[0])![1];
  return Number(read[1]!.replace(",", ".")) * size;
}

type Condition = DescribedState["conditions"][number];

const quantities: Readonly<Record<string, string>> = {
  V: "potential",
  A: "current",
  "°C": "temperature",
  K: "temperature",
};

function conditionWords({
  quantity,
  value,
  unit,
}: {
  quantity: string;
  value: string | number;
  unit: string;
}): string {
  const named = quantities[unit] === quantity ? "" : `${quantity} `;
  return `${named}${value} ${unit}`.trim();
}

/** "-0.2 V; 299 °C; strain 2 %" → conditions; null where a part has no number or its quantity is not told. */
export function readConditions(text: string): readonly Condition[] | null {
  const found: Condition[] = [];
  for (const part of text.split(";").filter((one) => one.trim() !== "")) {
    const read = /^\s*([^\d+\u2212-]*?)\s*([+\u2212-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)\s*(\S{0,20})\s*$/i.exec(
      part,
    );
    if (!read) return null;
    const [, words = "", digits = "", unit = ""] = read;
    const scaled = /^([mµμun])([VA])$/.exec(unit);
    const factor = scaled ? { m: 1e-3, µ: 1e-6, μ: 1e-6, u: 1e-6, n: 1e-9 }[scaled[1]!]! : 1;
    const base = scaled?.[2] ?? (unit === "C" ? "°C" : unit);
    const quantity = words.trim() || quantities[base];
    if (!quantity) return null;
    const value = Number(digits.replace(",", ".").replace("\u2212", "-")) * factor;
    found.push({ quantity, value: Number(value.toPrecision(12)), unit: base });
  }
  return found;
}

/** A block of cells as a spreadsheet puts it on the clipboard: rows by lines, columns by tabs, quotes taken off. */
export function readPastedCells(text: string): readonly (readonly string[])[] {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  return lines.map((line) =>
    line.split("\t").map((cell) =>
      cell
        .trim()
        .replace(/^"(.*)"$/, "$1")
        .replaceAll('""', '"'),
    ),
  );
}
