import { create } from "zustand";
import type { Comment } from "#core/schema/records/comment.ts";

export type CommentPlace = NonNullable<Comment["at"]>;

/** What the conversation is about now: a thread that was asked for, or a place where a new one is to begin. */
interface DiscussionState {
  readonly threadId: string | null;
  readonly place: CommentPlace | null;
  /** Rises with every request, so that asking for the same again is answered again. */
  readonly asked: number;
  openThread(threadId: string): void;
  beginAt(place: CommentPlace | null): void;
}

export const useDiscussionStore = create<DiscussionState>()((set) => ({
  threadId: null,
  place: null,
  asked: 0,
  openThread: (threadId) => set(({ asked }) => ({ threadId, place: null, asked: asked + 1 })),
  beginAt: (place) => set(({ asked }) => ({ threadId: null, place, asked: asked + 1 })),
}));
