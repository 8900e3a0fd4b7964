import { create } from "zustand";

export interface SelectionState {
  readonly selected: readonly string[];
  /** The mark under the pointer, in the image or in a list. */
  readonly hovered: string | null;
  readonly marksVisible: boolean;
  select(ids: readonly string[]): void;
  hover(id: string | null): void;
  setMarksVisible(visible: boolean): void;
}

export const useSelectionStore = create<SelectionState>()((set) => ({
  selected: [],
  hovered: null,
  marksVisible: true,
  select: (selected) => set({ selected }),
  hover: (hovered) => set({ hovered }),
  setMarksVisible: (marksVisible) => set({ marksVisible }),
}));
