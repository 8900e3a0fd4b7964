import type { ConditionChannel, ConditionLog } from "#core/micrograph/condition-log.ts";
import type { LogColumn } from "./log-columns.ts";
import { LogError } from "./log-error.ts";
import { cellsOf, findTable, isTime, linesOf, numberReader, textOf } from "./log-table.ts";
import { looksLikeClock, readClockTimes, readElapsedClock } from "./log-time.ts";

/** What a log may hold: a sample a second for three and a half days. */
export const maxLogSamples = 300_000;
const maxChannels = 8;
/**
 * Reads a table over time as potentiostats, heaters and spreadsheets write it: a line of headings that name their units
 * ("time/s", "Ewe/V", "<I>/mA", "T (°C)", or a line of units below them), then lines of numbers. Delimiters tab, semicolon,
 * comma and bar; decimal point or comma; times in seconds, minutes, hours, as h:min:s, or as clock times with or
 * without a date. Lines before the headings (EC-Lab's .mpt, comments) are passed over.
 *
 * @returns values as recorded, times in seconds
 * @throws LogError: every code of it; the sentence names the line or the heading
 */
export function readConditionLog(bytes: Uint8Array): ConditionLog {
  const lines = linesOf(textOf(bytes));
  const table = findTable(lines);
  const { columns, delimiter } = table;
  const rows: string[][] = [];
  const numbers: number[] = [];
  for (let i = table.firstRow; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.trim() === "" || line.startsWith("#")) continue;
    const cells = cellsOf(line, delimiter);
    if (cells.length < columns.length && cells.every((cell) => cell === "")) continue;
    if (cells.length < columns.length)
      throw new LogError(
        "bad-cell",
        `Line ${i + 1} has ${cells.length} cells where the headings are ${columns.length}. The log was cut off or holds several tables: correct it or export it again.`,
      );
    if (rows.length === maxLogSamples)
      throw new LogError(
        "log-too-large",
        `The log has more than ${maxLogSamples} samples. Thin it, or cut it to the time of the pictures.`,
      );
    rows.push(cells);
    numbers.push(i + 1);
  }
  const numberOf = numberReader(rows, columns, delimiter);
  const rowOf = (index: number) => numbers[index]!;
  const { timesS, startedAt } = readTimes(columns, rows, rowOf, numberOf);
  requireOrder(timesS, rowOf);
  const channels = readChannels(columns, rows, rowOf, numberOf);
  const used = new Set(channels.map(({ heading }) => heading));
  return {
    timesS,
    startedAt: startedAt ?? preambleStart(lines.slice(0, table.at)),
    channels: channels.map(({ heading: _, ...channel }) => channel),
    leftOut: columns.flatMap(({ kind, heading }) =>
      kind === "other" || (kind === "quantity" && !used.has(heading)) ? [heading] : [],
    ),
  };
}

/** Time since the start where the log has it, else its clock; a time without a unit only where its cells tell. */
function readTimes(
  columns: readonly LogColumn[],
  rows: readonly string[][],
  rowOf: (index: number) => number,
  numberOf: (cell: string) => number,
): { readonly timesS: Float64Array; readonly startedAt: string | null } {
  if (rows.length < 2)
    throw new LogError(
      "not-a-log",
      `The log has ${rows.length === 1 ? "one sample" : "no sample"} below its headings; at least two are needed to say what was between them.`,
    );
  const cellsAt = (column: number) => rows.map((cells) => cells[column]!);
  const bad = (i: number, cell: string) =>
    new LogError(
      "bad-cell",
      `Line ${rowOf(i)}: expected a time, found "${cell.slice(0, 40)}". Correct the line or export the log again.`,
    );
  const clock = columns.findIndex(
    ({ kind }, i) => (kind === "clock" || kind === "time-without-unit") && looksLikeClock(rows[0]![i]!),
  );
  const elapsed = columns.findIndex(({ kind }) => kind === "elapsed");
  if (elapsed >= 0) {
    const { secondsPerUnit } = columns[elapsed] as Extract<LogColumn, { kind: "elapsed" }>;
    const timesS = Float64Array.from(cellsAt(elapsed), (cell, i) => {
      const time = looksLikeClock(cell) ? readElapsedClock(cell) : numberOf(cell) * secondsPerUnit;
      if (!Number.isFinite(time)) throw bad(i, cell);
      return time;
    });
    return { timesS, startedAt: startOf(clock < 0 ? undefined : rows[0]![clock], timesS[0]!) };
  }
  if (clock < 0)
    throw new LogError(
      "no-time",
      `The column "${columns.find(isTime)!.heading}" has no unit. Write it as "time/s", "time/min" or "time/h".`,
    );
  const column = columns[clock]!;
  const cells = cellsAt(clock);
  if (
    column.kind === "clock" &&
    column.runsFromZero &&
    cells.every((cell) => Number.isFinite(readElapsedClock(cell)))
  )
    return { timesS: Float64Array.from(cells, readElapsedClock), startedAt: null };
  return readClockTimes(cells, rowOf);
}

/** Clock time of the log's zero, from the clock of its first sample. */
function startOf(firstClock: string | undefined, firstS: number): string | null {
  if (firstClock === undefined) return null;
  const { startedAt } = readClockTimes([firstClock], () => 1);
  if (startedAt === null || firstS === 0) return startedAt;
  const zone = /(?:Z|[+-]\d\d:\d\d)$/.exec(startedAt)?.[0];
  // Moved as if in UTC, and written in its own zone again.
  const moved = new Date(Date.parse(`${startedAt.replace(/(?:Z|[+-]\d\d:\d\d)$/, "")}Z`) - firstS * 1000);
  return `${moved.toISOString().slice(0, -1)}${zone ?? ""}`;
}

function requireOrder(timesS: Float64Array, rowOf: (index: number) => number): void {
  const at = timesS.findIndex((time, i) => i > 0 && time < timesS[i - 1]!);
  if (at < 0) return;
  throw new LogError(
    "time-order",
    `Line ${rowOf(at)}: ${timesS[at]} s comes after ${timesS[at - 1]} s. The log holds several runs or is out of order: keep the run of these pictures.`,
  );
}

function readChannels(
  columns: readonly LogColumn[],
  rows: readonly string[][],
  rowOf: (index: number) => number,
  numberOf: (cell: string) => number,
): (ConditionChannel & { readonly heading: string })[] {
  const found = columns.flatMap((column, i) => (column.kind === "quantity" ? [{ ...column, i }] : []));
  return found.slice(0, maxChannels).map(({ heading, quantity, label, unit, i }) => {
    const values = Float64Array.from(rows, (cells, row) => {
      const value = numberOf(cells[i]!);
      // Infinity marks what is no number at all.
      if (value !== Number.POSITIVE_INFINITY) return value;
      throw new LogError(
        "bad-cell",
        `Line ${rowOf(row)}, "${heading}": expected a number, found "${cells[i]!.slice(0, 40)}". Correct the line or export the log again.`,
      );
    });
    return { heading, quantity, label, unit, values };
  });
}

/** EC-Lab: "Acquisition started on : 10/23/2026 14:05:32.120", month first unless the day says otherwise. */
function preambleStart(lines: readonly string[]): string | null {
  for (const line of lines) {
    const [, moment] = /^Acquisition started on\s*:\s*(.+?)\s*$/i.exec(line) ?? [];
    if (moment !== undefined && looksLikeClock(moment)) return readClockTimes([moment], () => 1).startedAt;
  }
  return null;
}
