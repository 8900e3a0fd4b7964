import { ActionIcon, Menu, Skeleton, TextInput } from "@mantine/core";
import { IconDots, IconLink, IconLogout, IconTrash, IconUserUp } from "@tabler/icons-react";
import { useState } from "react";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { toast } from "#client/state/toast-store.ts";
import type { Resource } from "#client/state/use-resource.ts";
import type { Directory, PersonWithLink } from "#core/protocol/api/people.ts";
import type { Principal } from "#core/protocol/api/shapes.ts";
import { NewByName } from "./access-administration-new.tsx";
import { ConfirmDialog } from "./access-confirm.tsx";
import { PrincipalWords } from "./access-principal.tsx";
import styles from "./access-rows.module.css";
import { SecretShownOnce } from "./access-secret.tsx";

type Act = { readonly what: "account" | "sign-out" | "erase"; readonly principal: Principal };

/** Accounts and guests: new ones, new links, and the ways out. */
export function AdministrationPeople(props: {
  readonly directory: Resource<Directory>;
  readonly guests: readonly Principal[];
  readonly changed: () => Promise<void>;
}) {
  const { directory, guests, changed } = props;
  const me = usePersonStore((state) => state.principal?.id);
  const [made, setMade] = useState<PersonWithLink | null>(null);
  const [act, setAct] = useState<Act | null>(null);
  const newLink = (id: string) =>
    accessEndpoints.newLink(id).then(setMade, (error) => toast(sentenceOf(error), "danger"));
  if (directory.loading) return <Skeleton height={96} radius={8} />;
  if (!directory.value)
    return <p className={styles.failure}>{directory.error && sentenceOf(directory.error)}</p>;
  return (
    <>
      <ul className={styles.rows} aria-label="People">
        {[...directory.value.people, ...guests].map((principal) => (
          <li key={principal.id}>
            <PrincipalWords principal={principal} you={principal.id === me} />
            <PersonActs
              principal={principal}
              me={principal.id === me}
              newLink={() => void newLink(principal.id)}
              choose={(what) => setAct({ what, principal })}
            />
          </li>
        ))}
      </ul>
      {made ? (
        <SecretShownOnce
          label="Sign-in link"
          secret={made.url}
          words={`It signs ${made.principal.name} in, once, within seven days. Send it by a way that only they read.`}
          done={() => setMade(null)}
        />
      ) : (
        <NewByName
          label="New account"
          placeholder="First and last name"
          button="Make an account"
          make={async (name) => {
            setMade(await accessEndpoints.addPerson(name));
            void changed();
          }}
        />
      )}
      {act?.what === "account" && (
        <MakeAccount
          guest={act.principal}
          close={() => setAct(null)}
          made={async (person) => {
            setMade(person);
            await changed();
          }}
        />
      )}
      {act?.what === "sign-out" && (
        <ConfirmDialog
          title={`Sign ${act.principal.name} out everywhere?`}
          label="Sign out everywhere"
          close={() => setAct(null)}
          run={async () => {
            await accessEndpoints.signOutEverywhere(act.principal.id);
            toast(`${act.principal.name} is signed out everywhere.`, "good");
          }}
        >
          Every browser of theirs is signed out and every API token revoked. Their password stays: if it is
          known to others, they should set a new one. Edits that have not been sent are kept in their browser.
        </ConfirmDialog>
      )}
      {act?.what === "erase" && (
        <ConfirmDialog
          title={`Erase ${act.principal.name}?`}
          label="Erase"
          keep="Keep"
          close={() => setAct(null)}
          run={async () => {
            await accessEndpoints.erasePerson(act.principal.id);
            await changed();
          }}
        >
          Their name, password, sessions, tokens and memberships are gone for good. Marks and comments stay,
          by a “former member”. Projects they alone own must be given to somebody else first.
        </ConfirmDialog>
      )}
    </>
  );
}

function PersonActs(props: {
  readonly principal: Principal;
  readonly me: boolean;
  readonly newLink: () => void;
  readonly choose: (what: Act["what"]) => void;
}) {
  const { principal, me, newLink, choose } = props;
  const guest = principal.kind === "guest";
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`Act on ${principal.name}`}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {guest ? (
          <Menu.Item leftSection={<IconUserUp size={16} />} onClick={() => choose("account")}>
            Make an account …
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconLink size={16} />} onClick={newLink}>
            New sign-in link
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => choose("sign-out")} disabled={me}>
          Sign out everywhere …
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} />}
          onClick={() => choose("erase")}
          disabled={me}
        >
          Erase …
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function MakeAccount(props: {
  readonly guest: Principal;
  readonly close: () => void;
  readonly made: (person: PersonWithLink) => Promise<void>;
}) {
  const { guest } = props;
  const [name, setName] = useState(guest.name.replace(/ \(guest of .*\)$/, ""));
  return (
    <ConfirmDialog
      title={`Make ${guest.name} an account?`}
      label="Make an account"
      tone="plain"
      disabled={!name.trim()}
      close={props.close}
      run={async () => props.made(await accessEndpoints.makeAccount(guest.id, name.trim()))}
    >
      The identity stays the same: marks, comments and roles are theirs as before, without “guest of”. You get
      a sign-in link to send them.
      <TextInput
        mt={12}
        label="Name"
        value={name}
        maxLength={80}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
