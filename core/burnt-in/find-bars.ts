import type { InkBox } from "./glyph-box.ts";
import type { GreyPlane } from "./grey-plane.ts";

/** A horizontal line somebody drew over a picture, as a scale bar may be. */
export interface DrawnBar extends InkBox {
  /** Its colour, and the usual one just above and below it, 0-255. */
  readonly value: number;
  readonly background: number;
  /** Middle of the stroke across each end, where there is one, px: what the length is measured between. */
  readonly leftTick?: number;
  readonly rightTick?: number;
  /** Where the line is interrupted for its lettering. */
  readonly gap?: InkBox;
}

/** Pixels of one colour differ by no more (JPEG leaves ripples). */
const sameColour = 14;
/** The picture beside a bar differs at least by this from it … */
const otherColour = 40;
/** … along this share of its length, above and below. */
const clearShare = 0.8;
const mostBars = 60;

interface Run {
  readonly x0: number;
  readonly x1: number;
  readonly value: number;
}
interface Growing extends Run {
  readonly y0: number;
  y1: number;
}

/**
 * Horizontal rectangles of one colour whose long sides stand out from the picture: bars, lines with strokes at their
 * ends, and pairs of lines with a gap for the lettering. Frames of tables are left out. Longest first, at most 60.
 */
export function findBars(plane: GreyPlane): readonly DrawnBar[] {
  const bars = rectangles(plane)
    .map((rectangle) => asBar(plane, rectangle))
    .filter((bar) => bar !== undefined);
  return [...joined(bars), ...bars].sort((a, b) => lengthOf(b) - lengthOf(a)).slice(0, mostBars);
}

const lengthOf = (bar: InkBox) => bar.x1 - bar.x0 + 1;

/** Runs of one colour that begin and end in the same columns on neighbouring rows. */
function rectangles(plane: GreyPlane): readonly Growing[] {
  const { width, height } = plane;
  const shortest = Math.max(8, Math.round(0.02 * width));
  const thickest = Math.max(4, Math.round(0.06 * height));
  const finished: Growing[] = [];
  let growing: Growing[] = [];
  const close = (rectangle: Growing) => {
    const thickness = rectangle.y1 - rectangle.y0 + 1;
    const inside = rectangle.y0 > 0 && rectangle.y1 < height - 1;
    if (inside && thickness <= thickest && thickness * 2.8 <= lengthOf({ ...rectangle }))
      finished.push(rectangle);
  };
  for (let y = 0; y < height; y++) {
    const next: Growing[] = [];
    let candidate = 0;
    for (const run of runsOf(plane, y, shortest)) {
      while (candidate < growing.length && growing[candidate]!.x0 < run.x0 - 1) close(growing[candidate++]!);
      const above = growing[candidate];
      const continues =
        above &&
        Math.abs(above.x0 - run.x0) <= 1 &&
        Math.abs(above.x1 - run.x1) <= 1 &&
        Math.abs(above.value - run.value) <= sameColour;
      if (continues) {
        above.y1 = y;
        next.push(above);
        candidate++;
      } else {
        next.push({ ...run, y0: y, y1: y });
      }
    }
    while (candidate < growing.length) close(growing[candidate++]!);
    growing = next;
  }
  for (const rectangle of growing) close(rectangle);
  return finished;
}

function runsOf({ width, values }: GreyPlane, y: number, shortest: number): readonly Run[] {
  const runs: Run[] = [];
  const longest = 0.95 * width;
  const row = y * width;
  let from = 0;
  let first = values[row]!;
  for (let x = 1; x <= width; x++) {
    const v = x < width ? values[row + x]! : -1000;
    if (Math.abs(v - first) <= sameColour) continue;
    const length = x - from;
    // A run that touches the border is background.
    if (length >= shortest && length <= longest && from > 0 && x < width) {
      runs.push({ x0: from, x1: x - 1, value: values[row + from + (length >> 1)]! });
    }
    from = x;
    first = v;
  }
  return runs;
}

function asBar(plane: GreyPlane, rectangle: Growing): DrawnBar | undefined {
  const { x0, x1, y0, y1, value } = rectangle;
  const length = lengthOf(rectangle);
  const beside: number[] = [];
  for (const [near, far] of [
    [y0 - 1, y0 - 2],
    [y1 + 1, y1 + 2],
  ] as const) {
    let clear = 0;
    for (let x = x0; x <= x1; x++) {
      const v = strongest(plane, x, near, far, value);
      if (Math.abs(v - value) >= otherColour) clear++;
      beside.push(v);
    }
    // Strokes at the ends and in between take some columns away.
    if (clear < clearShare * length - 4) return undefined;
  }
  const background = beside.sort((a, b) => a - b)[beside.length >> 1]!;
  if (Math.abs(background - value) < otherColour) return undefined;
  const left = strokeAt(plane, rectangle, x0, 1);
  const right = strokeAt(plane, rectangle, x1, -1);
  for (const side of ["up", "down"] as const) {
    const reach = Math.min(left[side], right[side]);
    if (reach < 2) continue;
    if (reach > length || isClosed(plane, rectangle, side === "up" ? y0 - reach : y1 + reach))
      return undefined;
  }
  return {
    ...{ x0, x1, y0, y1, value, background },
    ...(left.reach > 1 && { leftTick: left.middle }),
    ...(right.reach > 1 && { rightTick: right.middle }),
  };
}

/** Of two rows beside a bar, the value that differs more: the nearer one may be half bar. */
function strongest(plane: GreyPlane, x: number, near: number, far: number, value: number): number {
  const a = at(plane, x, near, value);
  const b = at(plane, x, far, a);
  return Math.abs(b - value) > Math.abs(a - value) ? b : a;
}

/** How far a stroke across an end reaches above and below the line, and the middle of its columns. */
function strokeAt(plane: GreyPlane, bar: Growing, x: number, inwards: 1 | -1) {
  const isBar = (c: number, y: number) => Math.abs(at(plane, c, y, 1000) - bar.value) <= 2 * sameColour;
  const columnAt = (i: number) => {
    const c = x + inwards * i;
    let [up, down] = [0, 0];
    while (isBar(c, bar.y0 - 1 - up)) up++;
    while (isBar(c, bar.y1 + 1 + down)) down++;
    return { c, up, down, reach: up + down };
  };
  const columns = [0, 1, 2, 3].map(columnAt);
  // What all columns have is no stroke but the blur of the line.
  const blur = columnAt(7).reach;
  const { up, down, reach } = columns.reduce((a, b) => (b.reach > a.reach ? b : a));
  if (reach <= 2 * blur) return { up: 0, down: 0, reach: 0, middle: x };
  const stroke = columns.filter((column) => column.reach > 0.5 * reach);
  return { up, down, reach, middle: (stroke[0]!.c + stroke.at(-1)!.c + 1) / 2 };
}

/** Whether another line of the same colour runs along there: then it is a frame. */
function isClosed(plane: GreyPlane, bar: Growing, y: number): boolean {
  for (let row = y - 1; row <= y + 1; row++) {
    let same = 0;
    for (let x = bar.x0; x <= bar.x1; x++) {
      if (Math.abs(at(plane, x, row, 1000) - bar.value) <= 2 * sameColour) same++;
    }
    if (same > 0.8 * lengthOf(bar)) return true;
  }
  return false;
}

/** Two lines of one colour on the same rows, about equally long, with room for lettering between them. */
function joined(bars: readonly DrawnBar[]): readonly DrawnBar[] {
  const pairs: DrawnBar[] = [];
  for (const left of bars) {
    for (const right of bars) {
      const gapPx = right.x0 - left.x1 - 1;
      const [a, b] = [lengthOf(left), lengthOf(right)];
      const fits =
        gapPx >= 6 &&
        gapPx <= 2 * (a + b) &&
        Math.abs(left.y0 - right.y0) <= 1 &&
        Math.abs(left.y1 - right.y1) <= 1 &&
        Math.abs(left.value - right.value) <= sameColour &&
        Math.abs(a - b) <= Math.max(4, 0.3 * Math.max(a, b));
      if (!fits) continue;
      const middle = (left.y0 + left.y1) / 2;
      const reach = Math.max(8, Math.round(0.6 * gapPx));
      const { rightTick: _, ...start } = left;
      pairs.push({
        ...start,
        x1: right.x1,
        ...(right.rightTick !== undefined && { rightTick: right.rightTick }),
        gap: {
          x0: left.x1 + 1,
          x1: right.x0 - 1,
          y0: Math.floor(middle - reach),
          y1: Math.ceil(middle + reach),
        },
      });
    }
  }
  return pairs;
}

function at({ width, height, values }: GreyPlane, x: number, y: number, outside: number): number {
  return x < 0 || y < 0 || x >= width || y >= height ? outside : values[y * width + x]!;
}
