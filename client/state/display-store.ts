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
  /** Of the shown signal; null: as it is served. */
  readonly display: Display | null;
  readonly signal: string;
  /** What the other signals were shown with: bright and dark field have nothing in common but the grid. */
  readonly displaysOfOthers: ReadonlyMap<string, Display | null>;
  readonly frame: number;
  /** The frames of a stack run by themselves. */
  readonly playing: boolean;
  setDisplay(display: Display): void;
  setSignal(signal: string): void;
  setFrame(frame: number): void;
  setPlaying(playing: boolean): void;
  /** Another micrograph: its first signal and frame, as served. */
  startAnew(): void;
}

const fresh = { display: null, signal: "0", displaysOfOthers: new Map(), frame: 0 } as const;

export const useDisplayStore = create<DisplayState>()((set) => ({
  ...fresh,
  playing: false,
  setDisplay: (display) => set({ display }),
  setSignal: (signal) =>
    set((now) =>
      signal === now.signal
        ? now
        : {
            signal,
            display: now.displaysOfOthers.get(signal) ?? null,
            displaysOfOthers: new Map(now.displaysOfOthers).set(now.signal, now.display),
          },
    ),
  setFrame: (frame) => set({ frame }),
  setPlaying: (playing) => set({ playing }),
  startAnew: () => set(fresh),
}));

/** The signal that is chosen, or the first where the micrograph has none of that name. */
export function shownSignal<Signal extends { readonly id: string }>(
  { signals }: { readonly signals: readonly Signal[] },
  chosen: string,
): Signal | undefined {
  return signals.find(({ id }) => id === chosen) ?? signals[0];
}
