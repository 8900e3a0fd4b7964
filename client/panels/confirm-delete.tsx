import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import styles from "./dialog.module.css";

export default function ConfirmDelete(props: {
  readonly name: string;
  readonly close: () => void;
  readonly remove: () => Promise<void>;
}) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  return (
    <Modal opened onClose={props.close} title="Delete this project?">
      <p className={styles.lead}>
        Its micrographs, marks and conversations rest in the bin for 30 days and are then gone. Type the name
        to go on: <strong>{props.name}</strong>
      </p>
      <TextInput
        aria-label="Name of the project"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
      />
      <div className={styles.buttons}>
        <Button variant="default" onClick={props.close}>
          Keep it
        </Button>
        <Button
          color="red"
          disabled={typed.trim() !== props.name.trim()}
          loading={busy}
          onClick={() => {
            setBusy(true);
            void props.remove().finally(() => setBusy(false));
          }}
        >
          Delete
        </Button>
      </div>
    </Modal>
  );
}
