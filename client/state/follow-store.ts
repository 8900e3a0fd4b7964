import { create } from "zustand";

/** Whose view mine follows, and who follows mine. Any input of my own lets go. */
interface FollowState {
  /** A client in the room. */
  readonly clientId: number | null;
  /** A presenter who asks me to follow while I am at work: nobody's view is taken from under their hands. */
  readonly askedBy: number | null;
  /** Of the presenter I follow I also take the display; declined, I keep my own. */
  readonly takesDisplay: boolean;
  /** I ask everybody here to follow my view; each of them can decline. */
  readonly presenting: boolean;
  /** While presenting: whoever follows is offered my display too. */
  readonly showsDisplay: boolean;
  follow(clientId: number | null): void;
  /** Stay where I am. */
  decline(): void;
  takeDisplay(takes: boolean): void;
  present(presenting: boolean): void;
  showDisplay(shows: boolean): void;
}

export const noFollowing = {
  ...{ clientId: null, askedBy: null, takesDisplay: true, presenting: false, showsDisplay: false },
} as const;

export const useFollowStore = create<FollowState>()((set) => ({
  ...noFollowing,
  follow: (clientId) => set({ clientId, askedBy: null, takesDisplay: true }),
  decline: () => set({ clientId: null, askedBy: null }),
  takeDisplay: (takesDisplay) => set({ takesDisplay }),
  present: (presenting) =>
    set(presenting ? { ...noFollowing, presenting } : { presenting, showsDisplay: false }),
  showDisplay: (showsDisplay) => set({ showsDisplay }),
}));
