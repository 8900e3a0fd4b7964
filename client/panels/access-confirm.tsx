import { Button, Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import styles from "./dialog.module.css";

/** Asks once before something that cannot simply be undone, and says there why it could not be done. */
export function ConfirmDialog(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly label: string;
  readonly run: () => Promise<void>;
  readonly close: () => void;
  readonly disabled?: boolean;
  readonly tone?: "danger" | "plain";
  readonly keep?: string;
}) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const run = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await props.run();
      props.close();
    } catch (error) {
      setFailure(sentenceOf(error));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={props.close} title={props.title}>
      <div className={styles.lead}>{props.children}</div>
      {failure && (
        <p className={styles.failure} role="alert">
          {failure}
        </p>
      )}
      <div className={styles.buttons}>
        <Button variant="default" onClick={props.close}>
          {props.keep ?? "Cancel"}
        </Button>
        <Button
          {...(props.tone === "plain" ? {} : { color: "red" })}
          loading={busy}
          disabled={props.disabled ?? false}
          onClick={() => void run()}
        >
          {props.label}
        </Button>
      </div>
    </Modal>
  );
}
