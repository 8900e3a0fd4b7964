import { Button, Loader, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError, sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { navigate } from "#client/state/router.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { InvitationOffer } from "#core/protocol/api/invitations.ts";
import styles from "./entrance-frame.module.css";
import { EntranceFrame } from "./entrance-frame.tsx";
import { PageWaiting } from "./page-message.tsx";
import { roleWords } from "./role-words.ts";
import { PlainHttpSentence } from "./sign-in-page.tsx";

const doorbellMs = 2000;

/** What a link offers, a name, and the waiting room until a member lets the guest in. */
export function InvitationPage({ token }: { readonly token: string }) {
  const { principal } = usePersonStore();
  const offer = useResource(`invitation ${token}`, () => endpoints.invitation(token));
  const [name, setName] = useState(principal?.name ?? "");
  const [phase, setPhase] = useState<"asked" | "sending" | "waiting">("asked");
  const [failure, setFailure] = useState<string | null>(null);
  const [path, setPath] = useState<string | null>(null);

  const projectId = offer.value?.projectId ?? null;
  useEffect(() => {
    if (phase !== "waiting" || path === null || projectId === null) return;
    return waitAtTheDoor(projectId, path, setFailure, () => setPhase("asked"));
  }, [phase, path, projectId]);

  const accept = (event: FormEvent) => {
    event.preventDefault();
    setPhase("sending");
    setFailure(null);
    endpoints.acceptInvitation(token, name.trim()).then(
      (answer) => {
        setPath(answer.path);
        if (answer.state === "in") void enter(answer.path);
        else setPhase("waiting");
      },
      (error) => {
        setFailure(sentenceOf(error));
        setPhase("asked");
      },
    );
  };

  if (!isSecureContext) return <PlainHttpSentence />;
  if (offer.loading) return <PageWaiting what="Reading the invitation …" />;
  if (!offer.value) {
    return (
      <EntranceFrame
        title="This link does not open anything"
        lead={offer.error ? sentenceOf(offer.error) : "Ask whoever sent it for a new one."}
      />
    );
  }
  return (
    <EntranceFrame
      title={offer.value.projectName}
      lead={`${offer.value.invitedBy} invites you to review micrographs together.`}
      failure={failure}
    >
      <Offer offer={offer.value} />
      {phase === "waiting" ? (
        <div className={styles.waiting} role="status">
          <Loader size="sm" />
          <span>
            Waiting for a member to let you in as <strong>{name.trim()}</strong>. This page opens by itself.
          </span>
        </div>
      ) : (
        <form onSubmit={accept}>
          {principal ? (
            <div className="dim">You join as {principal.name}.</div>
          ) : (
            <TextInput
              label="Your name"
              description="Shown to everyone beside your cursor, marks and comments."
              placeholder="First and last name"
              autoComplete="name"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              maxLength={80}
              autoFocus
            />
          )}
          <Button type="submit" fullWidth mt={20} loading={phase === "sending"} disabled={!name.trim()}>
            {offer.value.waitingRoom && principal?.kind !== "person" ? "Ask to come in" : "Come in"}
          </Button>
        </form>
      )}
    </EntranceFrame>
  );
}

function Offer({ offer }: { readonly offer: InvitationOffer }) {
  return (
    <dl className={styles.offer}>
      <div>
        <dt>You may</dt>
        <dd>{roleWords[offer.role]}</dd>
      </div>
      <div>
        <dt>Valid until</dt>
        <dd className="numbers">
          {new Date(offer.expiresAt).toLocaleDateString(undefined, { dateStyle: "long" })}
        </dd>
      </div>
    </dl>
  );
}

async function enter(path: string): Promise<void> {
  await usePersonStore.getState().ask();
  navigate(path, { replace: true });
}

/** Asks whether the door has opened until it has, or has been shut; stops when the caller leaves. */
function waitAtTheDoor(
  projectId: string,
  path: string,
  fail: (sentence: string) => void,
  turnedAway: () => void,
): () => void {
  const timer = setInterval(async () => {
    try {
      const { principal, atTheDoor = [] } = await endpoints.session();
      const door = atTheDoor.find((entry) => entry.projectId === projectId)?.state ?? "in";
      if (principal && door === "waiting") return;
      clearInterval(timer);
      if (principal && door === "in") return void enter(path);
      fail("A member has not let you in. Ask whoever sent you the link.");
      turnedAway();
    } catch (error) {
      // No answer: the connection comes back. A refusal is final.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) {
        clearInterval(timer);
        fail(error.message);
        turnedAway();
      }
    }
  }, doorbellMs);
  return () => clearInterval(timer);
}
