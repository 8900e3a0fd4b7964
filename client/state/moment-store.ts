import { create } from "zustand";
import type { AnnotationDocument } from "#core/document/annotation-document.ts";
import type { HistoryEntry } from "#core/protocol/api/history.ts";

/** An earlier state of the marks, as it was after one edit. */
export interface Moment {
  readonly entry: HistoryEntry;
  readonly document: AnnotationDocument;
}

interface MomentState {
  /** null: now. */
  readonly moment: Moment | null;
  show(moment: Moment | null): void;
}

export const useMomentStore = create<MomentState>()((set) => ({
  moment: null,
  show: (moment) => set({ moment }),
}));

/** The moment as a session takes it. */
export const shownPast = {
  getState: () => useMomentStore.getState().moment?.document ?? null,
  subscribe: (listener: () => void) => useMomentStore.subscribe(listener),
};
