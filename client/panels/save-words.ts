import type { ConnectionState } from "#client/session/connection-state.ts";

export interface SaveWords {
  readonly tone: "good" | "busy" | "warning" | "danger";
  readonly label: string;
  readonly detail: string;
}

/** What the top bar says for each state of the connection. */
export function saveWords(connection: ConnectionState): SaveWords {
  const kept = "Your edits are kept in this browser.";
  switch (connection.state) {
    case "connecting":
      return {
        tone: "busy",
        label: connection.waiting > 0 ? `Connecting, ${edits(connection.waiting)}` : "Connecting",
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
    case "offline": {
      const since = new Date(connection.sinceMs).toLocaleTimeString(undefined, {
        hour: "2-digit",
        minute: "2-digit",
      });
      return {
        tone: "warning",
        label: `Offline since ${since}${connection.waiting > 0 ? `, ${edits(connection.waiting)}` : ""}`,
        detail:
          "The connection is lost. Go on drawing: everything is kept in this browser and sent when it is back.",
      };
    }
    case "refused":
      return { tone: "danger", label: "Edits refused", detail: connection.what };
    case "signed-out":
      return {
        tone: "danger",
        label: "Signed out",
        detail: `Sign in again to send what waits (${connection.waiting}). ${kept}`,
      };
    case "no-right":
      return {
        tone: "danger",
        label: "No access any more",
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
        label: `Storage full, ${edits(connection.waiting)}`,
        detail: `The server’s storage is full; ask its administrator. ${kept}`,
      };
    case "closed":
      return { tone: "busy", label: "Closed", detail: "The connection to this micrograph is closed." };
  }
}

function edits(count: number): string {
  return count === 1 ? "1 edit waits" : `${count} edits wait`;
}
