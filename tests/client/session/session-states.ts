import type { StoreApi } from "zustand/vanilla";
import type { AnnotationSession } from "#client/session/annotation-session.ts";
import type { ConnectionState } from "#client/session/connection-state.ts";

/** Resolves with the first state, now or later, that passes. */
export function until<State>(store: StoreApi<State>, passes: (state: State) => boolean): Promise<State> {
  const now = store.getState();
  if (passes(now)) return Promise.resolve(now);
  return new Promise((resolve) => {
    const stop = store.subscribe((state) => {
      if (!passes(state)) return;
      stop();
      resolve(state);
    });
  });
}

export const reaches = (session: AnnotationSession, state: ConnectionState["state"]) =>
  until(session.connection, (now) => now.state === state);
