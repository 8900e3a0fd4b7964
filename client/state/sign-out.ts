import { copiesOf } from "#client/session/person-copies.ts";
import { whenSignedOut } from "./api-client.ts";
import { endpoints } from "./endpoints.ts";
import {
  forgetOpenWorkspaces,
  hasOpenWorkspace,
  reconnectOpenWorkspaces,
  waitingInOpenWorkspaces,
} from "./open-workspace.ts";
import { usePersonStore } from "./person-store.ts";
import { navigate } from "./router.ts";
import { listenToOtherTabs, type SessionNews, tellOtherTabs } from "./session-news.ts";

/** Edits of this person, in open rooms and in copies of closed ones, that the server does not have yet. */
export async function waitingEdits(): Promise<number> {
  const { principal } = usePersonStore.getState();
  if (!principal) return 0;
  const kept = await copiesOf(principal.id).catch(() => null);
  // The index of copies is written a moment after the edit; a room that is open knows better.
  return Math.max(waitingInOpenWorkspaces(), kept?.waiting ?? 0);
}

/**
 * Leave this computer as if nobody had worked at it: the session ends, then the copies go. The server first, since where
 * it cannot be reached nothing may be deleted.
 *
 * @throws ApiError where the server cannot be reached
 */
export async function signOutHere(): Promise<void> {
  const { principal } = usePersonStore.getState();
  await endpoints.signOut();
  if (principal) tellOtherTabs({ type: "signed-out", principalId: principal.id });
  // The screen first: deleting waits for other tabs that have the same copies open.
  const forgotten = forgetOpenWorkspaces();
  usePersonStore.getState().leave(null);
  navigate("/");
  await forgotten;
  if (principal) await copiesOf(principal.id).then((kept) => kept.forget());
}

/** Call once: what happens to the sign-in elsewhere happens here too. @returns stops listening */
export function followSession(): () => void {
  whenSignedOut(() => {
    // A workspace keeps its edits on the screen and says itself that nobody is signed in.
    if (usePersonStore.getState().principal && !hasOpenWorkspace())
      usePersonStore.getState().leave("Your sign-in has ended: it was too old, or it was ended elsewhere.");
  });
  return listenToOtherTabs((news) => void heed(news));
}

async function heed(news: SessionNews): Promise<void> {
  const { principal, ask, leave } = usePersonStore.getState();
  if (news.type === "signed-in") {
    await ask();
    if (news.principalId === principal?.id) reconnectOpenWorkspaces();
    return;
  }
  if (news.principalId !== principal?.id) return;
  // The tab that signed out has asked about edits that wait; copies that are open here are deleted here.
  const forgotten = forgetOpenWorkspaces();
  leave("You signed out in another tab of this browser.");
  await forgotten;
  await copiesOf(news.principalId).then((kept) => kept.forget());
}
