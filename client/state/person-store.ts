import { create } from "zustand";
import type { Principal, SessionState } from "#core/protocol/api/shapes.ts";
import { sentenceOf } from "./api-client.ts";
import { endpoints } from "./endpoints.ts";
import { tellOtherTabs } from "./session-news.ts";

/** Who this browser is signed in as; `asking` until the server has said so. */
interface PersonState {
  readonly phase: "asking" | "known" | "failed";
  readonly principal: Principal | null;
  /** The institute's sign-in, where the server has one set. */
  readonly institute: { readonly name: string } | null;
  readonly failure: string | null;
  /** Why nobody is signed in any more, for the sign-in page. */
  readonly farewell: string | null;
  ask(): Promise<void>;
  accept(session: SessionState): void;
  leave(farewell: string | null): void;
}

export const usePersonStore = create<PersonState>()((set, get) => ({
  phase: "asking",
  principal: null,
  institute: null,
  failure: null,
  farewell: null,
  ask: async () => {
    try {
      const { principal, institute = null } = await endpoints.session();
      set({ phase: "known", principal, institute, failure: null, ...(principal ? { farewell: null } : {}) });
    } catch (error) {
      set((state) =>
        state.phase === "known" ? state : { ...state, phase: "failed", failure: sentenceOf(error) },
      );
    }
  },
  accept: ({ principal, institute = null }) => {
    const before = get().principal;
    set({ phase: "known", principal, institute, failure: null, farewell: null });
    if (principal && principal.id !== before?.id)
      tellOtherTabs({ type: "signed-in", principalId: principal.id });
  },
  leave: (farewell) => set({ principal: null, farewell }),
}));
