import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LocalPresence } from "#client/session/presence-throttle.ts";
import { type FollowedScreen, followersOf, followRoom } from "#client/state/follow-room.ts";
import { noFollowing, useFollowStore } from "#client/state/follow-store.ts";
import type { PresenceState, SharedDisplay } from "#core/protocol/presence.ts";

const dark: SharedDisplay = {
  signal: "0",
  window: { low: 10, high: 20, gamma: 1, invert: false, colourMap: "grey" },
};
const hers: SharedDisplay = {
  signal: "1",
  window: { low: 1, high: 9, gamma: 2, invert: true, colourMap: "fire" },
};

/** A room whose others the test moves about, and a screen that notes what was done to it. */
function world() {
  let others: ReadonlyMap<number, PresenceState> = new Map();
  let local: LocalPresence = {};
  const listeners = new Set<() => void>();
  const screenListeners = new Set<() => void>();
  const screen = { views: [] as unknown[], frame: 0, display: dark, busy: false };
  const change = (next: Partial<typeof screen>) => {
    Object.assign(screen, next);
    for (const listener of screenListeners) listener();
  };
  const followed: FollowedScreen = {
    lookAt: (view) => void screen.views.push(view),
    frame: () => screen.frame,
    showFrame: (frame) => change({ frame }),
    display: () => screen.display,
    showDisplay: (display) => change({ display }),
    subscribe(listener) {
      screenListeners.add(listener);
      return () => screenListeners.delete(listener);
    },
    busy: () => screen.busy,
  };
  const presence = {
    clientId: () => 1,
    others: () => others,
    setLocal: (partial: LocalPresence) => {
      local = { ...local, ...partial };
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const stop = followRoom(presence, followed);
  return {
    screen,
    change,
    stop,
    local: () => local,
    /** The others are now so. */
    set(states: Readonly<Record<number, PresenceState>>) {
      others = new Map(Object.entries(states).map(([id, state]) => [Number(id), state]));
      for (const listener of [...listeners]) listener();
    },
  };
}

let room: ReturnType<typeof world>;
beforeEach(() => {
  useFollowStore.setState(noFollowing);
  room = world();
});
afterEach(() => room.stop());
const store = () => useFollowStore.getState();
const at = (x: number): PresenceState => ({ viewport: { x, y: 2, width: 100 } });

describe("following", () => {
  it("goes where the other goes, each view once, frames too, and tells the room; let go, it stays", () => {
    room.set({ 2: at(5) });
    expect(room.screen.views).toEqual([]);
    store().follow(2);
    expect(room.screen.views).toEqual([{ x: 5, y: 2, width: 100 }]);
    expect(room.local().following).toBe(2);
    // Another's cursor moved: no reason to move the view again.
    room.set({ 2: { ...at(5), cursor: { x: 1, y: 1, frame: 0 } } });
    room.set({ 2: { ...at(6), frame: 4 } });
    expect(room.screen.views).toHaveLength(2);
    expect(room.screen.frame).toBe(4);
    store().follow(null);
    room.set({ 2: { ...at(7), frame: 5 } });
    expect([room.screen.views.length, room.screen.frame, room.local().following]).toEqual([2, 4, null]);
  });

  it("ends when whoever is followed leaves", () => {
    room.set({ 2: at(5) });
    store().follow(2);
    room.set({});
    expect(store().clientId).toBeNull();
  });
});

describe("a presenter", () => {
  it("is followed at once by who is idle, until the presenting ends", () => {
    room.set({ 2: at(5), 3: at(9) });
    room.set({ 2: { ...at(5), presenting: true }, 3: at(9) });
    expect(store().clientId).toBe(2);
    expect(room.screen.views.at(-1)).toEqual({ x: 5, y: 2, width: 100 });
    room.set({ 2: at(5), 3: at(9) });
    expect(store().clientId).toBeNull();
  });

  it("asks who is at work, and takes no for an answer", () => {
    room.screen.busy = true;
    room.set({ 2: { ...at(5), presenting: true } });
    expect([store().clientId, store().askedBy, room.screen.views.length]).toEqual([null, 2, 0]);
    store().decline();
    room.set({ 2: { ...at(6), presenting: true } });
    expect([store().clientId, store().askedBy, room.screen.views.length]).toEqual([null, null, 0]);
    // Stopped and begun anew is asked anew; gone while asking, the question goes too.
    room.set({ 2: at(6) });
    room.set({ 2: { ...at(6), presenting: true } });
    expect(store().askedBy).toBe(2);
    room.set({ 2: at(6) });
    expect(store().askedBy).toBeNull();
  });

  it("does not take the view from another who presents already", () => {
    store().present(true);
    room.set({ 2: { ...at(5), presenting: true } });
    expect([store().clientId, store().askedBy]).toEqual([null, null]);
    expect(room.local()).toMatchObject({ presenting: true, following: null });
  });

  it("lends a display, which is given back whatever ends it", () => {
    const lending = { ...at(5), presenting: true, display: hers };
    const ends: (() => void)[] = [
      () => store().follow(null),
      () => store().takeDisplay(false),
      () => room.set({ 2: { ...lending, display: null } }),
      () => room.set({ 2: { ...at(5), display: hers } }),
      () => room.set({}),
      () => room.stop(),
    ];
    for (const [i, end] of ends.entries()) {
      store().follow(null);
      room.set({});
      room.set({ 2: lending });
      expect([store().clientId, room.screen.display], `before end ${i}`).toEqual([2, hers]);
      const brighter = { ...hers, window: { ...hers.window!, high: 12 } };
      room.set({ 2: { ...lending, display: brighter } });
      expect(room.screen.display).toEqual(brighter);
      end();
      expect(room.screen.display, `after end ${i}`).toEqual(dark);
    }
  });

  it("declined stays declined while the following goes on, and can be taken again", () => {
    room.set({ 2: { ...at(5), presenting: true, display: hers } });
    store().takeDisplay(false);
    room.set({ 2: { ...at(6), presenting: true, display: hers } });
    expect([room.screen.display, room.screen.views.length]).toEqual([dark, 2]);
    store().takeDisplay(true);
    expect(room.screen.display).toEqual(hers);
  });

  it("shows the own display only while presenting and only when asked to, as it changes", () => {
    expect(room.local().display).toBeNull();
    store().present(true);
    expect(room.local()).toMatchObject({ presenting: true, display: null });
    store().showDisplay(true);
    expect(room.local().display).toEqual(dark);
    room.change({ display: hers });
    expect(room.local().display).toEqual(hers);
    store().present(false);
    expect(room.local()).toMatchObject({ presenting: false, display: null });
  });

  it("sees how many follow", () => {
    const others = new Map<number, PresenceState>([
      [2, { following: 1 }],
      [3, { following: 2 }],
      [4, {}],
      // One person with two windows.
      [5, { user: { principalId: "p", name: "P", colour: "#224466" }, following: 1 }],
      [6, { user: { principalId: "p", name: "P", colour: "#224466" } }],
    ]);
    expect(followersOf(others, 1)).toEqual({ following: 2, here: 4 });
  });
});
