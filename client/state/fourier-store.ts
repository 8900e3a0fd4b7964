import { create } from "zustand";
import { type SpectrumSide, type SpectrumWindow, spectrumSides } from "#core/measurement/fourier-spectrum.ts";

/** A square of the picture, image px; it lies within it. */
export interface FourierRegion {
  readonly x: number;
  readonly y: number;
  readonly side: SpectrumSide;
}

interface FourierState {
  readonly open: boolean;
  readonly region: FourierRegion | null;
  readonly window: SpectrumWindow;
  /** Where spots were pointed out, cycles a px: they are found again in every new spectrum. */
  readonly spots: readonly { readonly x: number; readonly y: number }[];
  setOpen(open: boolean): void;
  setRegion(region: FourierRegion | null): void;
  setWindow(window: SpectrumWindow): void;
  setSpots(spots: FourierState["spots"]): void;
}

export const useFourierStore = create<FourierState>()((set) => ({
  open: false,
  region: null,
  window: "hann",
  spots: [],
  setOpen: (open) => set({ open }),
  setRegion: (region) => set({ region }),
  setWindow: (window) => set({ window }),
  setSpots: (spots) => set({ spots }),
}));

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The square of `side` px or the largest that fits, its middle as near to a point as the picture allows.
 *
 * @returns null for a picture smaller than the smallest square
 */
export function regionAbout(
  middle: { readonly x: number; readonly y: number },
  side: number,
  { width, height }: Size,
): FourierRegion | null {
  const fitting = spectrumSides.filter((s) => s <= Math.min(width, height));
  if (fitting.length === 0) return null;
  const chosen = fitting.findLast((s) => s <= side * 1.001) ?? fitting[0]!;
  const within = (at: number, most: number) =>
    Math.min(most - chosen, Math.max(0, Math.round(at - chosen / 2)));
  return { x: within(middle.x, width), y: within(middle.y, height), side: chosen };
}

/** The side nearest to a length, by ratio: what a hand that draws a square means. */
export function nearestSide(length: number): SpectrumSide {
  return spectrumSides.reduce((best, side) =>
    Math.abs(Math.log(side / length)) < Math.abs(Math.log(best / length)) ? side : best,
  );
}
