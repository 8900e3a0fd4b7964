import { glyphBox } from "#core/burnt-in/glyph-box.ts";
import { glyphs } from "#core/burnt-in/glyphs.ts";
import type { GreyPlane } from "#core/burnt-in/grey-plane.ts";
import { createNormal, createRandom } from "#core/random/generator.ts";

export interface DrawnPicture {
  readonly width: number;
  readonly height: number;
  readonly bar: {
    readonly x: number;
    readonly y: number;
    readonly length: number;
    readonly thickness: number;
  };
  readonly style: "solid" | "ticks" | "interrupted";
  readonly text: string;
  /** Height of its digits. */
  readonly digitPx: number;
  readonly colour: 0 | 255;
  /** Level of the picture behind, or a box of the other colour under bar and lettering. */
  readonly behind: "picture" | "box";
  /** Which of the known drawings of each letter. */
  readonly font: number;
  readonly seed: number;
}

const relativeHeight: Readonly<Record<string, number>> = { n: 0.73, m: 0.73, u: 0.73, µ: 0.95, p: 0.95 };

/** A noisy picture with a bar and its lettering drawn over it, as instruments do: the truth is what was asked for. */
export function drawPicture(asked: DrawnPicture): GreyPlane {
  const { width, height, bar, style, colour } = asked;
  const normal = createNormal(createRandom(asked.seed));
  const values = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const v = 118 + 30 * Math.sin(x / 31) * Math.cos(y / 47) + 14 * normal();
      values[y * width + x] = Math.max(0, Math.min(255, Math.round(v)));
    }
  }
  const put = (x: number, y: number, share: number) => {
    const i = y * width + x;
    values[i] = Math.round(values[i]! + (colour - values[i]!) * share);
  };
  const fill = (x0: number, y0: number, w: number, h: number) => {
    for (let y = y0; y < y0 + h; y++) for (let x = x0; x < x0 + w; x++) put(x, y, 1);
  };
  const textWidth = lettersOf(asked).reduce((sum, letter) => sum + letter.advance, 0);
  const middle = bar.x + bar.length / 2;
  const textX = Math.round(middle - textWidth / 2);
  const baseline =
    style === "interrupted"
      ? Math.round(bar.y + bar.thickness / 2 + asked.digitPx / 2)
      : bar.y - Math.round(0.5 * asked.digitPx);
  if (asked.behind === "box") {
    const y0 = Math.max(0, bar.y - 3 * asked.digitPx);
    values.fill(255 - colour, y0 * width);
  }
  if (style === "interrupted") {
    const gap = Math.round(textWidth / 2 + 6);
    fill(bar.x, bar.y, Math.round(bar.length / 2 - gap), bar.thickness);
    fill(Math.round(middle + gap), bar.y, bar.x + bar.length - Math.round(middle + gap), bar.thickness);
  } else {
    fill(bar.x, bar.y, bar.length, bar.thickness);
  }
  if (style === "ticks") {
    // Middles of the strokes stand at the ends of the length.
    for (const end of [bar.x - 1, bar.x + bar.length - 1]) fill(end, bar.y - 5, 2, bar.thickness + 10);
  }
  let x = textX;
  for (const letter of lettersOf(asked)) {
    drawLetter(letter, x, baseline, put);
    x += letter.advance;
  }
  return { width, height, values };
}

interface Letter {
  readonly ink: string | null;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly belowPx: number;
  readonly advance: number;
}

function lettersOf({ text, digitPx, font }: DrawnPicture): readonly Letter[] {
  const space = Math.max(2, Math.round(0.16 * digitPx));
  return [...text].map((character): Letter => {
    if (character === " ") return { ink: null, widthPx: 0, heightPx: 0, belowPx: 0, advance: 2 * space };
    if (character === ".") {
      const dot = Math.max(2, Math.round(0.16 * digitPx));
      return { ink: "f".repeat(140), widthPx: dot, heightPx: dot, belowPx: 0, advance: dot + space };
    }
    const known = glyphs.filter(([name]) => name === character);
    const [, aspect, ink] = known[font % known.length]!;
    const heightPx = Math.round(digitPx * (relativeHeight[character] ?? 1));
    const widthPx = Math.max(2, Math.round(heightPx * aspect));
    const belowPx = "µp".includes(character) ? Math.round(0.22 * digitPx) : 0;
    return { ink, widthPx, heightPx, belowPx, advance: widthPx + space };
  });
}

function drawLetter(
  { ink, widthPx, heightPx, belowPx }: Letter,
  x: number,
  baseline: number,
  put: (x: number, y: number, share: number) => void,
): void {
  if (!ink) return;
  for (let row = 0; row < heightPx; row++) {
    for (let column = 0; column < widthPx; column++) {
      const from = Math.floor(((row + 0.5) / heightPx) * glyphBox.height) * glyphBox.width;
      const cell = from + Math.floor(((column + 0.5) / widthPx) * glyphBox.width);
      put(x + column, baseline - heightPx + belowPx + row, Number.parseInt(ink[cell]!, 16) / 15);
    }
  }
}
