import { createDecoder, readVarString, readVarUint } from "lib0/decoding";
import type { RoomLimits } from "./limits.ts";
import { type AwarenessEntry, awarenessMessage, webSocketFrame } from "./messages.ts";
import type { RoomSocket } from "./room-socket.ts";
import type { SharedWindow } from "./shared-window.ts";

/** Read an awareness update. @throws where it is none */
export function readAwareness(update: Uint8Array): AwarenessEntry[] {
  const decoder = createDecoder(update);
  const entries: AwarenessEntry[] = [];
  for (let left = readVarUint(decoder); left > 0; left--) {
    entries.push({
      clientId: readVarUint(decoder),
      clock: readVarUint(decoder),
      state: readVarString(decoder),
    });
  }
  return entries;
}

/**
 * Who is in the room and what they are doing. The latest state wins; states of one window travel together. Presence is
 * never stored and is the first thing dropped.
 */
export class PresenceBoard {
  readonly #sockets: ReadonlySet<RoomSocket>;
  readonly #limits: RoomLimits;
  readonly #states = new Map<number, { readonly entry: AwarenessEntry; readonly socket: RoomSocket }>();
  readonly #changed = new Map<number, { readonly entry: AwarenessEntry; readonly socket: RoomSocket }>();
  readonly #window: SharedWindow;

  constructor(sockets: ReadonlySet<RoomSocket>, limits: RoomLimits, window: SharedWindow) {
    this.#sockets = sockets;
    this.#limits = limits;
    this.#window = window;
  }

  /** True where another open socket shows itself under this id. */
  isTaken(clientId: number, by: RoomSocket): boolean {
    const holder = this.#states.get(clientId)?.socket;
    return holder !== undefined && holder !== by && !holder.ended;
  }

  /** Take a state from the socket it belongs to. @returns false where it was not taken */
  show(entry: AwarenessEntry, socket: RoomSocket): boolean {
    if (entry.state.length > this.#limits.maxAwarenessBytes) return false;
    const before = this.#states.get(entry.clientId);
    if (before?.socket === socket && entry.clock < before.entry.clock) return false;
    const state = parseState(entry.state);
    if (state === undefined) return false;
    if (state === null) {
      this.#remove(entry.clientId, entry.clock, socket);
      return true;
    }
    const shown = { ...entry, state: JSON.stringify({ ...state, user: socket.principal }) };
    this.#states.set(entry.clientId, { entry: shown, socket });
    this.#announce(shown, socket);
    return true;
  }

  leave(socket: RoomSocket): void {
    const clientId = socket.presenceClientId;
    const shown = clientId === null ? undefined : this.#states.get(clientId);
    if (shown?.socket === socket) this.#remove(clientId!, shown.entry.clock, socket);
  }

  /** Everybody, for someone who comes in or asks. */
  everybody(): Uint8Array | null {
    return this.#states.size === 0
      ? null
      : awarenessMessage([...this.#states.values()].map(({ entry }) => entry));
  }

  close(): void {
    this.#window.leave(this.#flush);
  }

  #remove(clientId: number, clock: number, socket: RoomSocket): void {
    if (!this.#states.delete(clientId)) return;
    this.#announce({ clientId, clock, state: "null" }, socket);
  }

  #announce(entry: AwarenessEntry, socket: RoomSocket): void {
    this.#changed.set(entry.clientId, { entry, socket });
    this.#window.join(this.#flush);
  }

  readonly #flush = (): void => {
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    const frames = webSocketFrame(awarenessMessage(changed.map(({ entry }) => entry)));
    // Of several, each also gets its own back: not newer than what it has, so it ignores it.
    const only = changed.length === 1 ? changed[0]!.socket : null;
    for (const socket of this.#sockets) if (socket !== only) socket.writePresence(frames);
  };
}

/** The state, null for one who leaves, or undefined where the text is no state. */
function parseState(text: string): Readonly<Record<string, unknown>> | null | undefined {
  try {
    const state = JSON.parse(text) as unknown;
    return typeof state === "object" && !Array.isArray(state)
      ? (state as Record<string, unknown> | null)
      : undefined;
  } catch {
    return undefined;
  }
}
