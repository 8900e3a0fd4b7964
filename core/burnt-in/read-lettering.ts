import { boxGlyph, correlation, type InkBox } from "./glyph-box.ts";
import { glyphs } from "./glyphs.ts";
import type { GreyPlane } from "./grey-plane.ts";
import { type InkPart, inkParts } from "./ink-parts.ts";

/** Units that stand beside scale bars, and the letters they are written with. */
const unitWords = ["nm", "µm", "um", "mm", "pm", "Å", "1/nm"] as const;
export type BarUnit = "pm" | "Å" | "nm" | "µm" | "mm" | "1/nm";

/** A length as it is written in a picture. */
export interface LetteredLength {
  readonly value: number;
  readonly unit: BarUnit;
  /** How well the letters agree with known ones, 0-1. */
  readonly score: number;
  readonly box: InkBox;
}

interface Template {
  readonly aspect: number;
  readonly ink: Float64Array;
}

const templates: ReadonlyMap<string, readonly Template[]> = (() => {
  const byCharacter = new Map<string, Template[]>();
  for (const [character, aspect, ink] of glyphs) {
    const known = byCharacter.get(character) ?? [];
    known.push({ aspect, ink: Float64Array.from(ink, (digit) => Number.parseInt(digit, 16) / 15) });
    byCharacter.set(character, known);
  }
  return byCharacter;
})();

/** Height over that of the line's digits; a letter of another height is another letter. */
const heights: Readonly<Record<string, readonly [number, number]>> = {
  n: [0.5, 0.92],
  m: [0.5, 0.92],
  u: [0.5, 0.92],
  µ: [0.6, 1.2],
  p: [0.6, 1.2],
  Å: [0.9, 1.5],
  "/": [0.8, 1.4],
};
const digitHeight = [0.82, 1.12] as const;

const digits = [..."0123456789"];
/** A letter that agrees less is not that letter. */
const leastLetter = 0.45;
/** A reading that agrees less is not told. */
const leastReading = 0.62;
/** Space between words is at least this share of a digit's height. */
const wordGap = 0.22;
/** A decimal point is at most this share of a digit's height, and stands this near to the next digit. */
const pointShare = 0.36;
const afterPoint = 0.6;

/**
 * Finds a number with a unit of length ("200 nm", "0.5 µm") in an area of ink. Letters may touch. Everything else that
 * is drawn there is passed over.
 *
 * @param ink 0-255, 255 is the colour of the lettering
 * @returns the reading that agrees best with known letters, or undefined
 */
export function readLettering(ink: GreyPlane): LetteredLength | undefined {
  let best: LetteredLength | undefined;
  for (const chunk of chunksOf(inkParts(ink))) {
    for (const digitPx of digitHeights(chunk)) {
      const found = readChunk(ink, chunk, digitPx);
      if (found && found.score > (best?.score ?? leastReading)) best = found;
    }
  }
  return best;
}

/** Parts on one line, from left to right, broken where the space is wider than between a number and its unit. */
function chunksOf(parts: readonly InkPart[]): readonly (readonly InkPart[])[] {
  const chunks = new Map<string, readonly InkPart[]>();
  for (const seed of parts) {
    const height = seed.y1 - seed.y0 + 1;
    if (height < 5) continue;
    const line = parts
      .filter((part) => {
        const middle = (part.y0 + part.y1) / 2;
        return (
          middle >= seed.y0 - 0.3 * height &&
          middle <= seed.y1 + 0.35 * height &&
          part.y1 - part.y0 + 1 <= 1.6 * height
        );
      })
      .sort((a, b) => a.x0 - b.x0);
    let chunk: InkPart[] = [];
    const close = () => {
      if (chunk.length > 1 && chunk.length < 24)
        chunks.set(chunk.map((part) => `${part.x0},${part.y0}`).join(" "), chunk);
      chunk = [];
    };
    let right = Number.NEGATIVE_INFINITY;
    for (const part of line) {
      if (part.x0 - right > 1.3 * height) close();
      chunk.push(part);
      right = Math.max(right, part.x1);
    }
    close();
  }
  return [...chunks.values()];
}

/** A stretch of a part between two places where it may be cut. */
interface Stretch extends InkBox {
  readonly from: number;
  readonly to: number;
}

/** What has been read so far: digits, a point, digits, or letters of a unit. */
interface Reading {
  readonly number: string;
  readonly unit: string;
  /** Sum of score · width, and of width. */
  readonly sum: number;
  readonly width: number;
  readonly start: number;
}

/** Best readings by way of the places where letters can end. */
function readChunk(ink: GreyPlane, chunk: readonly InkPart[], digitPx: number): LetteredLength | undefined {
  const { stretches, places, gaps } = cutUp(ink, chunk, digitPx);
  const readings: Map<string, Reading>[] = Array.from({ length: places }, () => new Map());
  let best: LetteredLength | undefined;
  const keep = (at: number, reading: Reading) => {
    // Only what can still follow matters: the last letters of the number do not.
    const key = `${numberState(reading.number)}|${reading.unit}`;
    const known = readings[at]!.get(key);
    if (!known || reading.sum / reading.width > known.sum / known.width) readings[at]!.set(key, reading);
  };
  const baseline = baselineOf(chunk, digitPx);
  for (const stretch of stretches) {
    const arrivals = [...readings[stretch.from]!.values()];
    // A number does not begin in the middle of other letters, nor does a unit end there.
    if (gaps[stretch.from]! > wordGap * digitPx)
      arrivals.push({ number: "", unit: "", sum: 0, width: 0, start: stretch.from });
    const scoreOf = letterScores(ink, stretch, digitPx, baseline);
    const width = stretch.x1 - stretch.x0 + 1;
    for (const reading of arrivals) {
      for (const letter of nextLetters(reading)) {
        const score = scoreOf(letter);
        if (score < leastLetter) continue;
        const isUnit = reading.unit !== "" || !(digits.includes(letter) || letter === ".");
        const grown: Reading = {
          number: isUnit ? reading.number : reading.number + letter,
          unit: isUnit ? reading.unit + letter : "",
          sum: reading.sum + score * width,
          width: reading.width + width,
          start: reading.start,
        };
        keep(stretch.to, grown);
        if (gaps[stretch.to]! <= wordGap * digitPx) continue;
        const told = tell(grown, stretch, stretches);
        if (told && told.score > (best?.score ?? 0)) best = told;
      }
      // "1/nm" begins with a digit of its own.
      if (/^\d/.test(reading.number) && reading.unit === "") {
        const score = scoreOf("1");
        if (score >= leastLetter)
          keep(stretch.to, {
            ...reading,
            unit: "1",
            sum: reading.sum + score * width,
            width: reading.width + width,
          });
      }
    }
  }
  return best;
}

function numberState(number: string): string {
  if (number === "") return "";
  const point = number.indexOf(".");
  if (point < 0) return `${Math.min(number.length, 4)}`;
  return `.${Math.min(number.length - point - 1, 3)}`;
}

function nextLetters({ number, unit }: Reading): readonly string[] {
  if (unit !== "") {
    return unitWords.filter((w) => w.startsWith(unit) && w !== unit).map((w) => w[unit.length]!);
  }
  const letters: string[] = [];
  const point = number.indexOf(".");
  if (point < 0 ? number.length < 4 : number.length - point <= 3) letters.push(...digits);
  if (point < 0 && number.length > 0) letters.push(".");
  if (/\d$/.test(number)) letters.push("n", "µ", "u", "m", "p", "Å");
  return letters;
}

function tell(reading: Reading, end: Stretch, stretches: readonly Stretch[]): LetteredLength | undefined {
  if (!unitWords.some((word) => word === reading.unit)) return undefined;
  const value = Number(reading.number);
  if (!(value > 0) || /^0\d/.test(reading.number)) return undefined;
  const covered = stretches.filter((s) => s.from >= reading.start && s.to <= end.to);
  return {
    value,
    unit: reading.unit === "um" ? "µm" : (reading.unit as BarUnit),
    score: reading.sum / reading.width + roundness(value),
    box: {
      x0: Math.min(...covered.map((s) => s.x0)),
      y0: Math.min(...covered.map((s) => s.y0)),
      x1: Math.max(...covered.map((s) => s.x1)),
      y1: Math.max(...covered.map((s) => s.y1)),
    },
  };
}

/** Bars are nearly always 1, 2 or 5 times a power of ten: decides between readings that agree alike. */
function roundness(value: number): number {
  const mantissa = Number(value.toExponential().split("e")[0]);
  return [1, 2, 5].includes(mantissa) ? 0.03 : [2.5, 3, 4, 1.5].includes(mantissa) ? 0.015 : 0;
}

function letterScores(ink: GreyPlane, stretch: Stretch, digitPx: number, baseline: number) {
  const width = stretch.x1 - stretch.x0 + 1;
  const height = stretch.y1 - stretch.y0 + 1;
  const glyph = boxGlyph(ink, stretch);
  const isPoint =
    height <= pointShare * digitPx &&
    width <= pointShare * digitPx &&
    Math.abs(stretch.y1 - baseline) <= 0.2 * digitPx;
  const scores = new Map<string, number>();
  return (letter: string): number => {
    if (letter === ".") return isPoint ? 0.85 : 0;
    if (isPoint) return 0;
    const known = scores.get(letter);
    if (known !== undefined) return known;
    const [least, most] = heights[letter] ?? digitHeight;
    const relative = height / digitPx;
    let best = 0;
    if (relative >= least && relative <= most) {
      for (const template of templates.get(letter) ?? []) {
        const shape = 0.35 * Math.abs(Math.log(glyph.aspect / template.aspect));
        if (1 - shape <= best) continue;
        best = Math.max(best, correlation(glyph.ink, template.ink) - shape);
      }
    }
    scores.set(letter, best);
    return best;
  };
}

/** Digits are the tallest of what a length is written with, unless a µ below the line or a stain is taller. */
function digitHeights(chunk: readonly InkPart[]): readonly number[] {
  const [first = 0, second = first] = stacked(chunk)
    .map((part) => part.y1 - part.y0 + 1)
    .sort((a, b) => b - a);
  return first > 1.1 * second ? [first, second] : [first];
}

function baselineOf(chunk: readonly InkPart[], digitPx: number): number {
  const bottoms = chunk
    .filter((part) => part.y1 - part.y0 + 1 > 0.5 * digitPx)
    .map((part) => part.y1)
    .sort((a, b) => a - b);
  return bottoms[bottoms.length >> 1] ?? 0;
}

/** The most places at which one part may be cut. */
const mostCuts = 12;
/** Pieces of one letter stand no further apart than this share of a digit's height. */
const withinLetter = 0.2;

/** A piece of ink between two neighbouring places. */
interface Piece extends InkBox {
  /** Empty columns before it. */
  readonly gap: number;
}

/**
 * Every stretch between two places that may be a letter: a part, a piece of one (touching letters are cut at columns of
 * little ink), or neighbouring parts (thin strokes may be lost and leave a letter in two).
 */
function cutUp(ink: GreyPlane, chunk: readonly InkPart[], digitPx: number) {
  const pieces = piecesOf(ink, chunk, digitPx);
  /** Empty columns before each place; endless at both ends. */
  const gaps = [...pieces.map(({ gap }) => gap), Number.POSITIVE_INFINITY];
  const stretches: Stretch[] = [];
  for (let from = 0; from < pieces.length; from++) {
    const first = pieces[from]!;
    let [y0, y1] = [first.y0, first.y1];
    for (let to = from + 1; to <= pieces.length; to++) {
      const last = pieces[to - 1]!;
      const apart = to - 1 > from && last.gap > withinLetter * digitPx;
      if (apart || last.x1 - first.x0 + 1 > 2 * digitPx) break;
      [y0, y1] = [Math.min(y0, last.y0), Math.max(y1, last.y1)];
      const box = trimmed(ink, { x0: first.x0, x1: last.x1, y0, y1 });
      if (box) stretches.push({ ...box, from, to });
    }
  }
  return { stretches, places: pieces.length + 1, gaps };
}

function piecesOf(ink: GreyPlane, chunk: readonly InkPart[], digitPx: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let right = Number.NEGATIVE_INFINITY;
  let previous: InkBox | undefined;
  for (const part of stacked(chunk)) {
    // A number does not begin behind its own decimal point.
    const behindPoint = previous && isSmall(previous, digitPx) && part.x0 - right <= afterPoint * digitPx;
    const cuts = [part.x0, ...weakColumns(ink, part, digitPx), part.x1 + 1];
    for (let i = 0; i < cuts.length - 1; i++) {
      const gap = i > 0 || behindPoint ? 0 : part.x0 - right - 1;
      pieces.push({ x0: cuts[i]!, x1: cuts[i + 1]! - 1, y0: part.y0, y1: part.y1, gap });
    }
    right = Math.max(right, part.x1);
    previous = part;
  }
  return pieces;
}

/** Parts above one another are one letter: the ring over an Å, a stroke that came apart. */
function stacked(chunk: readonly InkPart[]): readonly InkBox[] {
  const boxes: InkBox[] = [];
  for (const part of chunk) {
    const last = boxes.at(-1);
    const common = last ? Math.min(last.x1, part.x1) - Math.max(last.x0, part.x0) + 1 : 0;
    if (last && common >= 0.6 * Math.min(last.x1 - last.x0 + 1, part.x1 - part.x0 + 1)) {
      boxes[boxes.length - 1] = {
        x0: Math.min(last.x0, part.x0),
        x1: Math.max(last.x1, part.x1),
        y0: Math.min(last.y0, part.y0),
        y1: Math.max(last.y1, part.y1),
      };
    } else {
      boxes.push(part);
    }
  }
  return boxes;
}

function isSmall(part: InkBox, digitPx: number): boolean {
  return Math.max(part.x1 - part.x0, part.y1 - part.y0) + 1 <= pointShare * digitPx;
}

function weakColumns(ink: GreyPlane, part: InkBox, digitPx: number): readonly number[] {
  const width = part.x1 - part.x0 + 1;
  if (width < 0.9 * digitPx) return [];
  const columns: { readonly x: number; readonly sum: number }[] = [];
  for (let x = part.x0 + 2; x <= part.x1 - 2; x++) {
    let sum = 0;
    for (let y = part.y0; y <= part.y1; y++) sum += ink.values[y * ink.width + x]!;
    columns.push({ x, sum });
  }
  const isMinimum = (i: number) =>
    columns[i]!.sum <= (columns[i - 1]?.sum ?? Number.POSITIVE_INFINITY) &&
    columns[i]!.sum <= (columns[i + 1]?.sum ?? Number.POSITIVE_INFINITY);
  return columns
    .filter((_, i) => isMinimum(i))
    .sort((a, b) => a.sum - b.sum)
    .slice(0, mostCuts)
    .map(({ x }) => x)
    .sort((a, b) => a - b);
}

/** The box without empty rows and columns at its borders. */
function trimmed(ink: GreyPlane, { x0, x1, y0, y1 }: InkBox): InkBox | undefined {
  const isInk = (x: number, y: number) => ink.values[y * ink.width + x]! >= 128;
  const rowHasInk = (y: number) => {
    for (let x = x0; x <= x1; x++) if (isInk(x, y)) return true;
    return false;
  };
  while (y0 <= y1 && !rowHasInk(y0)) y0++;
  while (y1 >= y0 && !rowHasInk(y1)) y1--;
  return y1 >= y0 ? { x0, x1, y0, y1 } : undefined;
}
