import { Button, Popover } from "@mantine/core";
import { useEffect } from "react";
import { useStore } from "zustand";
import type { ConnectionState } from "#client/session/connection-state.ts";
import type { Rescue } from "#client/session/rescue.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { toast } from "#client/state/toast-store.ts";
import { downloadText } from "./download-text.ts";
import styles from "./save-state.module.css";
import { saveWords, sinceWords } from "./save-words.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** The promise in the top bar: "saved" means that the server has every edit on disk. */
export function SaveState() {
  const { session } = useWorkspace();
  const connection = useStore(session.connection);
  const rescues = useStore(session.rescues, (state) => state.rescues);
  const { tone, label, detail } = saveWords(connection, session.keepsCopy);
  // Why is said with each refused copy below.
  const refused = connection.state === "refused" && rescues.length > 0;
  const words = refused ? sinceWords(connection.since, session.keepsCopy) : detail;
  useWarningBeforeLeaving();
  const line = connection.state === "refused" ? connection.since : connection;
  const action =
    line.state === "offline" || line.state === "not-stored"
      ? { label: "Try now", run: () => session.reconnect() }
      : line.state === "signed-out"
        ? { label: "Sign in", run: () => open("/sign-in", "_blank", "noopener") }
        : line.state === "outdated"
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
          <span className="numbers">{rescues.length > 0 ? rescueLabel(rescues, connection) : label}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.detail ?? ""}>
        {words && <p>{words}</p>}
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
  const annotate = useRight("annotate");
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
      <p>
        {rescue.what} {marks.length === 1 ? "It is" : "They are"} kept on this computer until you decide.
      </p>
      <div>
        <Button
          size="compact-xs"
          disabled={!annotate.allowed}
          title={annotate.reason || undefined}
          onClick={() => void retry()}
        >
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

/** "2 marks refused: too large", and how the line is, where it is not well. */
function rescueLabel(rescues: readonly Rescue[], connection: ConnectionState): string {
  const count = rescues.reduce((sum, rescue) => sum + rescue.marks().length, 0);
  const now = connection.state === "refused" ? connection.since : connection;
  const why =
    connection.state === "refused" ? saveWords(connection).label.replace(/^Refused/, "") : ": kept here";
  const line = now.state === "saved" || now.state === "saving" ? "" : ` · ${saveWords(now).label}`;
  return `${count} ${count === 1 ? "mark" : "marks"} refused${why}${line}`;
}

/** A browser that keeps no copy would lose with the page what the server does not have. */
function useWarningBeforeLeaving(): void {
  const { session } = useWorkspace();
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      const state = session.connection.getState();
      if (!session.keepsCopy && "waiting" in state && state.waiting > 0) event.preventDefault();
    };
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [session]);
}
