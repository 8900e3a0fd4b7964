import type { Display } from "#client/state/display-store.ts";
import type { ImagePoint, ScreenPoint } from "#core/geometry/point.ts";
import type { Raster } from "#core/micrograph/raster.ts";

/** What the screen shows of the micrograph. `scale` is screen px per image px; the corner is the image point at screen (0,0). */
export interface ViewState {
  readonly corner: ImagePoint;
  readonly centre: ImagePoint;
  readonly scale: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface ImageBox {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** What a place of the picture says: its value, or red, green and blue. */
export interface Reading {
  readonly value: number | null;
  readonly colour: readonly number[] | null;
  readonly exact: boolean;
}

/** A piece of the recorded raster; `x` and `y` are image px of its first sample. */
export interface RecordedPatch {
  readonly x: number;
  readonly y: number;
  readonly raster: Raster;
}

/** The picture of one micrograph on the screen; everything above knows only this, never OpenSeadragon. */
export interface MicrographViewer {
  viewport(): ViewState;
  onViewChange(listener: (view: ViewState) => void): () => void;
  fit(): void;
  fitTo(box: ImageBox): void;
  oneToOne(): void;
  /** Zoom about a screen point; the centre of the view where none is given. */
  zoomBy(factor: number, at?: ScreenPoint): void;
  panBy(dx: number, dy: number): void;
  /** Centre and width of the view in image px: what following and links carry. */
  lookAt(view: { readonly x: number; readonly y: number; readonly width: number }): void;
  setDisplay(display: Display): void;
  setFrame(frame: number): void;
  /** The picture of the frame that was set is on the screen, as far as the view reaches. */
  frameShown(): boolean;
  setSignal(signalId: string): void;
  /** Recorded value under an image point; exact = a native level-0 value. null: not loaded yet, or outside. */
  intensityAt(at: ImagePoint): Reading | null;
  /** Recorded level-0 values around a box, image px; null while they are not all there (they are fetched), or in colour. Grey saved as red, green and blue is grey. */
  recordedValues(box: ImageBox): RecordedPatch | null;
  /** Some of the recorded values that were asked for are in colour: there is no single one to give. */
  foundColour(): boolean;
  /** Tiles that were not there yet are asked for again. */
  refresh(): void;
  /** What is seen now, marks excluded, as a canvas of its own. */
  snapshotView(): HTMLCanvasElement;
}
