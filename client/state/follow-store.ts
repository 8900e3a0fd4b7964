import { create } from "zustand";

/** Whose view mine follows: a client in the room. Any input of my own lets go. */
interface FollowState {
  readonly clientId: number | null;
  follow(clientId: number | null): void;
}

export const useFollowStore = create<FollowState>()((set) => ({
  clientId: null,
  follow: (clientId) => set({ clientId }),
}));
