import type { Awareness } from "y-protocols/awareness";
import type { PresenceState } from "#core/protocol/presence.ts";
import { readPresence } from "#core/protocol/read-presence.ts";
import { type LocalPresence, PresenceThrottle } from "./presence-throttle.ts";

/** Who else is here. Local values are thinned to the limits of the protocol before they leave. */
export interface Presence {
  /** Under which the others know me. */
  clientId(): number;
  /** Everybody else's state by Yjs client id; one and the same map until somebody's state changes. */
  others(): ReadonlyMap<number, PresenceState>;
  /** Merge into my own state; cursor ≤ 30 Hz, draft ≤ 15 Hz, the last value always leaves. */
  setLocal(partial: LocalPresence): void;
  subscribe(listener: () => void): () => void;
}

/** Presence over the room's awareness, which a refusal replaces together with the document. */
export class RoomPresence implements Presence {
  #awareness: Awareness;
  #others: ReadonlyMap<number, PresenceState> = new Map();
  readonly #checked = new WeakMap<object, PresenceState>();
  readonly #listeners = new Set<() => void>();
  readonly #throttle = new PresenceThrottle((state) =>
    this.#awareness.setLocalState(state as Record<string, unknown>),
  );

  constructor(awareness: Awareness) {
    this.#awareness = awareness;
    awareness.on("change", this.#onChange);
  }

  clientId(): number {
    return this.#awareness.clientID;
  }

  others(): ReadonlyMap<number, PresenceState> {
    return this.#others;
  }

  setLocal(partial: LocalPresence): void {
    this.#throttle.set(partial);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Go on in another room's awareness. */
  moveTo(awareness: Awareness): void {
    this.#awareness.off("change", this.#onChange);
    this.#awareness = awareness;
    awareness.on("change", this.#onChange);
    this.#throttle.resend();
    this.#onChange();
  }

  close(): void {
    this.#throttle.stop();
    this.#awareness.off("change", this.#onChange);
    this.#listeners.clear();
  }

  /** A state stays the same object until its person changes it: it is checked once. */
  #read(state: object): PresenceState {
    const known = this.#checked.get(state);
    if (known) return known;
    const checked = readPresence(state);
    this.#checked.set(state, checked);
    return checked;
  }

  readonly #onChange = (): void => {
    const others = new Map<number, PresenceState>();
    for (const [clientId, state] of this.#awareness.getStates())
      if (clientId !== this.#awareness.clientID) others.set(clientId, this.#read(state));
    this.#others = others;
    for (const listener of [...this.#listeners]) listener();
  };
}
