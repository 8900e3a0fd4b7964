import { Button, Popover } from "@mantine/core";
import { useStore } from "zustand";
import type { ConnectionState } from "#client/session/connection-state.ts";
import type { Rescue } from "#client/session/rescue.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { toast } from "#client/state/toast-store.ts";
import { downloadText } from "./download-text.ts";
import styles from "./save-state.module.css";
import { useWorkspace } from "./workspace-context.ts";

/** The promise in the top bar: "saved" means that the server has every edit on disk. */
export function SaveState() {
  const { session } = useWorkspace();
  const connection = useStore(session.connection);
  const rescues = useStore(session.rescues, (state) => state.rescues);
  const { tone, label, detail } = saveWords(connection);
  const action =
    connection.state === "offline"
      ? { label: "Try now", run: () => session.reconnect() }
      : connection.state === "signed-out"
        ? { label: "Sign in", run: () => open("/sign-in", "_blank", "noopener") }
        : connection.state === "outdated"
          ? { label: "Reload", run: () => location.reload() }
          : null;
  return (
    <Popover width={320} position="bottom-start" shadow="md">
      <Popover.Target>
        <button
          type="button"
          className={styles.state}
          data-tone={rescues.length > 0 ? "danger" : tone}
          data-state={connection.state}
          aria-live="polite"
        >
          <i />
          <span className="numbers">{rescues.length > 0 ? rescueLabel(rescues) : label}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.detail ?? ""}>
        <p>{detail}</p>
        {action && (
          <Button size="xs" variant="default" onClick={action.run}>
            {action.label}
          </Button>
        )}
        {rescues.map((rescue, index) => (
          // Rescues have no identity of their own; the list only shrinks.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <RescueActions key={index} rescue={rescue} />
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}

function RescueActions({ rescue }: { readonly rescue: Rescue }) {
  const marks = rescue.marks();
  const retry = () =>
    rescue.retry().then(
      (count) => toast(`${count} ${count === 1 ? "mark is" : "marks are"} written again.`, "good"),
      (error) => toast(sentenceOf(error), "danger"),
    );
  const download = () => {
    const { fileName, json } = rescue.download();
    downloadText(fileName, "application/json", json);
  };
  return (
    <div className={styles.rescue}>
      <strong>
        {marks.length} {marks.length === 1 ? "mark was" : "marks were"} refused
      </strong>
      <p>{rescue.what} They are kept on this computer until you decide.</p>
      <div>
        <Button size="compact-xs" onClick={() => void retry()}>
          Try again
        </Button>
        <Button size="compact-xs" variant="default" onClick={download}>
          Download
        </Button>
        <Button size="compact-xs" variant="subtle" color="red" onClick={() => void rescue.discard()}>
          Discard
        </Button>
      </div>
    </div>
  );
}

function rescueLabel(rescues: readonly Rescue[]): string {
  const count = rescues.reduce((sum, rescue) => sum + rescue.marks().length, 0);
  return `${count} ${count === 1 ? "mark" : "marks"} refused: kept here`;
}

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
