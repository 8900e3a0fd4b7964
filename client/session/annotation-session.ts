import type { StoreApi } from "zustand/vanilla";
import type { AnnotationDocument } from "#core/document/annotation-document.ts";
import type { PresenceState } from "#core/protocol/presence.ts";
import type { ConnectionState } from "./connection-state.ts";
import type { Rescue } from "./rescue.ts";

/** Who else is here. Local values are thinned to the limits of the protocol before they leave. */
export interface Presence {
  /** Everybody else's state by Yjs client id. A new map on every change. */
  others(): ReadonlyMap<number, PresenceState>;
  /** Merge into my own state; cursor ≤ 30 Hz, draft ≤ 15 Hz, the last value always leaves. */
  setLocal(partial: Partial<Omit<PresenceState, "user">>): void;
  subscribe(listener: () => void): () => void;
}

export interface AnnotationSession {
  /** The document as it is now: `current.getState().document`. A refusal replaces it: components read `current`. */
  readonly document: AnnotationDocument;
  readonly current: StoreApi<{ readonly document: AnnotationDocument }>;
  readonly connection: StoreApi<ConnectionState>;
  readonly rescues: StoreApi<{ readonly rescues: readonly Rescue[] }>;
  readonly presence: Presence;
  /** After signing in again, or to try at once instead of waiting. */
  reconnect(): void;
  /** Delete the local copy (sign-out). @returns how many edits had not reached the server */
  forgetLocalCopy(): Promise<number>;
  close(): Promise<void>;
}

export interface AnnotationSessionOptions {
  readonly micrographId: string;
  /** Base of the server's WebSocket address: ws://host:port or wss://host; the room is `<base>/sync/<room>`. */
  readonly serverUrl: string;
  readonly principalId: string;
  readonly WebSocketImpl?: typeof WebSocket;
  /** null: no local copy (private browsing, tests). Default: the browser's own. */
  readonly indexedDb?: IDBFactory | null;
  /** For programs without a cookie: a fresh one-time ticket before each connection. */
  readonly ticket?: () => Promise<string>;
}

export declare function openAnnotationSession(options: AnnotationSessionOptions): AnnotationSession;
