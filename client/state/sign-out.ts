import { copiesOf } from "#client/session/person-copies.ts";
import { endpoints } from "./endpoints.ts";
import { forgetOpenWorkspaces, waitingInOpenWorkspaces } from "./open-workspace.ts";
import { usePersonStore } from "./person-store.ts";
import { navigate } from "./router.ts";

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
  await forgetOpenWorkspaces();
  usePersonStore.setState({ principal: null });
  navigate("/");
  if (principal) await copiesOf(principal.id).then((kept) => kept.forget());
}
