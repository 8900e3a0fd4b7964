import { Button, TextInput } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useRef } from "react";
import { toast } from "#client/state/toast-store.ts";
import styles from "./access-rows.module.css";
import { copyText } from "./copy-text.ts";

/** A link or token that the server can show only now: it keeps no more than a fingerprint of it. */
export function SecretShownOnce(props: {
  readonly label: string;
  readonly secret: string;
  readonly words: string;
  readonly done: () => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const copy = async () => {
    if (await copyText(props.secret)) return toast("Copied.", "good");
    field.current?.select();
    toast("Copying is blocked here: it is selected, press Ctrl+C.", "warning");
  };
  return (
    <div className={styles.secret} role="status">
      <p>
        <strong>Copy it now: it is shown once.</strong> {props.words}
      </p>
      <div>
        <TextInput
          ref={field}
          aria-label={props.label}
          value={props.secret}
          readOnly
          onFocus={(event) => event.target.select()}
        />
        <Button leftSection={<IconCopy size={16} />} onClick={() => void copy()}>
          Copy
        </Button>
        <Button variant="default" onClick={props.done}>
          Done
        </Button>
      </div>
    </div>
  );
}
