import { ActionIcon, Button } from "@mantine/core";
import { IconDoorEnter, IconX } from "@tabler/icons-react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { toast } from "#client/state/toast-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { Project } from "#core/protocol/api/shapes.ts";
import { roleAllows } from "#core/protocol/roles.ts";
import styles from "./doorbell.module.css";

const listenEveryMs = 5000;

/** Guests in the waiting room ring where members are: on the project and in the workspace. */
export function Doorbell({ project }: { readonly project: Project }) {
  const mayOpen = roleAllows(project.role, "annotate");
  const door = useResource(
    mayOpen ? `door ${project.id}` : null,
    () => endpoints.waiting(project.id),
    listenEveryMs,
  );
  const answer = (guestId: string, admit: boolean) =>
    endpoints.admit(project.id, guestId, admit).then(
      () => door.refetch(),
      (error) => toast(sentenceOf(error), "danger"),
    );
  if (!door.value?.length) return null;
  return (
    <ul className={styles.door} aria-label="At the door" aria-live="polite">
      {door.value.slice(0, 3).map((guest) => (
        <li key={guest.id}>
          <IconDoorEnter size={18} />
          <span className="ellipsis" title={guest.name}>
            <strong>{guest.name}</strong> asks to come in
          </span>
          <Button size="compact-sm" onClick={() => void answer(guest.id, true)}>
            Let in
          </Button>
          <ActionIcon
            size="sm"
            aria-label={`Turn ${guest.name} away`}
            onClick={() => void answer(guest.id, false)}
          >
            <IconX size={15} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}
