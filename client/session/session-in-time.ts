import type { StoreApi } from "zustand/vanilla";
import type { AnnotationDocument } from "#core/document/annotation-document.ts";
import type { PresenceState } from "#core/protocol/presence.ts";
import type { AnnotationSession } from "./annotation-session.ts";
import type { Presence } from "./room-presence.ts";

/** Which moment is looked at; null: now. */
export interface Past {
  getState(): AnnotationDocument | null;
  subscribe(listener: () => void): () => void;
}

type Current = AnnotationSession["current"];

/**
 * A session whose document is that of an earlier moment while one is open, and its own otherwise: what paints, lists and
 * measures marks does so for that moment without knowing of it. Connection, rescues and sending stay those of now.
 */
export function sessionInTime(session: AnnotationSession, past: Past): AnnotationSession {
  return {
    get document() {
      return past.getState() ?? session.document;
    },
    get keepsCopy() {
      return session.keepsCopy;
    },
    current: currentInTime(session.current, past),
    connection: session.connection,
    rescues: session.rescues,
    presence: presenceInTime(session.presence, past),
    reconnect: () => session.reconnect(),
    forgetLocalCopy: () => session.forgetLocalCopy(),
    close: () => session.close(),
  };
}

function currentInTime(now: Current, past: Past): Current {
  const getState: Current["getState"] = () => ({ document: past.getState() ?? now.getState().document });
  const subscribe: StoreApi<{ readonly document: AnnotationDocument }>["subscribe"] = (listener) => {
    let before = getState();
    const look = () => {
      const after = getState();
      if (after.document === before.document) return;
      const previous = before;
      before = after;
      listener(after, previous);
    };
    const leave = [now.subscribe(look), past.subscribe(look)];
    return () => {
      for (const stop of leave) stop();
    };
  };
  return { getState, subscribe, getInitialState: getState, setState: now.setState };
}

/** Who draws and holds what belongs to now: of the others only cursor and view are told in an earlier moment. */
function presenceInTime(presence: Presence, past: Past): Presence {
  const bare = new WeakMap<ReadonlyMap<number, PresenceState>, ReadonlyMap<number, PresenceState>>();
  const withoutWork = (others: ReadonlyMap<number, PresenceState>) => {
    const known = bare.get(others);
    if (known) return known;
    const made = new Map(
      [...others].map(([id, { draft: _draft, selection: _selection, ...state }]) => [id, state] as const),
    );
    bare.set(others, made);
    return made;
  };
  return {
    clientId: () => presence.clientId(),
    others: () => (past.getState() ? withoutWork(presence.others()) : presence.others()),
    subscribe: (listener) => presence.subscribe(listener),
    setLocal: (partial) => presence.setLocal(partial),
  };
}
