import { create } from "zustand";
import type { CommentThread } from "#core/document/record-document.ts";

/** Up to when the conversation about each micrograph has been read on this computer: the time of its newest comment seen. */
interface ReadMarks {
  readonly until: Readonly<Record<string, string>>;
  markRead(key: string, until: string): void;
}

const storageName = "lamella read until";

export const useReadMarks = create<ReadMarks>()((set, get) => ({
  until: stored(),
  markRead: (key, until) => {
    if ((get().until[key] ?? "") >= until) return;
    set((state) => ({ until: { ...state.until, [key]: until } }));
    try {
      localStorage.setItem(storageName, JSON.stringify(get().until));
    } catch {
      // Storage that is full or forbidden: marks last as long as the page.
    }
  },
}));

export function readMarkKey(principalId: string, micrographId: string): string {
  return `${principalId} ${micrographId}`;
}

/** Comments of others that came after what was read. */
export function unreadComments(
  threads: readonly Pick<CommentThread, "comments">[],
  until: string | undefined,
  me: string | null,
): ReadonlySet<string> {
  const unread = new Set<string>();
  for (const { comments } of threads) {
    for (const { id, author, createdAt, deleted } of comments) {
      if (!deleted && author !== me && createdAt > (until ?? "")) unread.add(id);
    }
  }
  return unread;
}

export function newestComment(threads: readonly Pick<CommentThread, "comments">[]): string | null {
  let newest: string | null = null;
  for (const { comments } of threads) {
    for (const { createdAt } of comments) if (newest === null || createdAt > newest) newest = createdAt;
  }
  return newest;
}

function stored(): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(storageName) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, string>) : {};
  } catch {
    return {};
  }
}
