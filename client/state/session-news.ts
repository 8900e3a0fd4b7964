/** What one tab tells the others of this browser: they share the cookie, and must not go on as if nothing had happened. */
export type SessionNews =
  | { readonly type: "signed-in"; readonly principalId: string }
  | { readonly type: "signed-out"; readonly principalId: string };

const channelName = "lamella-session";

let channel: BroadcastChannel | null = null;
const open = (): BroadcastChannel | null => {
  if (typeof BroadcastChannel === "undefined") return null;
  return (channel ??= new BroadcastChannel(channelName));
};

export function tellOtherTabs(news: SessionNews): void {
  open()?.postMessage(news);
}

/** @returns stops listening */
export function listenToOtherTabs(listener: (news: SessionNews) => void): () => void {
  const heard = open();
  if (!heard) return () => {};
  const hear = ({ data }: MessageEvent) => listener(data as SessionNews);
  heard.addEventListener("message", hear);
  return () => heard.removeEventListener("message", hear);
}
