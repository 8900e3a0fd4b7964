import { Button, PasswordInput, TextInput } from "@mantine/core";
import { IconBuilding } from "@tabler/icons-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { navigate, useRouter } from "#client/state/router.ts";
import { toast } from "#client/state/toast-store.ts";
import styles from "./entrance-frame.module.css";
import { EntranceFrame } from "./entrance-frame.tsx";

/** By a one-time link (`/sign-in#token`), by the institute where one is set, or by name and password. */
export function SignInPage({ token }: { readonly token: string | null }) {
  const [failure, setFailure] = useState<string | null>(takeRefusal);
  const [busy, setBusy] = useState(token !== null);
  const { accept, principal, institute, farewell } = usePersonStore();
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
        if (!session.principal?.administrator)
          toast("You are in. Set a password under your account: this link does not work twice.");
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
      note={farewell}
      foot={
        principal
          ? `You are signed in as ${principal.name}.`
          : "No password yet, or forgotten? Ask the administrator for a sign-in link; it works once, and lets you set a password. The server’s own administrator makes one with “npm run -s lamella -- admin-link”."
      }
    >
      {institute && (
        <>
          <Button
            component="a"
            href={`/api/v1/session/institute?path=${encodeURIComponent(onSignInPage ? "/" : placeAskedFor())}`}
            fullWidth
            leftSection={<IconBuilding size={17} />}
          >
            Sign in with {institute.name}
          </Button>
          <div className={styles.or}>or by name and password</div>
        </>
      )}
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
        <Button
          type="submit"
          fullWidth
          mt={20}
          {...(institute ? { variant: "default" } : {})}
          loading={busy}
          disabled={!name.trim() || !password}
        >
          Sign in
        </Button>
      </form>
    </EntranceFrame>
  );
}

/** Somebody who followed a link to a micrograph comes back to it. */
function placeAskedFor(): string {
  return `${location.pathname}${location.search}`;
}

/** The institute's refusal comes in a cookie of a minute, never in the address, where anybody could write it. */
function takeRefusal(): string | null {
  const found = /(?:^|;\s*)lamella-refused=([^;]*)/.exec(document.cookie)?.[1];
  if (found === undefined) return null;
  // Read once: a reload should not say it again. Not every browser has the Cookie Store.
  // biome-ignore lint/suspicious/noDocumentCookie: see above
  document.cookie = "lamella-refused=; Path=/sign-in; Secure; Max-Age=0";
  return decodeURIComponent(found);
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
