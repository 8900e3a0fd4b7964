import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { toast } from "#client/state/toast-store.ts";
import { useAttempt } from "#client/state/use-attempt.ts";
import type { Principal } from "#core/protocol/api/shapes.ts";
import styles from "./access-rows.module.css";

export function AccountNameForm({ principal }: { readonly principal: Principal }) {
  const [name, setName] = useState(principal.name);
  const attempt = useAttempt();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const done = await attempt.run(async () => {
      const session = await accessEndpoints.rename(name.trim());
      usePersonStore.getState().accept(session);
      setName(session.principal?.name ?? name);
    });
    if (done) toast("Your name is changed.", "good");
  };
  return (
    <form className={styles.form} onSubmit={save}>
      <TextInput
        className={styles.wide}
        aria-label="Your name"
        autoComplete="name"
        value={name}
        maxLength={80}
        error={attempt.failure}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" loading={attempt.busy} disabled={!name.trim() || name.trim() === principal.name}>
        Change the name
      </Button>
    </form>
  );
}
