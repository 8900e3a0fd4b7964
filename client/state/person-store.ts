import { create } from "zustand";
import type { Principal, SessionState } from "#core/protocol/api/shapes.ts";
import { sentenceOf } from "./api-client.ts";
import { endpoints } from "./endpoints.ts";

/** Who this browser is signed in as; `asking` until the server has said so. */
interface PersonState {
  readonly phase: "asking" | "known" | "failed";
  readonly principal: Principal | null;
  readonly failure: string | null;
  ask(): Promise<void>;
  accept(session: SessionState): void;
}

export const usePersonStore = create<PersonState>()((set) => ({
  phase: "asking",
  principal: null,
  failure: null,
  ask: async () => {
    try {
      const { principal } = await endpoints.session();
      set({ phase: "known", principal, failure: null });
    } catch (error) {
      set((state) =>
        state.phase === "known" ? state : { ...state, phase: "failed", failure: sentenceOf(error) },
      );
    }
  },
  accept: ({ principal }) => set({ phase: "known", principal, failure: null }),
}));
