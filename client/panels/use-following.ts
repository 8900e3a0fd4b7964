import { useEffect, useRef } from "react";
import { type Display, useDisplayStore } from "#client/state/display-store.ts";
import { useDraftStore } from "#client/state/draft-store.ts";
import { type FollowedScreen, followRoom } from "#client/state/follow-room.ts";
import { useFollowStore } from "#client/state/follow-store.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import type { SharedDisplay } from "#core/protocol/presence.ts";
import { useWorkspace } from "./workspace-context.ts";

/** Whoever pressed something within this time is at work. */
const workingMs = 4_000;
const colourMaps: readonly string[] = ["grey", "viridis", "cividis", "inferno", "fire"];
const inputs = ["pointerdown", "wheel", "keydown"] as const;
/** Keys that are only held for others. */
const modifiers = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock"]);

/** This screen goes where I follow somebody; anything I do lets go, except on what speaks of following itself. */
export function useFollowing(): void {
  const { session, viewer, micrograph } = useWorkspace();
  const { presence } = session;
  const latest = useRef(micrograph);
  latest.current = micrograph;
  useEffect(() => {
    if (!viewer) return;
    let lastInputMs = Number.NEGATIVE_INFINITY;
    const letGo = (event: Event) => {
      if (event instanceof KeyboardEvent && modifiers.has(event.key)) return;
      if (event.target instanceof Element && event.target.closest("[data-following-controls]")) return;
      lastInputMs = performance.now();
      const { clientId, follow } = useFollowStore.getState();
      if (clientId !== null) follow(null);
    };
    // Capture: the picture keeps its pointer events to itself.
    for (const kind of inputs) addEventListener(kind, letGo, { capture: true, passive: true });
    const busy = () => useDraftStore.getState().draft !== null || performance.now() - lastInputMs < workingMs;
    const stop = followRoom(
      presence,
      screenOf(viewer, () => latest.current, busy),
    );
    return () => {
      stop();
      for (const kind of inputs) removeEventListener(kind, letGo, { capture: true });
    };
  }, [presence, viewer]);
}

function screenOf(
  viewer: MicrographViewer,
  micrograph: () => Micrograph,
  busy: () => boolean,
): FollowedScreen {
  return {
    busy,
    lookAt: (view) => viewer.lookAt(view),
    frame: () => useDisplayStore.getState().frame,
    showFrame: (frame) => useDisplayStore.getState().setFrame(Math.min(frame, micrograph().frames - 1)),
    display() {
      const { signal, display } = useDisplayStore.getState();
      return { signal, window: display };
    },
    showDisplay({ signal, window }: SharedDisplay) {
      if (window && !colourMaps.includes(window.colourMap)) return;
      const known = micrograph().signals.some(({ id }) => id === signal);
      if (known) useDisplayStore.getState().setSignal(signal);
      useDisplayStore.setState({ display: window as Display | null });
    },
    subscribe: (listener) => useDisplayStore.subscribe(listener),
  };
}
