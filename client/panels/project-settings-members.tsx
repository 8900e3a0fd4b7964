import { ActionIcon, Button, NativeSelect, Switch, Tooltip } from "@mantine/core";
import { IconUserMinus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { roleWords } from "#client/pages/role-words.ts";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { toast } from "#client/state/toast-store.ts";
import { useAttempt } from "#client/state/use-attempt.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { Member } from "#core/protocol/api/shapes.ts";
import { type Role, roles } from "#core/protocol/roles.ts";
import { ConfirmDialog } from "./access-confirm.tsx";
import { PrincipalWords } from "./access-principal.tsx";
import styles from "./access-rows.module.css";
import own from "./project-settings.module.css";

interface MembersProps {
  readonly projectId: string;
  readonly members: readonly Member[];
  readonly manages: boolean;
  readonly changed: () => Promise<void>;
}

/** Everybody in the project with their role and whether they may download originals; owners change it here. */
export function ProjectSettingsMembers(props: MembersProps) {
  const { projectId, members, manages, changed } = props;
  const me = usePersonStore((state) => state.principal?.id);
  const [removing, setRemoving] = useState<Member | null>(null);
  const owners = members.filter(({ role }) => role === "owner").length;
  const put = ({ principal }: Member, held: { role: Role; mayDownloadOriginals: boolean }) =>
    accessEndpoints.putMember(projectId, principal.id, held).then(
      () => {
        toast(`${principal.name}: ${held.role}, can ${roleWords[held.role]}.`, "good", principal.id);
        return changed();
      },
      (error) => toast(sentenceOf(error), "danger"),
    );
  return (
    <>
      <ul className={styles.rows} aria-label="Members">
        {members.map((member) => {
          const { principal, role, mayDownloadOriginals } = member;
          const guest = principal.kind === "guest";
          return (
            <li key={principal.id}>
              <PrincipalWords principal={principal} you={principal.id === me} />
              {manages ? (
                <>
                  <Switch
                    size="xs"
                    label="Originals"
                    title={
                      guest
                        ? "Downloading originals needs somebody with an account."
                        : role === "owner"
                          ? "Owners may download original files."
                          : "May download the original files"
                    }
                    checked={role === "owner" || (mayDownloadOriginals && !guest)}
                    disabled={guest || role === "owner"}
                    onChange={(event) =>
                      void put(member, { role, mayDownloadOriginals: event.currentTarget.checked })
                    }
                  />
                  <NativeSelect
                    size="xs"
                    className={own.role}
                    aria-label={`Role of ${principal.name}`}
                    value={role}
                    onChange={(event) =>
                      void put(member, { role: event.currentTarget.value as Role, mayDownloadOriginals })
                    }
                    data={roles.filter(
                      (one) => !guest || one === role || !["reviewer", "owner"].includes(one),
                    )}
                  />
                  <Tooltip
                    label={
                      role === "owner" && owners === 1
                        ? "The last owner stays: make somebody else an owner first"
                        : "Take out of the project"
                    }
                  >
                    <ActionIcon
                      aria-disabled={role === "owner" && owners === 1}
                      aria-label={`Take ${principal.name} out`}
                      onClick={() => (role !== "owner" || owners > 1) && setRemoving(member)}
                    >
                      <IconUserMinus size={17} />
                    </ActionIcon>
                  </Tooltip>
                </>
              ) : (
                <span className="dim small">
                  {role}
                  {mayDownloadOriginals && role !== "owner" ? " · may download originals" : ""}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {manages && <AddMember {...props} />}
      {removing && (
        <ConfirmDialog
          title={`Take ${removing.principal.name} out?`}
          label="Take out"
          keep="Keep"
          close={() => setRemoving(null)}
          run={async () => {
            await accessEndpoints.removeMember(projectId, removing.principal.id);
            await changed();
          }}
        >
          They see nothing of this project from this moment on, in pages that are open too. Their marks and
          comments stay, under their name.
        </ConfirmDialog>
      )}
    </>
  );
}

/** By name, without a link: people with an account, and groups. */
function AddMember({ projectId, members, changed }: MembersProps) {
  const directory = useResource("directory", accessEndpoints.directory);
  const [principalId, setPrincipalId] = useState("");
  const [role, setRole] = useState<Role>("annotator");
  const attempt = useAttempt();
  const inside = new Set(members.map(({ principal }) => principal.id));
  const people = directory.value?.people.filter(({ id }) => !inside.has(id)) ?? [];
  const groups = directory.value?.groups.filter(({ principal }) => !inside.has(principal.id)) ?? [];
  if (!directory.value) return null;
  if (people.length + groups.length === 0) {
    return (
      <p className={own.hint}>
        Everybody with an account here is in. Invite others by a link, with “Share” on the project’s page.
      </p>
    );
  }
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const done = await attempt.run(async () => {
      await accessEndpoints.putMember(projectId, principalId, {
        role,
        mayDownloadOriginals: role === "owner",
      });
      await changed();
    });
    if (done) setPrincipalId("");
  };
  return (
    <form className={styles.form} onSubmit={add}>
      <NativeSelect
        className={styles.wide}
        label="Add somebody with an account, or a group"
        value={principalId}
        onChange={(event) => setPrincipalId(event.currentTarget.value)}
        data={[
          { value: "", label: "Choose …" },
          ...(people.length > 0
            ? [{ group: "People", items: people.map(({ id, name }) => ({ value: id, label: name })) }]
            : []),
          ...(groups.length > 0
            ? [
                {
                  group: "Groups",
                  items: groups.map(({ principal, members: inGroup }) => ({
                    value: principal.id,
                    label: `${principal.name} (${inGroup.length})`,
                  })),
                },
              ]
            : []),
        ]}
      />
      <NativeSelect
        label="As"
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role)}
        data={[...roles]}
      />
      <Button type="submit" loading={attempt.busy} disabled={principalId === ""}>
        Add
      </Button>
      {attempt.failure && <p className={styles.failure}>{attempt.failure}</p>}
      <p className={own.hint}>Can {roleWords[role]}.</p>
    </form>
  );
}
