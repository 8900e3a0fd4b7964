import { create } from "zustand";

export interface Toast {
  readonly id: number;
  readonly tone: "plain" | "good" | "warning" | "danger";
  readonly text: string;
  readonly about: string | null;
}

interface ToastState {
  readonly toasts: readonly Toast[];
  dismiss(id: number): void;
}

let lastId = 0;
export const useToastStore = create<ToastState>()((set) => ({
  toasts: [],
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}));

/** What was said about something holds no longer. */
export function withdrawToasts(about: string): void {
  useToastStore.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.about !== about) }));
}

/**
 * A sentence at the foot of the page for some seconds; trouble stays twice as long. The same sentence is not stacked.
 *
 * @param about what it is news of: a later sentence about the same takes its place
 */
export function toast(text: string, tone: Toast["tone"] = "plain", about: string | null = null): void {
  const id = ++lastId;
  useToastStore.setState(({ toasts }) => ({
    toasts: [
      ...toasts.filter((other) => other.text !== text && (about === null || other.about !== about)),
      { id, tone, text, about },
    ].slice(-4),
  }));
  setTimeout(
    () => useToastStore.getState().dismiss(id),
    tone === "danger" || tone === "warning" ? 9000 : 4000,
  );
}
