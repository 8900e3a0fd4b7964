import type { Point } from "#core/geometry/point.ts";
import { type DrawnBar, findBars } from "./find-bars.ts";
import type { InkBox } from "./glyph-box.ts";
import type { GreyPlane } from "./grey-plane.ts";
import { type BarUnit, type LetteredLength, readLettering } from "./read-lettering.ts";

/** A scale bar found in the pixels of a picture. A person confirms it before it calibrates anything. */
export interface FoundScaleBar {
  /** Its outer ends, image px. */
  readonly p: Point;
  readonly q: Point;
  /** Standard uncertainty of each end, px. */
  readonly endUPx: number;
  /** What is written beside it; absent where it could not be read. */
  readonly lettering?: {
    readonly value: number;
    readonly unit: BarUnit;
    /** How well the letters agree with known ones, 0-1. */
    readonly score: number;
  };
}

/** Ink this much stronger than the bar is something else's (a thin bar may be half as strong as its lettering). */
const otherInk = 1.6;
/** Black or white is tried for the lettering where it is this far from the bar and from its surroundings, of 255. */
const otherInkStep = 60;

/** An end drawn in pixels stands somewhere within one. */
const drawnEndUPx = 0.5;

/**
 * The burnt-in scale bar of a picture: a line of one colour that stands out from what is above and below it, with a
 * number and a unit of length beside, above, below or within it. Without readable lettering a bar is told only where
 * it is the one thick line of the darkest or brightest colour.
 *
 * @param planes what the picture is looked at in; positions are pixels of these planes
 * @returns undefined where there is none
 */
export function findScaleBar(planes: readonly GreyPlane[]): FoundScaleBar | undefined {
  let best: { readonly found: FoundScaleBar; readonly score: number } | undefined;
  for (const plane of planes) {
    const bars = findBars(plane);
    for (const bar of bars) {
      const area = bar.gap ?? around(plane, bar);
      const lettering = inksOf(planes, plane, bar, area)
        .map(readLettering)
        .filter((read) => read !== undefined)
        .filter((read) => bar.gap || !isLetter(bar, area, read.box))
        .reduce<LetteredLength | undefined>((a, b) => (a && a.score >= b.score ? a : b), undefined);
      if (!lettering) continue;
      const score = lettering.score + (bar.gap ? 0.1 : closeness(bar, lettering.box, area)) + strength(bar);
      if (best && score <= best.score) continue;
      const { value, unit } = lettering;
      const told = { value, unit, score: Math.min(1, lettering.score) };
      best = { found: { ...endsOf(plane, bar), lettering: told }, score };
    }
  }
  if (best) return best.found;
  for (const plane of planes) {
    const plain = onlyPlainBar(plane, findBars(plane));
    if (plain) return endsOf(plane, plain);
  }
  return undefined;
}

/** Where lettering that belongs to a bar stands. */
function around({ width, height }: GreyPlane, bar: DrawnBar): InkBox {
  const length = bar.x1 - bar.x0 + 1;
  const vertical = Math.max(24, Math.round(0.09 * height));
  const aside = Math.round(Math.max(60, Math.min(0.6 * length, 4 * vertical)));
  return {
    x0: Math.max(0, bar.x0 - aside),
    x1: Math.min(width - 1, bar.x1 + aside),
    y0: Math.max(0, bar.y0 - vertical),
    y1: Math.min(height - 1, bar.y1 + vertical),
  };
}

/** What lettering may be drawn in: a colour on a plane, and what is no ink there. */
interface InkColour {
  readonly plane: GreyPlane;
  readonly full: number;
  readonly none: number;
}

/**
 * The area as ink: 255 the colour of the lettering, 0 that of its surroundings; the bar itself left out. The colour is
 * the bar's, or else black or white; where the picture itself comes near it, only what is nearer still is ink.
 */
function inksOf(
  planes: readonly GreyPlane[],
  own: GreyPlane,
  bar: DrawnBar,
  area: InkBox,
): readonly GreyPlane[] {
  const colours: InkColour[] = [{ plane: own, full: bar.value, none: bar.background }];
  const lightness = planes[0]!;
  const usual = own === lightness ? bar.background : medianIn(lightness, area);
  for (const full of [0, 255]) {
    const known = own === lightness && Math.abs(full - bar.value) < otherInkStep;
    if (!known && Math.abs(full - usual) > otherInkStep)
      colours.push({ plane: lightness, full, none: usual });
  }
  return colours.flatMap((colour) => {
    const halfway = (colour.full + colour.none) / 2;
    return [inkOf(colour, bar, area), inkOf({ ...colour, none: halfway }, bar, area)];
  });
}

function inkOf({ plane, full, none }: InkColour, bar: DrawnBar, area: InkBox): GreyPlane {
  const { width, height, values } = plane;
  const x0 = Math.max(0, area.x0);
  const y0 = Math.max(0, area.y0);
  const w = Math.min(width - 1, area.x1) - x0 + 1;
  const h = Math.min(height - 1, area.y1) - y0 + 1;
  const ink = new Uint8Array(w * h);
  const scale = 255 / (full - none);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [px, py] = [x + x0, y + y0];
      if (!bar.gap && px >= bar.x0 - 1 && px <= bar.x1 + 1 && py >= bar.y0 - 1 && py <= bar.y1 + 1) continue;
      const share = (values[py * width + px]! - none) * scale;
      ink[y * w + x] = share > 255 * otherInk ? 0 : Math.max(0, Math.min(255, Math.round(share)));
    }
  }
  return { width: w, height: h, values: ink };
}

function medianIn({ width, height, values }: GreyPlane, area: InkBox): number {
  const counts = new Uint32Array(256);
  let n = 0;
  for (let y = Math.max(0, area.y0); y <= Math.min(height - 1, area.y1); y++) {
    for (let x = Math.max(0, area.x0); x <= Math.min(width - 1, area.x1); x++) {
      counts[values[y * width + x]!]!++;
      n++;
    }
  }
  let below = 0;
  return counts.findIndex((count) => {
    below += count;
    return below > n / 2;
  });
}

/** Lettering over the middle of a bar is that bar's: up to 0.08. */
function closeness(bar: DrawnBar, lettering: InkBox, area: InkBox): number {
  const middle = area.x0 + (lettering.x0 + lettering.x1) / 2;
  const away = Math.abs(middle - (bar.x0 + bar.x1) / 2) / (bar.x1 - bar.x0 + 1);
  const letterPx = lettering.y1 - lettering.y0 + 1;
  const top = area.y0 + lettering.y0;
  const apart = Math.max(bar.y0 - (top + letterPx), top - bar.y1, 0) / letterPx;
  return 0.08 * Math.max(0, 1 - 0.5 * away - 0.25 * apart);
}

/** Drawn in black or white, and closed by strokes: up to 0.1. */
function strength(bar: DrawnBar): number {
  const ticks = bar.leftTick !== undefined && bar.rightTick !== undefined;
  return 0.05 * (Math.abs(bar.value - bar.background) / 255) + (ticks ? 0.05 : 0);
}

/** A stroke of the lettering is not its bar. */
function isLetter(bar: DrawnBar, area: InkBox, lettering: InkBox): boolean {
  const inside = (x: number, y: number) =>
    x >= area.x0 + lettering.x0 - 1 &&
    x <= area.x0 + lettering.x1 + 1 &&
    y >= area.y0 + lettering.y0 - 1 &&
    y <= area.y0 + lettering.y1 + 1;
  return inside(bar.x0, bar.y0) || inside(bar.x1, bar.y1);
}

/** The length runs between the middles of the strokes across the ends, or else between the outer borders. */
function endsOf(plane: GreyPlane, bar: DrawnBar): FoundScaleBar {
  const y = (bar.y0 + bar.y1 + 1) / 2;
  const between =
    bar.leftTick !== undefined && bar.rightTick !== undefined
      ? [bar.leftTick, bar.rightTick]
      : [edge(plane, bar, bar.x0, -1), edge(plane, bar, bar.x1, 1)];
  return { p: { x: between[0]!, y }, q: { x: between[1]!, y }, endUPx: drawnEndUPx };
}

/** Where the mean over the thickness passes half way to the surroundings. */

function edge({ width, values }: GreyPlane, bar: DrawnBar, x: number, outwards: 1 | -1): number {
  const mean = (column: number) => {
    const c = Math.max(0, Math.min(width - 1, column));
    let sum = 0;
    for (let row = bar.y0; row <= bar.y1; row++) sum += values[row * width + c]!;
    return sum / (bar.y1 - bar.y0 + 1);
  };
  const inside = bar.value;
  // JPEG's ripples end a run too early: on as long as it is more bar than picture.
  let last = x;
  const isBar = (v: number) => Math.abs(v - inside) < 0.25 * Math.abs(bar.background - inside);
  while (Math.abs(last + outwards - x) <= 4 && isBar(mean(last + outwards))) last += outwards;
  const outside = mean(last + 2 * outwards);
  // The pixel beside the last whole one is bar for this share.
  const share = inside === outside ? 0 : (mean(last + outwards) - outside) / (inside - outside);
  const border = outwards === 1 ? last + 1 : last;
  return border + outwards * Math.max(0, Math.min(1, share));
}

function onlyPlainBar(plane: GreyPlane, bars: readonly DrawnBar[]): DrawnBar | undefined {
  const strong = bars.filter(
    (bar) =>
      !bar.gap &&
      (bar.value <= 6 || bar.value >= 249) &&
      bar.y1 - bar.y0 >= 2 &&
      bar.x1 - bar.x0 >= 0.04 * plane.width,
  );
  return strong.length === 1 ? strong[0] : undefined;
}
