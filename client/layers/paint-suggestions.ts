import type { GuestPainter } from "#client/state/guest-painter-store.ts";
import { toScreen } from "#client/viewer/frames.ts";
import type { ImageBox, ViewState } from "#client/viewer/micrograph-viewer.ts";
import { imagePoint } from "#core/geometry/point.ts";
import type { SuggestionShape } from "#core/protocol/api/suggestions.ts";
import { type FlatRing, flatRing } from "./flat-ring.ts";
import { addEndTicks, strokeStyled, traceRing } from "./paint-marks.ts";
import { paintTag } from "./paint-tag.ts";

const style = { key: "suggestion", colour: "#e8ecef", dash: [5, 4], double: false } as const;
const pointedStyle = { ...style, key: "pointed", colour: "#3fd0c0" } as const;
const pointRadiusPx = 7;

/** Above this many in view they go without dashes and dark edge: dashing thousands of outlines takes longer than a frame. */
const fineUpTo = 300;

/**
 * Marks that another program left in the file, where they would come to lie: dashed outlines without handles or filling,
 * so that nobody takes them for marks. The one that is pointed out in the list comes last, in the accent, with its name.
 */
export function suggestionPainter(
  suggestions: readonly SuggestionShape[],
  pointedId: string | null,
): GuestPainter {
  const outlines = suggestions.map(outlineOf);
  return (context, view, frame) => {
    const here = outlines.filter(({ one }) => one.frame === "all" || one.frame === frame);
    const pointed = here.find(({ one }) => one.id === pointedId);
    const rest = here.filter((outline) => outline !== pointed && isInView(outline.box, view));
    const path = new Path2D();
    for (const outline of rest) traceOutline(path, view, outline);
    strokeStyled(context, path, style, rest.length <= fineUpTo);
    if (pointed) paintPointed(context, view, pointed);
  };
}

function paintPointed(context: CanvasRenderingContext2D, view: ViewState, outline: SuggestionOutline) {
  const path = new Path2D();
  traceOutline(path, view, outline);
  strokeStyled(context, path, pointedStyle, true, 2.25);
  const { label, points } = outline.one;
  if (!label) return;
  const [x, y] = points.reduce((top, point) => (point[1] < top[1] ? point : top));
  const at = toScreen(view, imagePoint(x, y));
  paintTag(context, label, at.x + 8, at.y - 26, pointedStyle.colour);
}

interface SuggestionOutline {
  readonly one: SuggestionShape;
  readonly ring: FlatRing;
  readonly box: ImageBox;
}

function outlineOf(one: SuggestionShape): SuggestionOutline {
  const vertices = one.points.map(([x, y]) => imagePoint(x, y));
  return { one, ring: flatRing(vertices, one.closed), box: boxAround(one, 0) };
}

function isInView(box: ImageBox, { corner, scale, widthPx, heightPx }: ViewState): boolean {
  const margin = pointRadiusPx / scale;
  return (
    box.maxX + margin >= corner.x &&
    box.maxY + margin >= corner.y &&
    box.minX - margin <= corner.x + widthPx / scale &&
    box.minY - margin <= corner.y + heightPx / scale
  );
}

function traceOutline(path: Path2D, view: ViewState, { one, ring }: SuggestionOutline) {
  if (one.points.length === 1) {
    const { x, y } = toScreen(view, imagePoint(...one.points[0]!));
    path.moveTo(x + pointRadiusPx, y);
    path.arc(x, y, pointRadiusPx, 0, 2 * Math.PI);
  } else traceRing(path, view, ring);
  if (one.kind === "measurement-line") addEndTicks(path, view, ring);
}

/** A suggestion with its surroundings, at least so many image px along either side: a point has no size of its own. */
export function boxAround({ points }: Pick<SuggestionShape, "points">, leastSide: number): ImageBox {
  const [minX, maxX] = widened(
    points.map(([x]) => x),
    leastSide,
  );
  const [minY, maxY] = widened(
    points.map(([, y]) => y),
    leastSide,
  );
  return { minX, minY, maxX, maxY };
}

function widened(along: readonly number[], least: number): readonly [number, number] {
  const [from, to] = [Math.min(...along), Math.max(...along)];
  const missing = Math.max(0, least - (to - from)) / 2;
  return [from - missing, to + missing];
}
