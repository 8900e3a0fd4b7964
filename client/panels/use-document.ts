import { useSyncExternalStore } from "react";
import { useStore } from "zustand";
import type { AnnotationSession } from "#client/session/annotation-session.ts";
import type { AnnotationDocument } from "#core/document/annotation-document.ts";
import type { PresenceState } from "#core/protocol/presence.ts";

/** The document as it is now, and a number that rises with each of its changes: its map of marks is always the same object. */
export function useDocument(session: AnnotationSession): {
  readonly document: AnnotationDocument;
  readonly version: number;
} {
  const document = useStore(session.current, (state) => state.document);
  const version = useSyncExternalStore(
    (listener) => document.subscribe(listener),
    () => document.version,
  );
  return { document, version };
}

/** Everybody else in the room, by client id. */
export function usePresence(session: AnnotationSession): ReadonlyMap<number, PresenceState> {
  return useSyncExternalStore(
    (listener) => session.presence.subscribe(listener),
    () => session.presence.others(),
  );
}
