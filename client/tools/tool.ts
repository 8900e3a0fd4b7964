import type { FourierRegion } from "#client/state/fourier-store.ts";
import type { Affine, AnnotationCommand } from "#core/document/commands.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Annotation, AnnotationKind, Body, DrawnOn, Frames } from "#core/schema/annotation.ts";
import type { EdgeFinder } from "./edge-finder.ts";

/** What a person did, in image px, with buttons and keys already told apart by the pointer router. */
export type ToolEvent =
  | ({ readonly type: "down" | "move" | "up"; readonly at: Point; readonly clicks: number } & Modifiers)
  /** Enter, double-click, right-click. */
  | { readonly type: "finish" }
  /** Esc: one state back. */
  | { readonly type: "cancel" }
  /** Backspace or Delete. */
  | { readonly type: "remove" }
  /** Arrow keys, in image px. */
  | { readonly type: "nudge"; readonly dx: number; readonly dy: number }
  /** The pointer was taken away: the gesture is given up, nothing is committed. */
  | { readonly type: "interrupt" };

export interface Modifiers {
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
}

/** What the tools may ask of the picture; everything in it may be gone at the next step. */
export interface ToolContext {
  /** Screen px per image px: tolerances are meant for the hand, so they are in screen px. */
  readonly scale: number;
  readonly readOnly: boolean;
  readonly selected: readonly string[];
  /** Class of the next mark. */
  readonly classId: string | null;
  readonly trace: { readonly body: Body; readonly interfaceId: string | null };
  readonly frames: Frames;
  readonly drawnOn: DrawnOn;
  readonly calibration: Calibration;
  /** Null where nothing snaps: switched off, or the values under the view are not at hand. */
  readonly edges: EdgeFinder | null;
  /** Radius of the brush, image px. */
  readonly brushRadius: number;
  /** Width of the next profile line, image px. */
  readonly profileWidthPx: number;
  /** The square whose Fourier transform is shown. */
  readonly fourierRegion: FourierRegion | null;
  readonly imageSize: { readonly width: number; readonly height: number };
  newId(): string;
  nowIso(): string;
  annotation(id: string): Annotation | undefined;
  /** Marks under a point, topmost first. */
  hits(at: Point): readonly string[];
  /** Handle of a selected mark under a point. */
  handleAt(at: Point): Handle | null;
  /** Marks whose box lies within a rectangle. */
  within(from: Point, to: Point): readonly string[];
}

export type Handle =
  | { readonly type: "vertex"; readonly id: string; readonly vertexId: number }
  /** The middle of the edge that follows vertex `leftId`. */
  | { readonly type: "edge"; readonly id: string; readonly leftId: number };

export interface PreviewRing {
  readonly closed: boolean;
  readonly hole: boolean;
  readonly points: readonly Point[];
}

/** What is on the screen while a gesture goes on, for the one who draws and, as a draft, for everybody. */
export interface Preview {
  readonly shape: {
    readonly kind: AnnotationKind;
    /** The mark being reshaped, or null while a new one is drawn. */
    readonly annotationId: string | null;
    readonly interfaceId: string | null;
    readonly body: Body | null;
    readonly rings: readonly PreviewRing[];
    /** Points placed so far, shown as handles; the first closes the outline. */
    readonly placed: readonly Point[];
  } | null;
  readonly transform: { readonly ids: readonly string[]; readonly affine: Affine } | null;
  readonly marquee: { readonly from: Point; readonly to: Point } | null;
  /** The gesture's number, at the hand. */
  readonly label: { readonly at: Point; readonly text: string } | null;
}

export const noPreview: Preview = { shape: null, transform: null, marquee: null, label: null };

export interface Step<State> {
  readonly state: State;
  readonly commands: readonly AnnotationCommand[];
  readonly preview: Preview;
  /** A new selection, where the step makes one. */
  readonly select?: readonly string[];
  /** What the next trace follows, where the step changes it. */
  readonly trace?: ToolContext["trace"];
  /** A feature of known length was pointed out: its length is asked for. */
  readonly knownFeature?: { readonly p: Point; readonly q: Point };
  /** The square whose Fourier transform is shown, where the step changes it. */
  readonly fourierRegion?: FourierRegion | null;
}

/** A tool is a pure machine: no DOM, no clock, no document of its own. */
export interface Tool<State> {
  readonly idle: State;
  readonly cursor: string;
  step(state: State, event: ToolEvent, context: ToolContext): Step<State>;
  /** True while Esc and Backspace belong to the gesture. */
  busy(state: State): boolean;
}

/** Nothing happened. */
export function stay<State>(state: State, preview: Preview = noPreview): Step<State> {
  return { state, commands: [], preview };
}

/** A press becomes a drag beyond this distance. */
export const dragThresholdPx = 4;
export const handleRadiusPx = 8;

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** `to` moved onto the nearest of the eight directions from `from`. */
export function alongEighths(from: Point, to: Point): Point {
  const angle = Math.round(Math.atan2(to.y - from.y, to.x - from.x) / (Math.PI / 4)) * (Math.PI / 4);
  const length = (to.x - from.x) * Math.cos(angle) + (to.y - from.y) * Math.sin(angle);
  return { x: from.x + length * Math.cos(angle), y: from.y + length * Math.sin(angle) };
}
