import type { ConnectionState, RefusedState } from "#client/session/connection-state.ts";
import type { RefusalCode } from "#core/protocol/messages.ts";

export interface SaveWords {
  readonly tone: "good" | "busy" | "warning" | "danger";
  readonly label: string;
  readonly detail: string;
}

/** Why, in the few words that fit beside a count. */
const because: Readonly<Record<RefusalCode, string>> = {
  size: "too large",
  rate: "too many at once",
  role: "your role does not draw here",
  author: "drawn under another name",
  malformed: "unreadable",
  quota: "the room is full",
  epoch: "the image was restored since",
  storage: "not stored",
};

/**
 * What the top bar says for each state of the connection.
 * @param keepsCopy what is drawn outlives the tab: a browser that keeps nothing must not be said to
 */
export function saveWords(connection: ConnectionState, keepsCopy = true): SaveWords {
  const kept = keepsCopy
    ? "Your edits are kept in this browser."
    : "This browser keeps nothing once this page is closed: leave it open until the edits are sent.";
  switch (connection.state) {
    case "connecting":
      return {
        tone: "busy",
        label: `Connecting${andWaiting(connection)}`,
        detail: "Reading the marks from the server.",
      };
    case "saved":
      return connection.mayWrite
        ? { tone: "good", label: "Saved", detail: "The server has every edit of yours on disk." }
        : {
            tone: "good",
            label: "Up to date",
            detail: "You see every change as it comes. Your role does not draw here.",
          };
    case "saving":
      return {
        tone: "busy",
        label: "Saving",
        detail: `${edits(connection.waiting)} for the server’s word that they are on disk.`,
      };
    case "offline":
      return {
        tone: "warning",
        label: `Offline since ${clock(connection.sinceMs)}${andWaiting(connection)}`,
        detail: `The connection is lost. Go on drawing: it is sent when the connection is back. ${kept}`,
      };
    case "not-stored":
      return {
        tone: "danger",
        label: `Server cannot store${andWaiting(connection)}`,
        detail: `Since ${clock(connection.sinceMs)} the server cannot write to its disk: it is full or failing. It is asked again by itself; tell whoever keeps it running. ${kept}`,
      };
    case "refused":
      return {
        tone: "danger",
        label: `Refused: ${because[connection.code]}`,
        detail: `${connection.what} ${sinceWords(connection.since, keepsCopy)}`,
      };
    case "signed-out":
      return {
        tone: "danger",
        label: `Signed out${andWaiting(connection)}`,
        detail: `Sign in again to go on${connection.waiting > 0 ? " and to send what waits" : ""}. ${kept}`,
      };
    case "no-right":
      return {
        tone: "danger",
        label: `No access any more${andWaiting(connection)}`,
        detail: `You no longer have the right to this micrograph. ${connection.waiting > 0 ? kept : ""}`,
      };
    case "gone":
      return { tone: "danger", label: "Deleted", detail: "This micrograph is not on the server any more." };
    case "outdated":
      return {
        tone: "warning",
        label: "New version: reload",
        detail: `Lamella was updated while this page was open. ${kept}`,
      };
    case "quota":
      return {
        tone: "danger",
        label: `Storage full${andWaiting(connection)}`,
        detail: `The server’s storage is full; ask its administrator. ${kept}`,
      };
    case "closed":
      return { tone: "busy", label: "Closed", detail: "The connection to this micrograph is closed." };
  }
}

/** What was drawn since a refusal goes its own way, and that must not be hidden by the refusal; "" where there is nothing to say. */
export function sinceWords(since: RefusedState["since"], keepsCopy: boolean): string {
  if (since.state === "saved") return since.mayWrite ? "What you drew since is saved." : "";
  const { label } = saveWords(since, keepsCopy);
  return `What you drew since: ${label.charAt(0).toLowerCase()}${label.slice(1)}.`;
}

function andWaiting({ waiting }: { readonly waiting: number }): string {
  return waiting > 0 ? `, ${edits(waiting)}` : "";
}

function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

function edits(count: number): string {
  return count === 1 ? "1 edit waits" : `${count} edits wait`;
}
