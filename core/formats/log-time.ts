import { LogError } from "./log-error.ts";

const daySeconds = 86_400;
const clockOfDay = /^(\d{1,4}):(\d{1,2})(?::(\d{1,2}(?:[.,]\d+)?))?\s*(am|pm)?$/i;
const isoDate =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/i;
const otherDate =
  /^(\d{1,4})([./])(\d{1,2})\2(\d{1,4})[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*(am|pm)?$/i;

/** A clock time of a log: seconds that only differences of are used, and the moment they count from. */
export interface ClockTimes {
  /** Seconds since the first one; a clock that passes midnight goes on. */
  readonly timesS: Float64Array;
  /** Of the first one, ISO 8601; null where the cells give no date, or one whose day and month cannot be told apart. */
  readonly startedAt: string | null;
}

/** Whether a cell is written as h:min:s or as a date with a time. */
export function looksLikeClock(cell: string): boolean {
  return clockOfDay.test(cell) || isoDate.test(cell) || otherDate.test(cell);
}

/**
 * @param rowOf the line of the file that a cell stands in, for the sentence of a refusal
 * @throws LogError "bad-cell"
 */
export function readClockTimes(cells: readonly string[], rowOf: (index: number) => number): ClockTimes {
  const dayFirst = dayComesFirst(cells);
  const timesS = new Float64Array(cells.length);
  let days = 0;
  let last = Number.NEGATIVE_INFINITY;
  let firstDate: string | null = null;
  for (const [i, cell] of cells.entries()) {
    const moment = readMoment(cell, dayFirst);
    if (!moment)
      throw new LogError(
        "bad-cell",
        `Line ${rowOf(i)}: expected a time such as 14:05:32 or 2026-03-01 14:05:32, found "${cell.slice(0, 40)}". Correct the line or export the log again.`,
      );
    if (i === 0) firstDate = moment.iso;
    // A time of day that falls by half a day or more has passed midnight.
    if (!moment.dated && moment.seconds + days * daySeconds < last - daySeconds / 2) days++;
    timesS[i] = moment.seconds + days * daySeconds;
    last = timesS[i]!;
  }
  const zero = timesS[0] ?? 0;
  return { timesS: timesS.map((time) => round(time - zero)), startedAt: firstDate };
}

/** Times of h:min:s as elapsed seconds, as they stand. */
export function readElapsedClock(cell: string): number {
  const [, hours, minutes, seconds] = clockOfDay.exec(cell) ?? [];
  if (hours === undefined) return Number.NaN;
  return round(Number(hours) * 3600 + Number(minutes) * 60 + number(seconds ?? "0"));
}

interface Moment {
  readonly seconds: number;
  readonly dated: boolean;
  readonly iso: string | null;
}

function readMoment(cell: string, dayFirst: boolean | null): Moment | undefined {
  const iso = isoDate.exec(cell);
  if (iso) {
    const [, year, month, day, hour, minute, second = "0", zone = ""] = iso;
    return dated(Number(year), Number(month), Number(day), Number(hour), Number(minute), second, zone);
  }
  const other = otherDate.exec(cell);
  if (other) {
    const [, a, separator, b, c, hour, minute, second = "0", half] = other;
    const hours = halfDay(Number(hour), half);
    if (a!.length === 4) return dated(Number(a), Number(b), Number(c), hours, Number(minute), second, "");
    const dayLeads = separator === "." || dayFirst !== false;
    const [day, month] = dayLeads ? [a, b] : [b, a];
    const year = c!.length === 2 ? 2000 + Number(c) : Number(c);
    const moment = dated(year, Number(month), Number(day), hours, Number(minute), second, "");
    const told = separator === "." || dayFirst !== null;
    return moment && (told ? moment : { ...moment, iso: null });
  }
  const [, hours, minutes, seconds = "0", half] = clockOfDay.exec(cell) ?? [];
  if (hours === undefined) return undefined;
  const value = halfDay(Number(hours), half) * 3600 + Number(minutes) * 60 + number(seconds);
  return { seconds: value, dated: false, iso: null };
}

function dated(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: string,
  zone: string,
): Moment | undefined {
  const two = (n: number) => String(n).padStart(2, "0");
  const [whole = "0", fraction = ""] = second.replace(",", ".").split(".");
  const told = fraction === "" ? "" : `.${fraction}`;
  const minutePart = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${whole.padStart(2, "0")}`;
  const offset = zone.toUpperCase() === "Z" || zone === "" ? "Z" : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const milliseconds = Date.parse(`${minutePart}${offset}`);
  if (!Number.isFinite(milliseconds)) return undefined;
  const seconds = milliseconds / 1000 + (fraction === "" ? 0 : Number(`0.${fraction}`));
  return { seconds, dated: true, iso: `${minutePart}${told}${zone === "" ? "" : offset}` };
}

/**
 * 23/10/2026 leads with the day, 10/23/2026 with the month. null where no line tells: then only a log within one day
 * can be read, in which it makes no difference. @throws LogError "bad-cell" where it does
 */
function dayComesFirst(cells: readonly string[]): boolean | null {
  const dates = new Set<string>();
  for (const cell of cells) {
    const [, a, separator, b, c] = otherDate.exec(cell) ?? [];
    if (separator !== "/" || a!.length === 4) continue;
    if (Number(a) > 12) return true;
    if (Number(b) > 12) return false;
    dates.add(`${a}/${b}/${c}`);
  }
  if (dates.size <= 1) return null;
  throw new LogError(
    "bad-cell",
    `Dates such as ${[...dates].slice(0, 2).join(" and ")} do not say which number is the day. Write them as 2026-03-01, or export the time in seconds.`,
  );
}

function halfDay(hour: number, half: string | undefined): number {
  if (!half) return hour;
  return (hour % 12) + (half.toLowerCase() === "pm" ? 12 : 0);
}

const number = (text: string) => Number(text.replace(",", "."));
/** Differences of moments of this century carry a tenth of a microsecond of rounding. */
const round = (seconds: number) => Math.round(seconds * 1e6) / 1e6;
