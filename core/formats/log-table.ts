import { vendorText } from "./binary-view.ts";
import { columnOf, isUnit, type LogColumn } from "./log-columns.ts";
import { LogError } from "./log-error.ts";

export const maxLogBytes = 64 * 2 ** 20;
const mostLines = 1_000_000;
const delimiters = ["\t", ";", ",", "|"] as const;
/** A heading stands among the first lines: EC-Lab writes a hundred before its own. */
const searchedLines = 400;

/** Where the table of a log begins, and what its columns are. */
export interface LogTable {
  readonly columns: readonly LogColumn[];
  readonly delimiter: string;
  /** Index of the line of headings. */
  readonly at: number;
  readonly firstRow: number;
}

/** @throws LogError "not-a-log", "log-too-large" */
export function textOf(bytes: Uint8Array): string {
  if (bytes.length > maxLogBytes)
    throw new LogError(
      "log-too-large",
      `The log has ${Math.ceil(bytes.length / 2 ** 20)} MiB; up to ${maxLogBytes / 2 ** 20} are read. Thin it.`,
    );
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  const unprintable = bytes.subarray(0, 4096).findIndex((b) => b < 9 || (b > 13 && b < 32));
  if (unprintable >= 0)
    throw new LogError(
      "not-a-log",
      "Expected a table as text and found other bytes. Export the log as text: .mpt from EC-Lab, CSV from a spreadsheet.",
    );
  return vendorText(bytes).replace(/^\uFEFF/, "");
}

/** @throws LogError "log-too-large" before a file of nothing but line ends is taken apart */
export function linesOf(text: string): string[] {
  let ends = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) ends++;
  if (ends > mostLines)
    throw new LogError(
      "log-too-large",
      `The log has ${ends} lines; up to ${mostLines} are read. Thin it, or cut it to the time of the pictures.`,
    );
  return text.split(/\r\n|\n|\r/);
}

/** The cells of a line, quotes taken off. */
export function cellsOf(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim());
  const cells: string[] = [];
  let [cell, quoted] = ["", false];
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (character === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += character;
  }
  return [...cells, cell.trim()];
}

/**
 * The first line whose headings hold a time and something to read, and which numbers follow.
 * @throws LogError "not-a-log", "no-time", "no-quantity"
 */
export function findTable(lines: readonly string[]): LogTable {
  let nearest: readonly LogColumn[] = [];
  for (let at = 0; at < Math.min(lines.length, searchedLines); at++) {
    for (const delimiter of delimiters) {
      const headings = headingsOf(lines[at]!, delimiter);
      if (headings.length < 2) continue;
      const below = nextFilled(lines, at + 1);
      const cells = cellsOf(lines[below] ?? "", delimiter);
      const units = isUnitRow(cells) ? cells : [];
      const columns = headings.map((heading, i) => columnOf(heading, units[i]));
      if (columns.some(isTime) && columns.some(({ kind }) => kind === "quantity"))
        return { columns, delimiter, at, firstRow: units.length > 0 ? below + 1 : at + 1 };
      const telling = (set: readonly LogColumn[]) => set.filter(({ kind }) => kind !== "other").length;
      if (telling(columns) > telling(nearest)) nearest = columns;
    }
  }
  throw refusalFor(nearest);
}

/** A line's end may be a delimiter: no column. A spreadsheet's heading may be a comment. */
function headingsOf(line: string, delimiter: string): string[] {
  const headings = cellsOf(line.replace(/^#\s*/, ""), delimiter);
  while (headings.at(-1) === "") headings.pop();
  return headings;
}

function nextFilled(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at]!.trim() === "") at++;
  return at;
}

const isUnitRow = (cells: readonly string[]) =>
  cells.length > 1 && cells.filter(isUnit).length >= 2 && cells.every((cell) => !/^[+-]?[\d.,]+$/.test(cell));

export const isTime = ({ kind }: LogColumn) =>
  kind === "elapsed" || kind === "clock" || kind === "time-without-unit";

function refusalFor(nearest: readonly LogColumn[]): LogError {
  const named = nearest.map(({ heading }) => `"${heading}"`).join(", ");
  if (nearest.some(isTime))
    return new LogError(
      "no-quantity",
      `The table has a time and no potential, current or temperature with a unit: its headings are ${named}. Write them as "Ewe/V", "I (mA)" or "T (°C)".`,
    );
  if (nearest.some(({ kind }) => kind === "quantity"))
    return new LogError(
      "no-time",
      `The table has no column of time: its headings are ${named}. Add one as "time/s", "t (h)" or clock times.`,
    );
  return new LogError(
    "not-a-log",
    'Expected a table over time, with a line of headings such as "time/s; Ewe/V; I/mA; T (°C)", and found none. Export the log as CSV with its headings.',
  );
}

/** Decimal point or decimal comma: one for the whole file. */
export function numberReader(rows: readonly string[][], columns: readonly LogColumn[], delimiter: string) {
  const read = columns.flatMap(({ kind }, i) => (kind === "quantity" || kind === "elapsed" ? [i] : []));
  const form = (point: string) => new RegExp(`^[+-]?\\d*\\${point}\\d+(?:e[+-]?\\d+)?$`, "i");
  const [withComma, withPoint] = [form(","), form(".")];
  let [commas, points] = [0, 0];
  for (const cells of rows) {
    for (const column of read) {
      if (withComma.test(cells[column]!)) commas++;
      else if (withPoint.test(cells[column]!)) points++;
    }
  }
  if (commas > 0 && points > 0)
    throw new LogError(
      "bad-cell",
      `Numbers are written with a decimal comma (${commas} cells) and with a decimal point (${points} cells). Export the log with one of them${delimiter === "," ? "" : ", and without separators of thousands"}.`,
    );
  return (cell: string): number => {
    if (cell === "" || /^(?:nan|n\/a|-+|inf|#.*)$/i.test(cell)) return Number.NaN;
    const text = commas > 0 ? cell.replace(",", ".") : cell;
    return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  };
}
