import { Button, Textarea } from "@mantine/core";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import styles from "./discussion-panel.module.css";

const suggestedAtMost = 5;

/** Where a comment is written: Enter sends, Shift+Enter breaks the line, @ proposes the people of the project. */
export function Composer(props: {
  readonly label: "New comment" | "Reply";
  readonly placeholder: string;
  readonly names: readonly string[];
  /** Rises when this field is asked for: it takes the focus. */
  readonly asked?: number;
  readonly send: (text: string) => Promise<boolean>;
}) {
  const { label, placeholder, names, asked = 0 } = props;
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (asked > 0) field.current?.focus();
  }, [asked]);
  const begun = /(?:^|\s)@([\p{L}\p{N}. -]{0,40})$/u.exec(text)?.[1]?.toLowerCase();
  const suggested =
    begun === undefined
      ? []
      : names.filter((name) => name.toLowerCase().startsWith(begun) && name.toLowerCase() !== begun);
  const call = (name: string) => {
    setText(`${text.slice(0, text.lastIndexOf("@"))}@${name} `);
    field.current?.focus();
  };
  const send = async () => {
    if (!text.trim() || busy) return;
    setBusy(true);
    const sent = await props.send(text.trim());
    setBusy(false);
    // What could not be sent stays in the field.
    if (sent) setText("");
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Tab" && suggested[0] && !event.shiftKey) {
      event.preventDefault();
      return call(suggested[0]);
    }
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void send();
  };
  return (
    <div className={styles.composer}>
      <Textarea
        ref={field}
        aria-label={label}
        placeholder={placeholder}
        autosize
        minRows={1}
        maxRows={8}
        size="sm"
        maxLength={10_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
      />
      {suggested.length > 0 && (
        <ul className={styles.suggested} aria-label="People">
          {suggested.slice(0, suggestedAtMost).map((name) => (
            <li key={name}>
              <button type="button" onClick={() => call(name)}>
                @{name}
              </button>
            </li>
          ))}
        </ul>
      )}
      {text.trim() && (
        <Button size="xs" loading={busy} onClick={() => void send()}>
          {label === "Reply" ? "Reply" : "Comment"}
        </Button>
      )}
    </div>
  );
}
