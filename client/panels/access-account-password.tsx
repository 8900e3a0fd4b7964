import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { toast } from "#client/state/toast-store.ts";
import { useAttempt } from "#client/state/use-attempt.ts";
import styles from "./access-rows.module.css";

export function AccountPasswordForm({ name }: { readonly name: string }) {
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const attempt = useAttempt();
  const differs = again !== "" && again !== password;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await attempt.run(() => accessEndpoints.setPassword(password)))) return;
    setPassword("");
    setAgain("");
    toast("Your password is set; every other browser is signed out.", "good");
  };
  return (
    <form className={styles.form} onSubmit={save}>
      {/* Password managers file the new password under this name. */}
      <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
      <PasswordInput
        className={styles.wide}
        label="New password"
        autoComplete="new-password"
        value={password}
        error={attempt.failure}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <PasswordInput
        className={styles.wide}
        label="Once more"
        autoComplete="new-password"
        value={again}
        error={differs ? "The two are not the same." : null}
        onChange={(event) => setAgain(event.currentTarget.value)}
      />
      <Button type="submit" loading={attempt.busy} disabled={!password || again !== password}>
        Set the password
      </Button>
    </form>
  );
}
