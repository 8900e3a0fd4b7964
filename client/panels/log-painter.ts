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
}

/** Potential, current, temperature: told apart also by their lanes and names. */
export const traceColours: Readonly<Record<ConditionQuantity, string>> = {
  potential: "#5aa9e6",
  current: "#e0a44c",
  temperature: "#e4716b",
};

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

  paintOutside(context, picture, colours, xOf, bottom, plotWidth);
  paintAxis(context, picture, colours, xOf, crisp, bottom, plotWidth);
  for (const [lane, channel] of picture.log.channels.entries()) {
    const top = lane * laneHeight;
    const { from, to } = picture.span;
    const onLog = { from: from + picture.offsetS, to: to + picture.offsetS };
    const columns = Math.round(plotWidth * ratio);
    const { low, high, min, max } = envelopeOf(picture.log.timesS, channel.values, onLog, columns);
    const [padTop, room] = [top + 7, laneHeight - 14];
    const yOf = (value: number) =>
      max > min ? padTop + (1 - (value - min) / (max - min)) * room : padTop + room / 2;
    context.fillStyle = colours.text;
    context.fillText(channel.label, 12, top + 13, gutterLeft - 24);
    context.fillStyle = colours.dim;
    const range = Number.isNaN(min)
      ? "none here"
      : max > min
        ? `${valueWords(min)} … ${valueWords(max)} ${channel.unit}`
        : `${valueWords(min)} ${channel.unit}`;
    context.fillText(range, 12, top + 27, gutterLeft - 20);
    context.strokeStyle = traceColours[channel.quantity];
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
    if (lane > 0) {
      context.strokeStyle = colours.hairline;
      context.lineWidth = 1 / ratio;
      context.beginPath();
      context.moveTo(12, crisp(top));
      context.lineTo(width - gutterRight, crisp(top));
      context.stroke();
    }
  }
  paintCursor(context, picture, colours, xOf, crisp, bottom);
}

type Place = (timeS: number) => number;

/** Where the log says nothing is darker: no value is carried on there. */
function paintOutside(
  context: CanvasRenderingContext2D,
  { log, offsetS }: LogPicture,
  colours: LogColours,
  xOf: Place,
  bottom: number,
  plotWidth: number,
): void {
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
