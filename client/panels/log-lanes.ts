import { type ConditionLog, firstAtOrAfter } from "#core/micrograph/condition-log.ts";

/** A stretch of time on the screen, seconds since the first frame. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** One column of pixels of a trace: its least and greatest value, NaN where the log has none. */
export interface Envelope {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly min: number;
  readonly max: number;
}

const margin = 0.04;

/** The frames with a little room at their sides; a second where they share one moment. */
export function spanOfFrames(timesS: readonly number[]): TimeSpan {
  const [first = 0, last = 0] = [timesS[0], timesS.at(-1)];
  const room = (last - first || 1) * margin;
  return { from: first - room, to: last + room };
}

/** Frames and log together. */
export function spanOfAll(timesS: readonly number[], log: ConditionLog, offsetS: number): TimeSpan {
  const frames = spanOfFrames(timesS);
  const [first = 0, last = 0] = [log.timesS[0], log.timesS[log.timesS.length - 1]];
  const room = (last - first || 1) * margin;
  return {
    from: Math.min(frames.from, first - offsetS - room),
    to: Math.max(frames.to, last - offsetS + room),
  };
}

/** Nearer or farther about a moment that stays where it is; never nearer than a millisecond over the width. */
export function zoomSpan({ from, to }: TimeSpan, factor: number, aboutS: number): TimeSpan {
  const scale = Math.max(factor, 1e-3 / (to - from));
  return { from: aboutS - (aboutS - from) * scale, to: aboutS + (to - aboutS) * scale };
}

/**
 * A channel as columns of pixels: each holds every sample that falls into it, so that no peak is lost, and the line to
 * its neighbours.
 *
 * @param from, to the stretch on the log's own clock
 */
export function envelopeOf(
  timesS: ArrayLike<number>,
  values: ArrayLike<number>,
  { from, to }: TimeSpan,
  columns: number,
): Envelope {
  const low = new Float64Array(columns).fill(Number.NaN);
  const high = new Float64Array(columns).fill(Number.NaN);
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const put = (column: number, value: number) => {
    if (column < 0 || column >= columns) return;
    if (!(value >= low[column]!)) low[column] = value;
    if (!(value <= high[column]!)) high[column] = value;
    if (value < min) min = value;
    if (value > max) max = value;
  };
  const perColumn = (to - from) / columns;
  const columnOf = (timeS: number) => (timeS - from) / perColumn - 0.5;
  const start = Math.max(0, firstAtOrAfter(timesS, from) - 1);
  for (let i = start; i < timesS.length; i++) {
    const value = values[i]!;
    const at = columnOf(timesS[i]!);
    if (Number.isFinite(value)) {
      put(Math.round(at), value);
      const before = i > start ? values[i - 1]! : Number.NaN;
      if (Number.isFinite(before)) {
        const from = columnOf(timesS[i - 1]!);
        const span = at - from;
        // Between two samples that are columns apart, the line.
        for (let c = Math.max(0, Math.ceil(from)); c < Math.min(at, columns) && span > 1; c++)
          put(c, before + ((c - from) / span) * (value - before));
      }
    }
    if (timesS[i]! > to) break;
  }
  return { low, high, min: min > max ? Number.NaN : min, max: min > max ? Number.NaN : max };
}

/** Index of the frame taken nearest to a moment. */
export function nearestFrame(timesS: readonly number[], momentS: number): number {
  const after = Math.min(timesS.length - 1, firstAtOrAfter(timesS, momentS));
  const before = Math.max(0, after - 1);
  return Math.abs(timesS[before]! - momentS) <= Math.abs(timesS[after]! - momentS) ? before : after;
}

const clockSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
];

/** Round moments about `wanted` apart in number: tenths below a second, minutes and hours above. */
export function timeTicks({ from, to }: TimeSpan, wanted: number): readonly number[] {
  const least = (to - from) / Math.max(1, wanted);
  const decade = 10 ** Math.floor(Math.log10(least));
  const small = [1, 2, 5, 10].map((n) => n * decade).find((step) => step >= least)!;
  const step = least < 1 ? small : (clockSteps.find((s) => s >= least) ?? Math.ceil(least / 86_400) * 86_400);
  const ticks: number[] = [];
  for (let n = Math.ceil(from / step); n * step <= to; n++) ticks.push(n * step + 0); // no minus zero
  return ticks;
}

/** "0.5 s", "12 s", "3:05", "1:03:05": a moment since the first frame. */
export function momentWords(seconds: number): string {
  const sign = seconds < 0 ? "−" : "";
  const size = Math.abs(seconds);
  if (size < 60) return `${sign}${Number(size.toPrecision(3))} s`;
  const whole = Math.round(size);
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return sign + (h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`);
}

/** Four digits are what an instrument's reading is worth; a real minus sign. */
export function valueWords(value: number): string {
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5)
      ? value.toExponential(2)
      : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
}
