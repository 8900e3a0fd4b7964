import type { Draft, PresenceState } from "#core/protocol/presence.ts";

export type LocalPresence = Partial<Omit<PresenceState, "user">>;

/** Limits of the protocol: what a room's people can read of each other without anybody's line filling up. */
export const presenceLimits = { cursorHz: 30, draftHz: 15, draftVertices: 512, bytes: 8_192 } as const;

/** What the throttle needs of time; the platform's own outside tests. */
export interface Clock {
  now(): number;
  after(delayMs: number, callback: () => void): () => void;
}

const platformClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Thins what a person sends of themselves: cursor ≤ 30 Hz, draft and the rest ≤ 15 Hz; the first value leaves at once, of
 * those in between only the last, which always leaves.
 */
export class PresenceThrottle {
  readonly #send: (state: LocalPresence) => void;
  readonly #clock: Clock;
  /** What was sent last, and newer values that wait for their turn. */
  #sent: LocalPresence = {};
  #waiting: LocalPresence = {};
  #pending = new Set<keyof LocalPresence>();
  readonly #sentAtMs = new Map<keyof LocalPresence, number>();
  #cancel: (() => void) | null = null;

  /** @param send takes the whole state, within the limits */
  constructor(send: (state: LocalPresence) => void, clock: Clock = platformClock) {
    this.#send = send;
    this.#clock = clock;
  }

  set(partial: LocalPresence): void {
    this.#waiting = { ...this.#waiting, ...partial };
    for (const key of Object.keys(partial) as (keyof LocalPresence)[]) this.#pending.add(key);
    this.#flush();
  }

  /** Send the whole state again: to a fresh room. */
  resend(): void {
    if (Object.keys(this.#sent).length) this.#send(withinLimits(this.#sent));
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#pending.clear();
  }

  #flush(): void {
    const now = this.#clock.now();
    const due = [...this.#pending].filter((key) => this.#dueIn(key, now) <= 0);
    if (due.length) {
      for (const key of due) {
        this.#pending.delete(key);
        this.#sentAtMs.set(key, now);
        this.#sent = { ...this.#sent, [key]: this.#waiting[key] };
      }
      this.#send(withinLimits(this.#sent));
    }
    this.#cancel?.();
    this.#cancel = null;
    if (this.#pending.size === 0) return;
    const nextMs = Math.min(...[...this.#pending].map((key) => this.#dueIn(key, now)));
    this.#cancel = this.#clock.after(Math.max(1, nextMs), () => {
      this.#cancel = null;
      this.#flush();
    });
  }

  #dueIn(key: keyof LocalPresence, now: number): number {
    const hz = key === "cursor" ? presenceLimits.cursorHz : presenceLimits.draftHz;
    const last = this.#sentAtMs.get(key);
    return last === undefined ? 0 : last + 1_000 / hz - now;
  }
}

/** The state as it may leave: a draft is thinned to 512 vertices, and left out where the whole would pass 8 kB. */
export function withinLimits(state: LocalPresence): LocalPresence {
  const thinned = state.draft ? { ...state, draft: thinnedDraft(state.draft) } : state;
  if (JSON.stringify(thinned).length <= presenceLimits.bytes) return thinned;
  if (thinned.draft) return withinLimits({ ...thinned, draft: null });
  const { selection: _tooLong, ...rest } = thinned;
  return rest;
}

function thinnedDraft(draft: Draft): Draft {
  if (draft.type !== "shape") return draft;
  const count = draft.rings.reduce((sum, ring) => sum + ring.xy.length / 2, 0);
  // Coordinates of 1/8 px are up to ten characters: what is left of 8 kB holds about 350 vertices of a large image.
  const most = Math.min(presenceLimits.draftVertices, 350);
  const every = Math.ceil(count / most);
  const rings = draft.rings.map((ring) => ({
    ...ring,
    xy: ring.xy
      .filter((_, i, xy) => every === 1 || Math.floor(i / 2) % every === 0 || i >= xy.length - 2)
      .map((value) => Math.round(value * 8) / 8),
  }));
  return { ...draft, rings };
}
