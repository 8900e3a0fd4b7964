import { create } from "zustand";
import type { ViewState } from "#client/viewer/micrograph-viewer.ts";

/** Paints over the marks, in screen px of the view; `frame` is the one that is shown. */
export type GuestPainter = (context: CanvasRenderingContext2D, view: ViewState, frame: number) => void;

interface GuestPainterState {
  /** What a panel lays over the picture while it is open; it brings its own painter, which the canvas need not load. */
  readonly paint: GuestPainter | null;
  setPaint(paint: GuestPainter | null): void;
}

export const useGuestPainter = create<GuestPainterState>()((set) => ({
  paint: null,
  setPaint: (paint) => set({ paint }),
}));
