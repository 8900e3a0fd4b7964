import type { AnnotationCommand } from "#core/document/commands.ts";
import type { PresenceState } from "#core/protocol/presence.ts";
import type { Annotation } from "#core/schema/annotation.ts";

/** What the canvas needs of a room; client/session's AnnotationSession is one. */
export interface CanvasSession {
  readonly document: {
    annotations(): readonly Annotation[];
    execute(command: AnnotationCommand): unknown;
    subscribe(listener: () => void): () => void;
  };
  readonly presence: {
    setLocal(state: Partial<PresenceState>): void;
    others(): readonly (readonly [clientId: number, state: PresenceState])[];
    subscribe(listener: () => void): () => void;
  };
}
