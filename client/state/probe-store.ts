import { create } from "zustand";

/** One cursor for image and plot: a station of an interface's gap profile, shown in both. */
export interface ProbeState {
  readonly interfaceId: string | null;
  /** Arc length along the substrate trace, in the profile's own unit. */
  readonly station: number | null;
  /** Position and intensity under the pointer, for the status line. exact = native level-0 value. */
  readonly pointer: {
    readonly x: number;
    readonly y: number;
    readonly intensity: number | null;
    readonly exact: boolean;
    /** Red, green and blue of a colour picture, which has no single intensity. */
    readonly colour: readonly number[] | null;
  } | null;
  setProbe(interfaceId: string | null, station: number | null): void;
  setPointer(pointer: ProbeState["pointer"]): void;
}

export const useProbeStore = create<ProbeState>()((set) => ({
  interfaceId: null,
  station: null,
  pointer: null,
  setProbe: (interfaceId, station) => set({ interfaceId, station }),
  setPointer: (pointer) => set({ pointer }),
}));
