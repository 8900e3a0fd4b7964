import type { RefusalCode } from "#core/protocol/messages.ts";
import type { Rescue } from "./rescue.ts";

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
