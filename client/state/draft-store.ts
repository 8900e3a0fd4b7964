import { create } from "zustand";
import type { Presence } from "#client/session/room-presence.ts";
import type { Draft } from "#core/protocol/presence.ts";

/** The shape I am drawing or dragging now, as the others see it: my own numbers follow it too. */
interface DraftState {
  readonly draft: Draft | null;
  setDraft(draft: Draft | null): void;
}

export const useDraftStore = create<DraftState>()((set) => ({
  draft: null,
  setDraft: (draft) => set({ draft }),
}));

/** The same presence, with a copy of my draft kept for the numbers on this screen. */
export function keepingDraft(presence: Presence): Presence {
  return {
    clientId: () => presence.clientId(),
    others: () => presence.others(),
    subscribe: (listener) => presence.subscribe(listener),
    setLocal: (partial) => {
      if (partial.draft !== undefined) useDraftStore.getState().setDraft(partial.draft);
      presence.setLocal(partial);
    },
  };
}
