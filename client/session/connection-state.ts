import type { RefusalCode } from "#core/protocol/messages.ts";
import type { Rescue } from "./rescue.ts";
import type { LinkStatus } from "./room-connection.ts";

/** What the screen says about the room. "saved" is a promise: the server has every edit of ours on disk. */
export type ConnectionState =
  | { readonly state: "connecting"; readonly waiting: number }
  | { readonly state: "saved"; readonly mayWrite: boolean }
  /** `waiting` edits are sent or about to be, not yet confirmed. */
  | { readonly state: "saving"; readonly waiting: number }
  | { readonly state: "offline"; readonly sinceMs: number; readonly waiting: number }
  /** The server answers and cannot put edits on its disk: it is full or failing. It is asked again by itself. */
  | { readonly state: "not-stored"; readonly sinceMs: number; readonly waiting: number }
  | RefusedState
  /** 4401: sign in again; edits are kept. */
  | { readonly state: "signed-out"; readonly waiting: number }
  | { readonly state: "no-right"; readonly waiting: number }
  /** 4404: the micrograph is not there any more. */
  | { readonly state: "gone"; readonly waiting: number }
  /** 4406: reload the page; edits are kept. */
  | { readonly state: "outdated"; readonly waiting: number }
  /** 4429: the project's storage is full; edits are kept. */
  | { readonly state: "quota"; readonly waiting: number }
  | { readonly state: "closed" };

/** The server refused this copy; work goes on in a fresh one, what it lacks is in the rescue. */
export interface RefusedState {
  readonly state: "refused";
  readonly code: RefusalCode;
  readonly what: string;
  readonly rescue: Rescue;
  /** Edits made since that wait. */
  readonly waiting: number;
  /** How it stands with what was drawn since. */
  readonly since: Exclude<ConnectionState, RefusedState>;
}

/** Everything the state is told from. */
export interface ConnectionFacts {
  readonly status: LinkStatus;
  readonly synced: boolean;
  readonly mayWrite: boolean;
  /** All edits were offered on this socket and confirmed. */
  readonly settled: boolean;
  readonly waiting: number;
  readonly offlineSinceMs: number | null;
  /** Since when the server has not stored what it was sent; null again once it has stored everything. */
  readonly notStoredSinceMs: number | null;
  readonly refused: Rescue | null;
}

/** What the screen says. "saved" only where the first synchronisation is done and every frame sent is confirmed. */
export function connectionState(facts: ConnectionFacts): ConnectionState {
  const { refused } = facts;
  const since = stateOfWork(facts);
  if (!refused) return since;
  const { code, what } = refused;
  return { state: "refused", code, what, rescue: refused, waiting: facts.waiting, since };
}

function stateOfWork(facts: ConnectionFacts): Exclude<ConnectionState, RefusedState> {
  const { status, waiting, mayWrite, notStoredSinceMs } = facts;
  // Between two attempts the line is up and edits are sent: that is no saving while none of them gets to the disk.
  const trying = status === "connecting" || status === "connected" || status === "not-stored";
  if (notStoredSinceMs !== null && trying) return { state: "not-stored", sinceMs: notStoredSinceMs, waiting };
  switch (status) {
    case "connecting":
      return facts.offlineSinceMs === null
        ? { state: "connecting", waiting }
        : { state: "offline", sinceMs: facts.offlineSinceMs, waiting };
    case "offline":
      return { state: "offline", sinceMs: facts.offlineSinceMs ?? 0, waiting };
    case "not-stored":
      return { state: "connecting", waiting };
    case "connected":
      if (!facts.synced) return { state: "connecting", waiting };
      // A reader has nothing to save; edits left from a time with the right to write are still counted.
      if (facts.settled || (!mayWrite && waiting === 0)) return { state: "saved", mayWrite };
      return { state: "saving", waiting };
    default:
      return { state: status, waiting };
  }
}
