import type { Frame } from "#client/viewer/frames.ts";
import type { ViewState } from "#client/viewer/micrograph-viewer.ts";
import { imagePoint } from "#core/geometry/point.ts";
import type { Box } from "#core/geometry/spatial-index.ts";

/** Painted beyond the view on every side, as a part of its size: panning this far needs no new painting. */
const overscan = 0.25;
const sliceMs = 6;
/** While the view moves, the picture beneath needs most of a frame. */
const sliceMovingMs = 2.5;
/** While the view zooms, a picture serves until it is this much larger or smaller than it was painted. */
const mostStretch = 1.6;
/** The view has come to rest when it did not change for so long: then everything is painted sharp. */
const restMs = 90;

export type Painter = () => boolean;

interface Picture {
  readonly canvas: HTMLCanvasElement;
  frame: Frame;
}

/**
 * Marks painted once and then moved: while the view moves, the last finished picture is drawn shifted and scaled, and
 * the next one is painted behind it in slices. Few marks are finished in the first slice, in the same frame.
 */
export class MarksBuffer {
  #front: Picture = emptyPicture();
  #back: Picture = emptyPicture();
  #job: Painter | null = null;
  #jobFrame: Frame | null = null;
  #dirty = true;
  #waiting = 0;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #seen: Pick<ViewState, "corner" | "scale"> | null = null;
  #movedAt = Number.NEGATIVE_INFINITY;
  readonly #start: (context: CanvasRenderingContext2D, frame: Frame, window: Box) => Painter;
  readonly #finished: () => void;

  /** @param start makes the work that paints a window of the image; @param finished asks for a new drawing of the layer */
  constructor(
    start: (context: CanvasRenderingContext2D, frame: Frame, window: Box) => Painter,
    finished: () => void,
  ) {
    this.#start = start;
    this.#finished = finished;
  }

  /** Marks, styles or what is hidden have changed. */
  invalidate() {
    this.#dirty = true;
  }

  close() {
    cancelAnimationFrame(this.#waiting);
    clearTimeout(this.#resting);
    this.#job = null;
  }

  /** Draw the marks of a view: exact where they are painted for it, else the last picture moved to fit. */
  draw(context: CanvasRenderingContext2D, view: ViewState, pixelRatio: number) {
    this.#notice(view);
    if (!this.#job && (this.#dirty || !this.#covers(view))) {
      // Painted for every step of a zoom, each picture would be out of date before it is finished.
      if (this.#isMoving() && !this.#dirty && this.#serves(view)) this.#atRest();
      else this.#begin(view, pixelRatio);
    }
    if (this.#job) {
      this.#work();
      if (!this.#job && !this.#covers(view)) this.#later();
    }
    const { canvas, frame } = this.#front;
    if (canvas.width === 0) return;
    const zoom = view.scale / frame.scale;
    // Whole device pixels while only panning: lines stay as sharp as they were painted.
    const place = (offset: number) => (zoom === 1 ? Math.round(offset * pixelRatio) / pixelRatio : offset);
    // Nobody sees it while it moves, and it halves the time for the copy.
    context.imageSmoothingEnabled = !this.#isMoving();
    context.drawImage(
      canvas,
      place((frame.corner.x - view.corner.x) * view.scale),
      place((frame.corner.y - view.corner.y) * view.scale),
      (canvas.width / pixelRatio) * zoom,
      (canvas.height / pixelRatio) * zoom,
    );
  }

  #notice({ corner, scale }: ViewState) {
    const seen = this.#seen;
    if (seen && seen.scale === scale && seen.corner.x === corner.x && seen.corner.y === corner.y) return;
    if (seen) this.#movedAt = performance.now();
    this.#seen = { corner, scale };
  }

  #isMoving() {
    return performance.now() - this.#movedAt < restMs;
  }

  /** Stretched a little, the last picture still reaches over the whole view. */
  #serves(view: ViewState): boolean {
    const { canvas, frame } = this.#front;
    const stretch = view.scale / frame.scale;
    if (canvas.width === 0 || stretch > mostStretch || stretch < 1 / mostStretch) return false;
    const ratio = window.devicePixelRatio;
    const [left, top] = [view.corner.x - frame.corner.x, view.corner.y - frame.corner.y];
    return (
      left >= 0 &&
      top >= 0 &&
      left + view.widthPx / view.scale <= canvas.width / ratio / frame.scale &&
      top + view.heightPx / view.scale <= canvas.height / ratio / frame.scale
    );
  }

  #covers(view: ViewState): boolean {
    const { canvas, frame } = this.#front;
    if (frame.scale !== view.scale) return false;
    const ratio = window.devicePixelRatio;
    const x = (view.corner.x - frame.corner.x) * view.scale;
    const y = (view.corner.y - frame.corner.y) * view.scale;
    return (
      x >= 0 &&
      y >= 0 &&
      x + view.widthPx <= canvas.width / ratio &&
      y + view.heightPx <= canvas.height / ratio
    );
  }

  #begin(view: ViewState, pixelRatio: number) {
    const { corner, scale, widthPx, heightPx } = view;
    // Whole device pixels: a picture moved by fractions would be blurred.
    const marginX = Math.round(widthPx * overscan);
    const marginY = Math.round(heightPx * overscan);
    const frame: Frame = {
      corner: imagePoint(corner.x - marginX / scale, corner.y - marginY / scale),
      scale,
    };
    const { canvas } = this.#back;
    const width = Math.round((widthPx + 2 * marginX) * pixelRatio);
    const height = Math.round((heightPx + 2 * marginY) * pixelRatio);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext("2d", { willReadFrequently: true })!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    this.#dirty = false;
    this.#jobFrame = frame;
    this.#job = this.#start(context, frame, {
      minX: frame.corner.x,
      minY: frame.corner.y,
      maxX: frame.corner.x + width / pixelRatio / scale,
      maxY: frame.corner.y + height / pixelRatio / scale,
    });
  }

  #work() {
    const until = performance.now() + (this.#isMoving() ? sliceMovingMs : sliceMs);
    const context = this.#back.canvas.getContext("2d")!;
    while (this.#job) {
      const more = this.#job();
      // Browsers only note down what is painted, and do it all when it is first shown. Reading one pixel makes them do
      // it now: the slice takes the time it takes, and showing the picture costs no more than a copy.
      context.getImageData(0, 0, 1, 1);
      if (!more) {
        this.#back.frame = this.#jobFrame!;
        [this.#front, this.#back] = [this.#back, this.#front];
        this.#job = null;
      } else if (performance.now() > until) {
        this.#later();
        return;
      }
    }
    // What changed in the meantime: once more.
    if (this.#dirty) this.#later();
  }

  #atRest() {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(this.#finished, restMs + 10);
  }

  #later() {
    if (this.#waiting) return;
    this.#waiting = requestAnimationFrame(() => {
      this.#waiting = 0;
      this.#finished();
    });
  }
}

function emptyPicture(): Picture {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 0;
  return { canvas, frame: { corner: imagePoint(0, 0), scale: 1 } };
}
