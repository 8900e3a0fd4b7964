import type { FourierRegion } from "#client/state/fourier-store.ts";
import type { Preview } from "#client/tools/tool.ts";
import { toScreen } from "#client/viewer/frames.ts";
import type { ViewState } from "#client/viewer/micrograph-viewer.ts";
import type { Affine } from "#core/document/commands.ts";
import { type Point, screenPoint } from "#core/geometry/point.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Draft, PresenceState } from "#core/protocol/presence.ts";
import { type FlatRing, flatRing } from "./flat-ring.ts";
import { handlesOf } from "./handles.ts";
import { paintLaserSpot } from "./laser-trails.ts";
import type { Mark } from "./mark-index.ts";
import type { MarkStyle } from "./mark-style.ts";
import { paintFourierRegion, paintStrip, widthOfProfile } from "./paint-analysis.ts";
import { addEndTicks, strokeStyled, strokeWidthPx, traceRing } from "./paint-marks.ts";
import { paintTag } from "./paint-tag.ts";

/** Everything above the marks: what is selected, drawn right now, and done by others. */
export interface OverlayScene {
  readonly view: ViewState;
  readonly selected: readonly Mark[];
  readonly hovered: Mark | null;
  readonly editable: boolean;
  readonly preview: Preview;
  readonly previewStyle: MarkStyle;
  readonly previewMarks: readonly Mark[];
  readonly others: readonly PresenceState[];
  readonly markOf: (id: string) => Mark | undefined;
  readonly styleOfDraft: (draft: Extract<Draft, { type: "shape" }>) => MarkStyle;
  readonly frame: number;
  readonly probe: { readonly substrate: Point; readonly film: Point | null } | null;
  /** The brush under the hand, screen px. */
  readonly brush: { readonly at: Point; readonly radiusPx: number } | null;
  readonly fourierRegion: FourierRegion | null;
  /** Of the profile line that is being drawn. */
  readonly profileWidthPx: number;
  readonly calibration: Calibration;
}

export const accent = "#3fd0c0";

export function paintOverlay(context: CanvasRenderingContext2D, scene: OverlayScene) {
  if (scene.fourierRegion) paintFourierRegion(context, scene.view, scene.fourierRegion);
  paintStrips(context, scene);
  if (scene.hovered && !scene.selected.includes(scene.hovered))
    outlineMark(context, scene, scene.hovered, "rgba(255,255,255,0.85)", 1.25);
  for (const other of scene.others) paintOther(context, scene, other);
  paintSelection(context, scene);
  paintPreview(context, scene);
  if (scene.probe) paintProbe(context, scene, scene.probe);
  if (scene.brush) paintBrush(context, scene.brush);
  for (const other of scene.others) paintCursor(context, scene, other);
}

/** What the profiles of the lines in hand average over. */
function paintStrips(context: CanvasRenderingContext2D, { view, selected, preview, ...scene }: OverlayScene) {
  const { shape } = preview;
  for (const { annotation } of selected) {
    const [ring] = annotation.outline.rings;
    if (annotation.kind !== "profile-line" || !ring || annotation.id === shape?.annotationId) continue;
    paintStrip(context, view, ring.vertices, widthOfProfile(annotation), scene.calibration);
  }
  if (shape?.kind !== "profile-line") return;
  const reshaped = shape.annotationId === null ? undefined : scene.markOf(shape.annotationId);
  const widthPx = reshaped ? widthOfProfile(reshaped.annotation) : scene.profileWidthPx;
  for (const { points } of shape.rings) paintStrip(context, view, points, widthPx, scene.calibration);
}

function paintBrush(context: CanvasRenderingContext2D, { at, radiusPx }: NonNullable<OverlayScene["brush"]>) {
  for (const [colour, width] of [
    ["rgba(8,12,14,0.7)", 3],
    ["#ffffff", 1.25],
  ] as const) {
    context.beginPath();
    context.arc(at.x, at.y, radiusPx, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}

function outlineMark(
  context: CanvasRenderingContext2D,
  { view }: OverlayScene,
  mark: Mark,
  colour: string,
  width: number,
) {
  strokeRings(context, view, mark.rings, colour, width);
}

function strokeRings(
  context: CanvasRenderingContext2D,
  view: ViewState,
  rings: readonly FlatRing[],
  colour: string,
  width: number,
) {
  const path = new Path2D();
  for (const ring of rings) {
    if (ring.xy.length === 2) {
      const { x, y } = toScreen(view, { x: ring.xy[0]!, y: ring.xy[1]! });
      path.moveTo(x + 9, y);
      path.arc(x, y, 9, 0, 2 * Math.PI);
    } else traceRing(path, view, ring);
  }
  context.lineJoin = "round";
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
}

function paintSelection(context: CanvasRenderingContext2D, scene: OverlayScene) {
  const { view, selected, preview } = scene;
  const inMotion = new Set([
    ...(preview.transform?.ids ?? []),
    ...(preview.shape?.annotationId ? [preview.shape.annotationId] : []),
  ]);
  for (const mark of selected) {
    if (inMotion.has(mark.annotation.id)) continue;
    outlineMark(context, scene, mark, "rgba(63, 208, 192, 0.38)", 6);
    outlineMark(context, scene, mark, mark.style.colour, strokeWidthPx);
    // Handles of one mark at a time: those of many would cover the picture.
    if (selected.length > 1 || !scene.editable || preview.shape) continue;
    for (const { at, handle } of handlesOf(mark, view.scale)) {
      const { x, y } = toScreen(view, at);
      if (x < -8 || y < -8 || x > view.widthPx + 8 || y > view.heightPx + 8) continue;
      if (handle.type === "vertex") paintHandle(context, x, y);
      else paintMiddle(context, x, y);
    }
  }
}

function paintHandle(context: CanvasRenderingContext2D, x: number, y: number) {
  context.beginPath();
  context.roundRect(Math.round(x) - 3.5, Math.round(y) - 3.5, 7, 7, 1.5);
  context.fillStyle = "#ffffff";
  context.fill();
  context.lineWidth = 1.25;
  context.strokeStyle = "#0d615a";
  context.stroke();
}

function paintMiddle(context: CanvasRenderingContext2D, x: number, y: number) {
  context.beginPath();
  context.arc(x, y, 2.75, 0, 2 * Math.PI);
  context.fillStyle = "rgba(13, 17, 19, 0.75)";
  context.fill();
  context.lineWidth = 1.25;
  context.strokeStyle = "rgba(255, 255, 255, 0.9)";
  context.stroke();
}

function paintPreview(context: CanvasRenderingContext2D, scene: OverlayScene) {
  const { view, preview, previewStyle, previewMarks } = scene;
  const { shape, transform, marquee, label } = preview;
  if (transform) {
    for (const mark of previewMarks) {
      const rings = mark.rings.map((ring) => moved(ring, transform.affine));
      fillRings(context, view, rings, mark.style.colour);
      strokeRings(context, view, rings, "rgba(63, 208, 192, 0.38)", 6);
      const path = new Path2D();
      for (const ring of rings) traceRing(path, view, ring);
      strokeStyled(context, path, mark.style, true);
    }
  }
  if (shape) {
    const rings = shape.rings.map(({ points, closed }) => flatRing(points, closed));
    paintShape(context, view, rings, previewStyle, shape.kind === "measurement-line");
    shape.placed.forEach((point, i) => {
      const { x, y } = toScreen(view, point);
      if (i === 0 && shape.kind === "region" && shape.placed.length > 2) paintFirst(context, x, y);
      else paintHandle(context, x, y);
    });
  }
  if (marquee) {
    const a = toScreen(view, marquee.from);
    const b = toScreen(view, marquee.to);
    context.fillStyle = "rgba(63, 208, 192, 0.12)";
    context.strokeStyle = accent;
    context.lineWidth = 1;
    context.beginPath();
    context.rect(Math.round(a.x) + 0.5, Math.round(a.y) + 0.5, Math.round(b.x - a.x), Math.round(b.y - a.y));
    context.fill();
    context.stroke();
  }
  if (label?.text) {
    const { x, y } = toScreen(view, label.at);
    // Below the hand where there is room, above it at the lower edge.
    paintTag(context, label.text, x + 16, y > view.heightPx - 60 ? y - 44 : y + 16, previewStyle.colour);
  }
}

/** The first point, once a click on it would close the outline. */
function paintFirst(context: CanvasRenderingContext2D, x: number, y: number) {
  context.beginPath();
  context.arc(x, y, 6, 0, 2 * Math.PI);
  context.fillStyle = "rgba(255, 255, 255, 0.25)";
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = "#ffffff";
  context.stroke();
}

function paintShape(
  context: CanvasRenderingContext2D,
  view: ViewState,
  rings: readonly FlatRing[],
  style: MarkStyle,
  ticks: boolean,
) {
  fillRings(context, view, rings, style.colour);
  const path = new Path2D();
  for (const ring of rings) {
    traceRing(path, view, ring);
    if (ticks) addEndTicks(path, view, ring);
  }
  strokeStyled(context, path, style, true);
}

function fillRings(
  context: CanvasRenderingContext2D,
  view: ViewState,
  rings: readonly FlatRing[],
  colour: string,
) {
  const path = new Path2D();
  for (const ring of rings) if (ring.closed) traceRing(path, view, ring);
  context.globalAlpha = 0.2;
  context.fillStyle = colour;
  context.fill(path, "evenodd");
  context.globalAlpha = 1;
}

function paintOther(context: CanvasRenderingContext2D, scene: OverlayScene, other: PresenceState) {
  const colour = other.user?.colour ?? "#b4bec4";
  for (const id of other.selection ?? []) {
    const mark = scene.markOf(id);
    if (!mark) continue;
    context.setLineDash([5, 4]);
    outlineMark(context, scene, mark, colour, 2.5);
    context.setLineDash([]);
    const { x, y } = toScreen(scene.view, { x: mark.box.maxX, y: mark.box.minY });
    paintTag(context, tagName(other), x + 4, y - 20, colour, "filled");
  }
  const { draft } = other;
  if (draft?.type === "shape") {
    const rings = draft.rings.map(({ xy, closed }) => ({ xy: Float64Array.from(xy), closed }));
    strokeRings(context, scene.view, rings, colour, 4.5);
    paintShape(context, scene.view, rings, scene.styleOfDraft(draft), draft.kind === "measurement-line");
  } else if (draft) {
    for (const id of draft.annotationIds) {
      const mark = scene.markOf(id);
      if (!mark) continue;
      const rings = mark.rings.map((ring) => moved(ring, draft.affine));
      strokeRings(context, scene.view, rings, colour, 4.5);
      paintShape(context, scene.view, rings, mark.style, false);
    }
  }
}

/** A long name would cover what its cursor points at. */
const longestTag = 32;

function tagName({ user }: PresenceState): string {
  const name = user?.name ?? "";
  return name.length > longestTag ? `${name.slice(0, longestTag - 1).trimEnd()}…` : name;
}

function paintCursor(context: CanvasRenderingContext2D, { view, frame }: OverlayScene, other: PresenceState) {
  if (!other.cursor || other.cursor.frame !== frame) return;
  const { x, y } = toScreen(view, other.cursor);
  const colour = other.user?.colour ?? "#b4bec4";
  if (other.laser) {
    paintLaserSpot(context, screenPoint(x, y), colour);
    paintTag(context, tagName(other), x + 16, y + 14, colour, "filled");
    return;
  }
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + 4.2, y + 15);
  context.lineTo(x + 7.6, y + 9.2);
  context.lineTo(x + 14, y + 7.6);
  context.closePath();
  context.fillStyle = colour;
  context.fill();
  context.lineJoin = "round";
  context.lineWidth = 1.5;
  context.strokeStyle = "rgba(255, 255, 255, 0.95)";
  context.stroke();
  paintTag(context, tagName(other), x + 13, y + 14, colour, "filled");
}

function paintProbe(
  context: CanvasRenderingContext2D,
  { view }: OverlayScene,
  probe: NonNullable<OverlayScene["probe"]>,
) {
  const a = toScreen(view, probe.substrate);
  const b = probe.film ? toScreen(view, probe.film) : null;
  if (b) {
    for (const [colour, width] of [
      ["rgba(8,12,14,0.7)", 4],
      ["#ffffff", 2],
    ] as const) {
      context.beginPath();
      context.moveTo(a.x, a.y);
      context.lineTo(b.x, b.y);
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
    }
  }
  for (const end of b ? [a, b] : [a]) {
    const { x, y } = screenPoint(end.x, end.y);
    context.beginPath();
    context.arc(x, y, 4.5, 0, 2 * Math.PI);
    context.fillStyle = accent;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = "#ffffff";
    context.stroke();
  }
}

function moved({ xy, closed }: FlatRing, [a, b, c, d, e, f]: Affine): FlatRing {
  const to = new Float64Array(xy.length);
  for (let i = 0; i < xy.length; i += 2) {
    to[i] = a * xy[i]! + c * xy[i + 1]! + e;
    to[i + 1] = b * xy[i]! + d * xy[i + 1]! + f;
  }
  return { xy: to, closed };
}
