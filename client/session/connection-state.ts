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
  /** The server refused this copy; work goes on in a fresh one, what it lacks is in the rescue. */
  | { readonly state: "refused"; readonly code: RefusalCode; readonly what: string; readonly rescue: Rescue }
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

/** Everything the state is told from. */
export interface ConnectionFacts {
  readonly status: LinkStatus;
  readonly synced: boolean;
  readonly mayWrite: boolean;
  /** All edits were offered on this socket and confirmed. */
  readonly settled: boolean;
  readonly waiting: number;
  readonly offlineSinceMs: number | null;
  readonly refused: Rescue | null;
}

/** What the screen says. "saved" only where the first synchronisation is done and every frame sent is confirmed. */
export function connectionState(facts: ConnectionFacts): ConnectionState {
  const { status, waiting, mayWrite, refused } = facts;
  if (refused) return { state: "refused", code: refused.code, what: refused.what, rescue: refused };
  switch (status) {
    case "connecting":
      return facts.offlineSinceMs === null
        ? { state: "connecting", waiting }
        : { state: "offline", sinceMs: facts.offlineSinceMs, waiting };
    case "offline":
      return { state: "offline", sinceMs: facts.offlineSinceMs ?? 0, waiting };
    case "connected":
      if (!facts.synced) return { state: "connecting", waiting };
      // A reader has nothing to save; edits left from a time with the right to write are still counted.
      if (facts.settled || (!mayWrite && waiting === 0)) return { state: "saved", mayWrite };
      return { state: "saving", waiting };
    default:
      return { state: status, waiting };
  }
}
