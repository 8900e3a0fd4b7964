import { ActionIcon, Button, NativeSelect, Tooltip } from "@mantine/core";
import { IconUserMinus } from "@tabler/icons-react";
import { useState } from "react";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { toast } from "#client/state/toast-store.ts";
import type { Resource } from "#client/state/use-resource.ts";
import type { Directory, Group } from "#core/protocol/api/people.ts";
import own from "./access-administration.module.css";
import { NewByName } from "./access-administration-new.tsx";
import { ConfirmDialog } from "./access-confirm.tsx";
import { PrincipalWords } from "./access-principal.tsx";
import styles from "./access-rows.module.css";

interface GroupsProps {
  readonly directory: Resource<Directory>;
  readonly changed: () => Promise<void>;
}

export function AdministrationGroups({ directory, changed }: GroupsProps) {
  const [dissolving, setDissolving] = useState<Group | null>(null);
  if (!directory.value) return null;
  const { groups, people } = directory.value;
  return (
    <>
      {groups.length === 0 && <p className={styles.empty}>There is no group yet.</p>}
      {groups.map((group) => (
        <GroupCard
          key={group.principal.id}
          group={group}
          people={people}
          changed={changed}
          dissolve={() => setDissolving(group)}
        />
      ))}
      <NewByName
        className={own.after!}
        label="New group"
        placeholder="Battery group"
        button="Make a group"
        make={async (name) => {
          await accessEndpoints.createGroup(name);
          await changed();
        }}
      />
      {dissolving && (
        <ConfirmDialog
          title={`Dissolve “${dissolving.principal.name}”?`}
          label="Dissolve"
          keep="Keep"
          close={() => setDissolving(null)}
          run={async () => {
            await accessEndpoints.dissolveGroup(dissolving.principal.id);
            await changed();
          }}
        >
          Its members lose, at once, what they held by it alone. Projects it alone owns must be given to
          somebody else first.
        </ConfirmDialog>
      )}
    </>
  );
}

function GroupCard(props: {
  readonly group: Group;
  readonly people: Directory["people"];
  readonly changed: () => Promise<void>;
  readonly dissolve: () => void;
}) {
  const { principal, members } = props.group;
  const outside = props.people.filter(({ id }) => !members.some((member) => member.id === id));
  const change = (act: Promise<void>) =>
    act.then(props.changed, (error) => toast(sentenceOf(error), "danger"));
  return (
    <div className={own.group}>
      <header>
        <PrincipalWords
          principal={principal}
          note={members.length === 1 ? "1 person" : `${members.length} people`}
        />
        {outside.length > 0 && (
          <NativeSelect
            size="xs"
            aria-label={`Add to ${principal.name}`}
            value=""
            onChange={(event) =>
              void change(accessEndpoints.joinGroup(principal.id, event.currentTarget.value))
            }
            data={[
              { value: "", label: "Add somebody …" },
              ...outside.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        )}
        <Button size="compact-sm" variant="subtle" c="var(--danger)" onClick={props.dissolve}>
          Dissolve
        </Button>
      </header>
      <ul className={styles.rows} aria-label={`Members of ${principal.name}`}>
        {members.map((member) => (
          <li key={member.id}>
            <PrincipalWords principal={member} />
            <Tooltip label="Take out of the group">
              <ActionIcon
                aria-label={`Take ${member.name} out of ${principal.name}`}
                onClick={() => void change(accessEndpoints.leaveGroup(principal.id, member.id))}
              >
                <IconUserMinus size={17} />
              </ActionIcon>
            </Tooltip>
          </li>
        ))}
      </ul>
    </div>
  );
}
