import type { LocalPresence } from "#client/session/presence-throttle.ts";
import type { Presence } from "#client/session/room-presence.ts";
import type { PresenceState, SharedDisplay } from "#core/protocol/presence.ts";
import { noFollowing, useFollowStore } from "./follow-store.ts";

/** What following moves: this screen's view and display. */
export interface FollowedScreen {
  lookAt(view: { readonly x: number; readonly y: number; readonly width: number }): void;
  frame(): number;
  showFrame(frame: number): void;
  display(): SharedDisplay;
  /** Shows a display, where this micrograph can be shown so. */
  showDisplay(display: SharedDisplay): void;
  /** Frame or display changed here. */
  subscribe(listener: () => void): () => void;
  /** In the middle of something: the view must not be taken away. */
  busy(): boolean;
}

/**
 * Keeps this screen with whoever it follows, and tells the room what it follows and shows. A presenter who begins is
 * followed at once, or asked about while this person is at work. A display that was taken over is given back when the
 * following ends, whatever ended it.
 *
 * @returns stops, and gives the display back
 */
export function followRoom(presence: Presence, screen: FollowedScreen): () => void {
  let presenters: ReadonlySet<number> = new Set();
  let looked: string | null = null;
  let shown: string | null = null;
  /** My own display, while another's is shown in its place. */
  let own: SharedDisplay | null = null;
  let told: LocalPresence = {};
  let running = false;

  function heedPresenters(others: ReadonlyMap<number, PresenceState>): void {
    const { clientId, askedBy, presenting, follow, decline } = useFollowStore.getState();
    const now = new Set([...others].filter(([, state]) => state.presenting === true).map(([id]) => id));
    const before = presenters;
    presenters = now;
    const begun = [...now].find((id) => !before.has(id));
    const ended = (id: number | null) => id !== null && before.has(id) && !now.has(id);
    if (ended(clientId) || ended(askedBy)) decline();
    else if (clientId !== null && !others.has(clientId)) follow(null);
    if (begun === undefined || presenting) return;
    if (screen.busy()) useFollowStore.setState({ askedBy: begun });
    else follow(begun);
  }

  function goAlong(state: PresenceState | undefined): void {
    const view = state?.viewport;
    if (view && looked !== JSON.stringify(view)) {
      looked = JSON.stringify(view);
      screen.lookAt(view);
    }
    if (state?.frame !== undefined && state.frame !== screen.frame()) screen.showFrame(state.frame);
  }

  function borrowDisplay(offered: SharedDisplay | null): void {
    if (!offered) {
      if (own) screen.showDisplay(own);
      own = shown = null;
      return;
    }
    const words = JSON.stringify(offered);
    if (words === shown) return;
    shown = words;
    own ??= screen.display();
    screen.showDisplay(offered);
  }

  function tell(): void {
    const { clientId, presenting, showsDisplay } = useFollowStore.getState();
    const display = presenting && showsDisplay ? screen.display() : null;
    const now: LocalPresence = { presenting, following: clientId, frame: screen.frame(), display };
    if (JSON.stringify(now) === JSON.stringify(told)) return;
    told = now;
    presence.setLocal(now);
  }

  function heed(): void {
    // What is done here is told here again: once is enough.
    if (running) return;
    running = true;
    const others = presence.others();
    heedPresenters(others);
    const { clientId, takesDisplay } = useFollowStore.getState();
    const state = clientId === null ? undefined : others.get(clientId);
    if (!state) looked = null;
    goAlong(state);
    const offered = takesDisplay && state?.presenting === true ? (state.display ?? null) : null;
    borrowDisplay(offered);
    tell();
    running = false;
  }

  const leave = [presence.subscribe(heed), useFollowStore.subscribe(heed), screen.subscribe(heed)];
  heed();
  return () => {
    for (const stop of leave) stop();
    borrowDisplay(null);
    useFollowStore.setState(noFollowing);
    presence.setLocal({ presenting: false, following: null, display: null });
  };
}

/** How many people follow this client, and how many are here; several windows of one person count once. */
export function followersOf(
  others: ReadonlyMap<number, PresenceState>,
  clientId: number,
): { readonly following: number; readonly here: number } {
  const [following, here] = [new Set<string | number>(), new Set<string | number>()];
  for (const [id, state] of others) {
    const person = state.user?.principalId ?? id;
    here.add(person);
    if (state.following === clientId) following.add(person);
  }
  return { following: following.size, here: here.size };
}
