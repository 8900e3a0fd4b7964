/** What a log recorded beside the pictures. Other columns are named in `leftOut`, not interpreted. */
export const conditionQuantities = ["potential", "current", "temperature"] as const;
export type ConditionQuantity = (typeof conditionQuantities)[number];

/** One column of a log, as recorded: no unit is converted. */
export interface ConditionChannel {
  readonly quantity: ConditionQuantity;
  /** The column's own name: "Ewe", "<I>", "T". */
  readonly label: string;
  /** As written, its spelling made uniform: "V", "mA", "µA", "°C", "K". */
  readonly unit: string;
  /** One a sample; NaN where the cell was empty. */
  readonly values: ArrayLike<number>;
}

/** A table over time: potential, current, temperature of an experiment while frames were taken. */
export interface ConditionLog {
  /** Seconds on the log's own clock, never falling: its elapsed time, or seconds since its first clock time. */
  readonly timesS: ArrayLike<number>;
  /** Clock time at which `timesS` is 0, ISO 8601, with a zone only where the log has one; null where it says none. */
  readonly startedAt: string | null;
  readonly channels: readonly ConditionChannel[];
  /** Columns that are there and were not read. */
  readonly leftOut: readonly string[];
}

export interface Condition {
  readonly quantity: ConditionQuantity;
  readonly label: string;
  readonly unit: string;
  readonly value: number;
}

/**
 * The conditions at one moment of the log: linear between the two samples around it, each channel for itself. Outside
 * the log, and beside an empty cell, there is no value: nothing is carried on or extrapolated.
 *
 * @param timeS on the log's own clock
 */
export function conditionsAt({ timesS, channels }: ConditionLog, timeS: number): readonly Condition[] {
  const after = firstAtOrAfter(timesS, timeS);
  if (after === timesS.length || (after === 0 && timesS[0] !== timeS)) return [];
  const exact = timesS[after] === timeS;
  const before = exact ? lastEqual(timesS, after) : after - 1;
  const span = exact ? 0 : timesS[after]! - timesS[before]!;
  const share = exact ? 0 : (timeS - timesS[before]!) / span;
  return channels.flatMap(({ quantity, label, unit, values }) => {
    const low = values[before]!;
    const value = exact ? low : low + share * (values[after]! - low);
    return Number.isFinite(value) ? [{ quantity, label, unit, value }] : [];
  });
}

/** Where a sample with this time or a later one stands; the number of samples where there is none. */
export function firstAtOrAfter(timesS: ArrayLike<number>, timeS: number): number {
  let [low, high] = [0, timesS.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timesS[middle]! < timeS) low = middle + 1;
    else high = middle;
  }
  return Number.isNaN(timeS) ? timesS.length : low;
}

/** Of samples at one time (a switch of the potential) the last one counts. */
function lastEqual(timesS: ArrayLike<number>, at: number): number {
  let last = at;
  while (last + 1 < timesS.length && timesS[last + 1] === timesS[at]) last++;
  return last;
}

/**
 * Seconds from the first frame: the file's own times, or a regular interval that a person gave where the file has none.
 * null where neither is known.
 */
export function frameTimeS(
  frameTimesS: readonly number[] | null,
  frameIntervalS: number | null,
  frame: number,
): number | null {
  const [first, own] = [frameTimesS?.[0], frameTimesS?.[frame]];
  if (first !== undefined && own !== undefined) return own - first;
  return frameIntervalS === null ? null : frame * frameIntervalS;
}

/**
 * How many seconds after the log's zero the first frame was taken, told by the clocks of both; null where one of them
 * gives no clock time, or only one of them a zone.
 */
export function offsetByClocks(
  logStartedAt: string | null,
  firstFrameAt: string | null | undefined,
): number | null {
  if (!logStartedAt || !firstFrameAt) return null;
  if (hasZone(logStartedAt) !== hasZone(firstFrameAt)) return null;
  const zoned = (text: string) => Date.parse(hasZone(text) ? text : `${text}Z`);
  const seconds = (zoned(firstFrameAt) - zoned(logStartedAt)) / 1000;
  return Number.isFinite(seconds) ? seconds : null;
}

const hasZone = (iso: string) => /(?:Z|[+-]\d\d:?\d\d)$/.test(iso);
