import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAttempt } from "#client/state/use-attempt.ts";
import styles from "./access-rows.module.css";

interface NewByNameProps {
  readonly label: string;
  readonly placeholder: string;
  readonly button: string;
  readonly className?: string;
  readonly make: (name: string) => Promise<void>;
}

/** A name, and a button that makes something of that name; emptied once it is made. */
export function NewByName({ label, placeholder, button, className = "", make }: NewByNameProps) {
  const [name, setName] = useState("");
  const attempt = useAttempt();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await attempt.run(() => make(name.trim()))) setName("");
  };
  return (
    <form className={`${styles.form} ${className}`} onSubmit={submit}>
      <TextInput
        className={styles.wide}
        label={label}
        placeholder={placeholder}
        value={name}
        maxLength={80}
        error={attempt.failure}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" loading={attempt.busy} disabled={!name.trim()}>
        {button}
      </Button>
    </form>
  );
}
