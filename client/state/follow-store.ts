import { create } from "zustand";

/** Whose view mine follows: a client in the room. Any input of my own lets go. */
interface FollowState {
  readonly clientId: number | null;
  /** I show my view to everybody here; each of them can decline. */
  readonly presenting: boolean;
  follow(clientId: number | null): void;
  present(presenting: boolean): void;
}

export const useFollowStore = create<FollowState>()((set) => ({
  clientId: null,
  presenting: false,
  follow: (clientId) => set({ clientId }),
  present: (presenting) => set(presenting ? { presenting, clientId: null } : { presenting }),
}));
