import { create } from "zustand";

export type ColourMap = "grey" | "viridis" | "cividis" | "inferno" | "fire";

/** How recorded values become colours, on this screen only. low and high are recorded values of the shown signal. */
export interface Display {
  readonly low: number;
  readonly high: number;
  readonly gamma: number;
  readonly invert: boolean;
  readonly colourMap: ColourMap;
}

export interface DisplayState {
  readonly display: Display | null;
  readonly signal: string;
  readonly frame: number;
  /** The frames of a stack run by themselves. */
  readonly playing: boolean;
  setDisplay(display: Display): void;
  setSignal(signal: string): void;
  setFrame(frame: number): void;
  setPlaying(playing: boolean): void;
}

export const useDisplayStore = create<DisplayState>()((set) => ({
  display: null,
  signal: "0",
  frame: 0,
  playing: false,
  setDisplay: (display) => set({ display }),
  setSignal: (signal) => set({ signal }),
  setFrame: (frame) => set({ frame }),
  setPlaying: (playing) => set({ playing }),
}));
