import { lengthLabel } from "#client/tools/number-label.ts";
import type { Frame } from "#client/viewer/frames.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { FlatRing } from "./flat-ring.ts";
import type { Mark } from "./mark-index.ts";
import type { MarkStyle } from "./mark-style.ts";
import { paintTag } from "./paint-tag.ts";

/** Outlines drawn by one fill and one stroke: many enough to be cheap, few enough to stop between them. */
const chunkOutlines = 64;
/** Sides in screen px below which an outline is drawn as a box, by every 4th and by every 2nd vertex. */
const boxBelowPx = 3;
const everyFourthBelowPx = 14;
const everySecondBelowPx = 40;
/** Above this many marks in view, outlines go without their dark edge, and patterns only to large ones. */
const fineUpTo = 1500;
const labelsUpTo = 150;
export const strokeWidthPx = 1.75;

interface Chunk {
  readonly style: MarkStyle;
  readonly marks: readonly Mark[];
}

/**
 * Work that paints `marks` in pieces: each call of the returned function paints one piece and says whether more is left.
 * Marks of one style are painted together, lowest first; order between styles follows their first mark.
 */
export function markPainter(
  context: CanvasRenderingContext2D,
  frame: Frame,
  marks: readonly Mark[],
  calibration: Calibration,
): () => boolean {
  const fine = marks.length <= fineUpTo;
  const chunks = chunksOf(marks);
  let next = 0;
  return () => {
    const chunk = chunks[next++];
    if (chunk) {
      paintChunk(context, frame, chunk, fine);
      return true;
    }
    if (marks.length <= labelsUpTo) for (const mark of marks) paintLabel(context, frame, mark, calibration);
    return false;
  };
}

function chunksOf(marks: readonly Mark[]): Chunk[] {
  const byStyle = new Map<string, Mark[]>();
  for (const mark of marks) {
    const same = byStyle.get(mark.style.key);
    if (same) same.push(mark);
    else byStyle.set(mark.style.key, [mark]);
  }
  const chunks: Chunk[] = [];
  for (const same of byStyle.values()) {
    for (let i = 0; i < same.length; i += chunkOutlines) {
      chunks.push({ style: same[0]!.style, marks: same.slice(i, i + chunkOutlines) });
    }
  }
  return chunks;
}

function paintChunk(context: CanvasRenderingContext2D, frame: Frame, { style, marks }: Chunk, fine: boolean) {
  const areas = new Path2D();
  const lines = new Path2D();
  const boxes = new Path2D();
  for (const mark of marks) {
    const { box, rings } = mark;
    const side = Math.max(box.maxX - box.minX, box.maxY - box.minY) * frame.scale;
    const isPoint = rings.length === 1 && rings[0]!.xy.length === 2;
    if (isPoint) {
      paintPin(context, frame, rings[0]!, style);
    } else if (side < boxBelowPx) {
      const [x, y] = screenOf(frame, box.minX, box.minY);
      boxes.rect(x, y, Math.max(1.5, side), Math.max(1.5, side));
    } else {
      const stride = side < everyFourthBelowPx ? 4 : side < everySecondBelowPx ? 2 : 1;
      for (const ring of rings) traceRing(ring.closed ? areas : lines, frame, ring, stride);
      if (mark.annotation.kind === "measurement-line") addEndTicks(lines, frame, rings[0]!);
    }
  }
  context.fillStyle = style.colour;
  context.globalAlpha = 0.75;
  context.fill(boxes);
  context.globalAlpha = 0.16;
  context.fill(areas, "evenodd");
  context.globalAlpha = 1;
  areas.addPath(lines);
  strokeStyled(context, areas, style, fine);
}

/** Stroke in a class's colour and pattern, over a dark edge that keeps it legible on bright and on dark material. */
export function strokeStyled(
  context: CanvasRenderingContext2D,
  path: Path2D,
  style: MarkStyle,
  fine: boolean,
  width = strokeWidthPx,
) {
  context.lineJoin = "round";
  context.lineCap = style.dash.length ? "butt" : "round";
  if (fine) {
    context.setLineDash([]);
    context.strokeStyle = "rgba(8, 12, 14, 0.5)";
    context.lineWidth = (style.double ? width + 3 : width) + 1.5;
    context.stroke(path);
  }
  context.setLineDash(fine ? style.dash : []);
  context.strokeStyle = style.colour;
  context.lineWidth = style.double ? width + 3 : width;
  context.stroke(path);
  context.setLineDash([]);
  if (style.double && fine) {
    context.strokeStyle = "rgba(8, 12, 14, 0.9)";
    context.lineWidth = width - 0.25;
    context.stroke(path);
  }
}

export function traceRing(path: Path2D, frame: Frame, { xy, closed }: FlatRing, stride = 1) {
  const { corner, scale } = frame;
  const n = xy.length / 2;
  // Never fewer than a triangle is left of an outline, nor less than both ends of a line.
  const by = n / stride < (closed ? 3 : 2) ? 1 : stride;
  for (let i = 0; i < n; i += by) {
    const x = (xy[i * 2]! - corner.x) * scale;
    const y = (xy[i * 2 + 1]! - corner.y) * scale;
    if (i === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  }
  if (closed) path.closePath();
  else if ((n - 1) % by !== 0)
    path.lineTo((xy[n * 2 - 2]! - corner.x) * scale, (xy[n * 2 - 1]! - corner.y) * scale);
}

const tickPx = 5;

/** Short strokes across both ends of a measured length. */
export function addEndTicks(path: Path2D, frame: Frame, { xy }: FlatRing) {
  const n = xy.length;
  if (n < 4) return;
  const ends = [
    [0, 2],
    [n - 2, n - 4],
  ] as const;
  for (const [end, next] of ends) {
    const [x, y] = screenOf(frame, xy[end]!, xy[end + 1]!);
    const [dx, dy] = [xy[next]! - xy[end]!, xy[next + 1]! - xy[end + 1]!];
    const length = Math.hypot(dx, dy) || 1;
    const [tx, ty] = [(-dy / length) * tickPx, (dx / length) * tickPx];
    path.moveTo(x - tx, y - ty);
    path.lineTo(x + tx, y + ty);
  }
}

function paintPin(context: CanvasRenderingContext2D, frame: Frame, { xy }: FlatRing, style: MarkStyle) {
  const [x, y] = screenOf(frame, xy[0]!, xy[1]!);
  context.beginPath();
  context.arc(x, y, 5, 0, 2 * Math.PI);
  context.fillStyle = style.colour;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "rgba(8, 12, 14, 0.85)";
  context.stroke();
}

/** A measured length says itself; other marks say their name. Neither on something smaller than its own label. */
function paintLabel(context: CanvasRenderingContext2D, frame: Frame, mark: Mark, calibration: Calibration) {
  const { annotation, rings, box, style } = mark;
  const side = Math.max(box.maxX - box.minX, box.maxY - box.minY) * frame.scale;
  if (annotation.kind === "measurement-line" && side > 24) {
    const points = annotation.outline.rings[0]!.vertices;
    const end = points.reduce((rightmost, point) => (point.x > rightmost.x ? point : rightmost));
    const [x, y] = screenOf(frame, end.x, end.y);
    const text = lengthLabel(points, calibration);
    paintTag(context, annotation.name ? `${annotation.name}  ${text}` : text, x + 9, y + 5, style.colour);
  } else if (rings[0] && annotation.name && (side > 48 || rings[0].xy.length === 2)) {
    // At the outline's highest vertex: the corner of its box may lie far from anything of it.
    const top = highestVertex(rings[0]);
    const [x, y] = screenOf(frame, top.x, top.y);
    paintTag(context, annotation.name, x + 8, y - 26, style.colour);
  }
}

function highestVertex({ xy }: FlatRing): { readonly x: number; readonly y: number } {
  let top = 0;
  for (let i = 2; i < xy.length; i += 2) if (xy[i + 1]! < xy[top + 1]!) top = i;
  return { x: xy[top]!, y: xy[top + 1]! };
}

function screenOf({ corner, scale }: Frame, x: number, y: number): readonly [number, number] {
  return [(x - corner.x) * scale, (y - corner.y) * scale];
}
