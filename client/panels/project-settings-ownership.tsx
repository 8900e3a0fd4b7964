import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { navigate } from "#client/state/router.ts";
import { toast } from "#client/state/toast-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { Member, Principal, Project } from "#core/protocol/api/shapes.ts";
import type { Role } from "#core/protocol/roles.ts";
import { ConfirmDialog } from "./access-confirm.tsx";
import styles from "./project-settings.module.css";

interface OwnershipProps {
  readonly project: Project;
  readonly members: readonly Member[];
  readonly principal: Principal;
  readonly manages: boolean;
}

type Act = "transfer" | "leave" | "bin";

/** Give the project away, leave it, or delete it. */
export function ProjectSettingsOwnership(props: OwnershipProps) {
  const { project, members, principal, manages } = props;
  const [act, setAct] = useState<Act | null>(null);
  const owners = members.filter(({ role }) => role === "owner");
  const lastOwner = owners.length === 1 && owners[0]!.principal.id === principal.id;
  const byThemselves = members.some((member) => member.principal.id === principal.id);
  const close = () => setAct(null);
  return (
    <div className={styles.acts}>
      {manages && (
        <div className={styles.act}>
          <div>
            <strong>Give the project to somebody else</strong>
            <span className="dim small">
              A person with an account, or a group. You choose whether you stay in it, and as what.
            </span>
          </div>
          <Button variant="default" onClick={() => setAct("transfer")}>
            Transfer …
          </Button>
        </div>
      )}
      <div className={styles.act}>
        <div>
          <strong>Leave the project</strong>
          <span className="dim small">
            {lastOwner
              ? "You are its last owner: a project without one could never be shared or deleted again. Make somebody else an owner first, or transfer it."
              : byThemselves
                ? "You lose access at once; your marks and comments stay, under your name."
                : "You are here by a group or as the administrator, not by yourself; an owner can take the group out."}
          </span>
        </div>
        <Button variant="default" disabled={lastOwner || !byThemselves} onClick={() => setAct("leave")}>
          Leave …
        </Button>
      </div>
      {manages && (
        <div className={styles.act}>
          <div>
            <strong>Move the project to the bin</strong>
            <span className="dim small">
              It rests there for 30 days with everything in it. Its owners can bring it back, from the
              Projects page.
            </span>
          </div>
          <Button color="red" variant="light" onClick={() => setAct("bin")}>
            Move to the bin …
          </Button>
        </div>
      )}
      {act === "transfer" && <Transfer {...props} close={close} />}
      {act === "leave" && (
        <ConfirmDialog
          title={`Leave “${project.name}”?`}
          label="Leave"
          keep="Stay"
          close={close}
          run={async () => {
            await accessEndpoints.leave(project.id);
            navigate("/");
            toast(`You have left “${project.name}”.`);
          }}
        >
          You lose access at once. To come back you need an owner, or a new invitation.
        </ConfirmDialog>
      )}
      {act === "bin" && <MoveToBin project={project} close={close} />}
    </div>
  );
}

function Transfer({ project, principal, close }: OwnershipProps & { readonly close: () => void }) {
  const directory = useResource("directory", accessEndpoints.directory);
  const [heirId, setHeirId] = useState("");
  const [stayAs, setStayAs] = useState<Role | "">("reviewer");
  const people = directory.value?.people.filter(({ id }) => id !== principal.id) ?? [];
  const groups = directory.value?.groups ?? [];
  return (
    <ConfirmDialog
      title={`Transfer “${project.name}”`}
      label="Transfer"
      disabled={heirId === ""}
      close={close}
      run={async () => {
        await accessEndpoints.transfer(project.id, heirId, stayAs || null);
        toast("The project has a new owner.", "good");
        if (stayAs === "") navigate("/");
      }}
    >
      From then on it is theirs: they decide who sees it, and only they can give it back.
      {directory.value && people.length + groups.length === 0 && (
        <p>Nobody else has an account here. The administrator makes accounts.</p>
      )}
      <div className={styles.choice}>
        <NativeSelect
          label="New owner"
          value={heirId}
          onChange={(event) => setHeirId(event.currentTarget.value)}
          data={[
            { value: "", label: "Choose …" },
            ...people.map(({ id, name }) => ({ value: id, label: name })),
            ...groups.map((group) => ({
              value: group.principal.id,
              label: `${group.principal.name} (group)`,
            })),
          ]}
        />
        <NativeSelect
          label="You stay as"
          value={stayAs}
          onChange={(event) => setStayAs(event.currentTarget.value as Role | "")}
          data={[
            { value: "owner", label: "owner, beside them" },
            { value: "reviewer", label: "reviewer" },
            { value: "annotator", label: "annotator" },
            { value: "reader", label: "reader" },
            { value: "", label: "you leave" },
          ]}
        />
      </div>
    </ConfirmDialog>
  );
}

function MoveToBin({ project, close }: { readonly project: Project; readonly close: () => void }) {
  const [typed, setTyped] = useState("");
  return (
    <ConfirmDialog
      title="Move this project to the bin?"
      label="Move to the bin"
      keep="Keep it"
      disabled={!project.demo && typed.trim() !== project.name.trim()}
      close={close}
      run={async () => {
        await endpoints.deleteProject(project.id);
        navigate("/");
        toast(project.demo ? "The demonstration is removed." : "The project is in the bin for 30 days.");
      }}
    >
      Everybody in it loses access at once.
      {!project.demo && (
        <>
          {" "}
          Type the name to go on: <strong>{project.name}</strong>
          <TextInput
            mt={12}
            aria-label="Name of the project"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
        </>
      )}
    </ConfirmDialog>
  );
}
