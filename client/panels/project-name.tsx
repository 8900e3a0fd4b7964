import { ActionIcon, Button, TextInput, Tooltip } from "@mantine/core";
import { IconCheck, IconPencil, IconX } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { toast } from "#client/state/toast-store.ts";
import { useRenameProject } from "#client/state/use-rename-project.ts";
import type { Project } from "#core/protocol/api/shapes.ts";
import rows from "./access-rows.module.css";
import styles from "./project-name.module.css";

interface ProjectNameProps {
  readonly project: Project;
  /** Asks for the project anew. */
  readonly renamed: () => Promise<unknown>;
}

const said = "The project has another name now.";

/** The field on the settings page. */
export function ProjectNameForm({ project, renamed }: ProjectNameProps) {
  const name = useRenameProject(project, renamed);
  const keep = async (event: FormEvent) => {
    event.preventDefault();
    if (await name.keep()) toast(said, "good");
  };
  return (
    <form className={rows.form} onSubmit={keep}>
      <TextInput
        className={rows.wide}
        aria-label="Project name"
        autoComplete="off"
        value={name.typed}
        maxLength={name.longest}
        error={name.failure}
        onChange={(event) => name.type(event.currentTarget.value)}
      />
      <Button type="submit" loading={name.busy} disabled={!name.isOther}>
        Rename
      </Button>
    </form>
  );
}

/** Where one stands: the name, which whoever manages the project changes in its place. */
export function ProjectCrumb({
  project,
  renamed,
  mayRename,
}: ProjectNameProps & { readonly mayRename: boolean }) {
  const [renaming, setRenaming] = useState(false);
  if (renaming && mayRename)
    return <NameInPlace project={project} renamed={renamed} close={() => setRenaming(false)} />;
  return (
    <div className={styles.crumb}>
      <span className="ellipsis" title={project.name}>
        {project.name}
      </span>
      {mayRename && (
        <Tooltip label="Rename the project">
          <ActionIcon size="sm" aria-label="Rename the project" onClick={() => setRenaming(true)}>
            <IconPencil size={15} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  );
}

function NameInPlace({ project, renamed, close }: ProjectNameProps & { readonly close: () => void }) {
  const name = useRenameProject(project, renamed);
  const keep = async (event: FormEvent) => {
    event.preventDefault();
    if (!name.isOther) return close();
    if (!(await name.keep())) return;
    close();
    toast(said, "good");
  };
  return (
    <form className={styles.crumb} onSubmit={keep}>
      <Tooltip
        label={name.failure}
        opened={name.failure !== null}
        position="bottom-start"
        multiline
        maw={420}
      >
        <TextInput
          className={styles.field ?? ""}
          size="xs"
          aria-label="Project name"
          autoComplete="off"
          autoFocus
          value={name.typed}
          maxLength={name.longest}
          error={name.failure !== null}
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => name.type(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && close()}
        />
      </Tooltip>
      <ActionIcon type="submit" size="sm" aria-label="Keep the name" loading={name.busy}>
        <IconCheck size={16} />
      </ActionIcon>
      <ActionIcon size="sm" aria-label="Leave the name as it was" onClick={close}>
        <IconX size={16} />
      </ActionIcon>
    </form>
  );
}
