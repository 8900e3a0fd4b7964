import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { navigate, useRouter } from "#client/state/router.ts";
import { EntranceFrame } from "./entrance-frame.tsx";

/** By the administrator's one-time link (`/sign-in#token`), or by name and password. */
export function SignInPage({ token }: { readonly token: string | null }) {
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(token !== null);
  const { accept, principal } = usePersonStore();
  const onSignInPage = useRouter((state) => state.route.page === "sign-in");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const used = useRef<string | null>(null);

  useEffect(() => {
    // A link works once: rendering twice must not use it twice.
    if (!token || used.current === token || !isSecureContext) return;
    used.current = token;
    setBusy(true);
    endpoints.signInByLink(token).then(
      (session) => {
        accept(session);
        navigate("/", { replace: true });
      },
      (error) => {
        setFailure(sentenceOf(error));
        setBusy(false);
      },
    );
  }, [token, accept]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    endpoints.signInByPassword(name.trim(), password).then(
      (session) => {
        accept(session);
        // Somebody who followed a link to a micrograph stays on it.
        if (onSignInPage) navigate("/", { replace: true });
      },
      (error) => {
        setFailure(sentenceOf(error));
        setBusy(false);
      },
    );
  };

  if (!isSecureContext) return <PlainHttpSentence />;
  if (token && busy) return <EntranceFrame title="Signing in …" lead="Your link is being checked." />;
  return (
    <EntranceFrame
      title="Sign in"
      lead="Micrographs are private to the group that shares them."
      failure={failure}
      foot={
        principal
          ? `You are signed in as ${principal.name}.`
          : "No password yet? Use the sign-in link that the server printed when it started, or ask for an invitation link. The administrator makes a new sign-in link with “lamella admin-link”."
      }
    >
      <form onSubmit={submit}>
        <TextInput
          label="Name"
          autoComplete="username"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          withAsterisk={false}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          required
          withAsterisk={false}
          mt={12}
        />
        <Button type="submit" fullWidth mt={20} loading={busy} disabled={!name.trim() || !password}>
          Sign in
        </Button>
      </form>
    </EntranceFrame>
  );
}

/** Browsers keep no secure cookie on plain HTTP to another computer: say so instead of failing at every attempt. */
export function PlainHttpSentence() {
  return (
    <EntranceFrame
      title="This address needs HTTPS"
      lead={`Signing in does not work over plain HTTP at ${location.host}: anybody on the network could read along, and browsers keep no sign-in there. Start the server with “npm start -- --lan”, or put it behind an HTTPS proxy, and open the https:// address it prints.`}
    />
  );
}
