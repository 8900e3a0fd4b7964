import type { ConditionLog, ConditionQuantity } from "#core/micrograph/condition-log.ts";
import { envelopeOf, momentWords, type TimeSpan, timeTicks, valueWords } from "./log-lanes.ts";

export const laneHeight = 38;
export const axisHeight = 20;
/** Room for the lane's name at its left and its range at its right, CSS px. */
export const gutterLeft = 128;
export const gutterRight = 12;

export interface LogPicture {
  readonly log: ConditionLog;
  readonly offsetS: number;
  readonly span: TimeSpan;
  readonly frameTimesS: readonly number[];
  readonly frame: number;
  /** Mean recorded value of each frame, where they were asked for; null: not read yet. */
  readonly means: readonly (number | null)[] | null;
  /** Seconds since the first frame under the pointer. */
  readonly hoverS: number | null;
}

export interface LogColours {
  readonly background: string;
  readonly text: string;
  readonly dim: string;
  readonly hairline: string;
  readonly accent: string;
  readonly outside: string;
  /** Potential, current, temperature: told apart also by their lanes and names. */
  readonly traces: Readonly<Record<ConditionQuantity, string>>;
}

/** Traces in lanes of their own over one axis of time, frames as ticks, the current frame as a line. */
export function paintLog(canvas: HTMLCanvasElement, picture: LogPicture, colours: LogColours): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d");
  if (!context || w === 0) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  const plotWidth = Math.max(1, width - gutterLeft - gutterRight);
  const xOf = (timeS: number) =>
    gutterLeft + ((timeS - picture.span.from) / (picture.span.to - picture.span.from)) * plotWidth;
  const crisp = (x: number) => (Math.round(x * ratio) + 0.5) / ratio;
  const bottom = height - axisHeight;

  paintOutside(context, picture, colours, xOf, plotWidth);
  paintAxis(context, picture, colours, xOf, crisp, bottom, plotWidth);
  for (const lane of picture.log.channels.keys()) paintTrace(context, picture, lane, colours, plotWidth);
  if (picture.means) paintMeans(context, picture, picture.means, colours, xOf);
  context.strokeStyle = colours.hairline;
  context.lineWidth = 1 / ratio;
  for (let top = laneHeight; top < bottom - 1; top += laneHeight) {
    context.beginPath();
    context.moveTo(12, crisp(top));
    context.lineTo(width - gutterRight, crisp(top));
    context.stroke();
  }
  paintCursor(context, picture, colours, xOf, crisp, bottom);
}

type Place = (timeS: number) => number;

/** A channel of the log in its lane, every sample that falls into a column of pixels in it. */
function paintTrace(
  context: CanvasRenderingContext2D,
  { log, offsetS, span }: LogPicture,
  lane: number,
  colours: LogColours,
  plotWidth: number,
): void {
  const ratio = devicePixelRatio;
  const channel = log.channels[lane]!;
  const top = lane * laneHeight;
  const { from, to } = span;
  const onLog = { from: from + offsetS, to: to + offsetS };
  const columns = Math.round(plotWidth * ratio);
  const { low, high, min, max } = envelopeOf(log.timesS, channel.values, onLog, columns);
  const [padTop, room] = [top + 7, laneHeight - 14];
  const yOf = (value: number) =>
    max > min ? padTop + (1 - (value - min) / (max - min)) * room : padTop + room / 2;
  paintWords(context, colours, lane, channel.label, min, max, channel.unit);
  context.strokeStyle = colours.traces[channel.quantity];
  context.lineWidth = 1.25;
  context.lineJoin = "round";
  context.beginPath();
  let drawing = false;
  for (let column = 0; column < columns; column++) {
    if (Number.isNaN(low[column]!)) {
      drawing = false;
      continue;
    }
    const x = gutterLeft + (column + 0.5) / ratio;
    const [a, b] = [yOf(low[column]!), yOf(high[column]!)];
    if (drawing) context.lineTo(x, a);
    else context.moveTo(x, a);
    if (b !== a) context.lineTo(x, b);
    drawing = true;
  }
  context.stroke();
}

/** Name of a lane and what its values reach, left of it. */
function paintWords(
  context: CanvasRenderingContext2D,
  colours: LogColours,
  lane: number,
  label: string,
  min: number,
  max: number,
  unit: string,
): void {
  const top = lane * laneHeight;
  context.fillStyle = colours.text;
  context.fillText(label, 12, top + 13, gutterLeft - 24);
  context.fillStyle = colours.dim;
  const range = Number.isNaN(min)
    ? "none here"
    : max > min
      ? `${valueWords(min)} … ${valueWords(max)} ${unit}`
      : `${valueWords(min)} ${unit}`;
  context.fillText(range, 12, top + 27, gutterLeft - 20);
}

/** The frames' own values below the log's: a point a frame, joined where none is missing between. */
function paintMeans(
  context: CanvasRenderingContext2D,
  { log, frameTimesS }: LogPicture,
  means: readonly (number | null)[],
  colours: LogColours,
  xOf: Place,
): void {
  const lane = log.channels.length;
  const known = means.filter((mean) => mean !== null);
  let [low, high] = [known[0] ?? Number.NaN, known[0] ?? Number.NaN];
  for (const mean of known) [low, high] = [Math.min(low, mean), Math.max(high, mean)];
  paintWords(context, colours, lane, "mean of the frame", low, high, "");
  const yOf = (mean: number) =>
    lane * laneHeight + 7 + (high > low ? 1 - (mean - low) / (high - low) : 0.5) * (laneHeight - 14);
  context.save();
  context.beginPath();
  context.rect(
    gutterLeft,
    lane * laneHeight,
    context.canvas.clientWidth - gutterLeft - gutterRight,
    laneHeight,
  );
  context.clip();
  context.strokeStyle = colours.accent;
  context.fillStyle = colours.accent;
  context.beginPath();
  let joined = false;
  for (const [frame, mean] of means.entries()) {
    if (mean === null) {
      joined = false;
      continue;
    }
    const [x, y] = [xOf(frameTimesS[frame]!), yOf(mean)];
    if (joined) context.lineTo(x, y);
    else context.moveTo(x, y);
    joined = true;
    if (means.length <= 200) context.fillRect(x - 1.5, y - 1.5, 3, 3);
  }
  context.stroke();
  context.restore();
}

/** Where the log says nothing is darker: no value is carried on there. */
function paintOutside(
  context: CanvasRenderingContext2D,
  { log, offsetS }: LogPicture,
  colours: LogColours,
  xOf: Place,
  plotWidth: number,
): void {
  const bottom = log.channels.length * laneHeight;
  const right = gutterLeft + plotWidth;
  const clamp = (x: number) => Math.min(right, Math.max(gutterLeft, x));
  const begins = clamp(xOf(log.timesS[0]! - offsetS));
  const ends = clamp(xOf(log.timesS[log.timesS.length - 1]! - offsetS));
  context.fillStyle = colours.outside;
  context.fillRect(gutterLeft, 0, begins - gutterLeft, bottom);
  context.fillRect(ends, 0, right - ends, bottom);
}

function paintAxis(
  context: CanvasRenderingContext2D,
  { span, frameTimesS }: LogPicture,
  colours: LogColours,
  xOf: Place,
  crisp: Place,
  bottom: number,
  plotWidth: number,
): void {
  const right = gutterLeft + plotWidth;
  context.lineWidth = 1 / devicePixelRatio;
  context.strokeStyle = colours.hairline;
  context.fillStyle = colours.dim;
  context.textAlign = "center";
  for (const tick of timeTicks(span, plotWidth / 96)) {
    const x = xOf(tick);
    context.beginPath();
    context.moveTo(crisp(x), 0);
    context.lineTo(crisp(x), bottom);
    context.stroke();
    // Not where it would leave the picture.
    if (x > gutterLeft + 18 && x < right - 8) context.fillText(momentWords(tick), x, bottom + 13);
  }
  context.textAlign = "left";
  context.fillText("time since frame 1", 12, bottom + 13, gutterLeft - 24);
  context.fillStyle = colours.accent;
  let last = Number.NEGATIVE_INFINITY;
  for (const time of frameTimesS) {
    const x = xOf(time);
    if (x < gutterLeft || x > right || x - last < 1) continue;
    context.fillRect(Math.round(x) - 0.5, bottom - 1, 1, 5);
    last = x;
  }
}

function paintCursor(
  context: CanvasRenderingContext2D,
  { frameTimesS, frame, hoverS, span }: LogPicture,
  colours: LogColours,
  xOf: Place,
  crisp: Place,
  bottom: number,
): void {
  const line = (timeS: number, colour: string, width: number) => {
    if (timeS < span.from || timeS > span.to) return;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(crisp(xOf(timeS)), 0);
    context.lineTo(crisp(xOf(timeS)), bottom + 3);
    context.stroke();
  };
  if (hoverS !== null) line(hoverS, colours.dim, 1);
  const now = frameTimesS[frame];
  if (now === undefined) return;
  line(now, colours.accent, 1.5);
  if (now < span.from || now > span.to) return;
  context.fillStyle = colours.accent;
  context.beginPath();
  context.moveTo(xOf(now) - 5, 0);
  context.lineTo(xOf(now) + 5, 0);
  context.lineTo(xOf(now), 6);
  context.fill();
}
