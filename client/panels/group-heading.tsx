import { ActionIcon, Button, TextInput, Tooltip } from "@mantine/core";
import { IconLine, IconMapPin, IconPencil, IconShape2, IconVectorSpline } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { toast } from "#client/state/toast-store.ts";
import type { InterfaceRecord } from "#core/schema/records/interface.ts";
import { formatCount } from "#core/units/count.ts";
import styles from "./annotations-panel.module.css";
import { ClassSwatch } from "./class-swatch.tsx";
import { type MarkGroup, titleOf } from "./group-marks.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** What a group of marks is, and how many: an interface can be named here. */
export function GroupHeading(props: {
  readonly group: MarkGroup;
  /** Whether its name is being given here. */
  readonly naming: boolean;
  readonly setNaming: (naming: boolean) => void;
}) {
  const { group, naming, setNaming } = props;
  const annotate = useRight("annotate");
  const title = titleOf(group);
  const bodies = group.is === "interface" ? bodiesOf(group.record) : "";
  return (
    <>
      <h3>
        <GroupIcon group={group} />
        <span className={`${styles.heading} ellipsis`} title={title}>
          {title}
          {bodies && <span className={styles.bodies}> · {bodies}</span>}
        </span>
        <span className={`${styles.count} numbers`}>{formatCount(group.marks.length)}</span>
        {group.is === "interface" && group.id !== null && annotate.allowed && (
          <Tooltip label="Name it">
            <ActionIcon
              size="sm"
              aria-label={`Name ${title}`}
              aria-expanded={naming}
              onClick={() => setNaming(!naming)}
            >
              <IconPencil size={14} />
            </ActionIcon>
          </Tooltip>
        )}
      </h3>
      {naming && group.is === "interface" && group.id !== null && (
        <NameInterface id={group.id} record={group.record} close={() => setNaming(false)} />
      )}
    </>
  );
}

function GroupIcon({ group }: { readonly group: MarkGroup }) {
  const look = { size: 16, stroke: 1.7, color: "var(--mantine-color-dimmed)" } as const;
  switch (group.is) {
    case "interface":
      return <IconVectorSpline {...look} />;
    case "class":
      return <ClassSwatch annotationClass={group.annotationClass} />;
    case "lines":
      return <IconLine {...look} />;
    case "pins":
      return <IconMapPin {...look} />;
    case "others":
      return <IconShape2 {...look} />;
  }
}

/** "Sb on TiN", as far as somebody said which bodies meet. */
function bodiesOf(record: InterfaceRecord | null): string {
  return [record?.film, record?.substrate].filter(Boolean).join(" on ");
}

function NameInterface(props: {
  readonly id: string;
  readonly record: InterfaceRecord | null;
  readonly close: () => void;
}) {
  const { id, record, close } = props;
  const { project } = useWorkspace();
  const [name, setName] = useState(record?.name ?? "");
  const [substrate, setSubstrate] = useState(record?.substrate ?? "");
  const [film, setFilm] = useState(record?.film ?? "");
  const keep = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await endpoints.shared(project.id, {
        type: "put-interface",
        interface: {
          id,
          objectId: record?.objectId ?? null,
          name: name.trim(),
          substrate: substrate.trim(),
          film: film.trim(),
        },
      });
      close();
    } catch (error) {
      toast(sentenceOf(error), "danger");
    }
  };
  return (
    <form className={styles.rename} onSubmit={keep}>
      <TextInput
        size="xs"
        label="Name of the interface"
        placeholder="upper Sb|TiN"
        value={name}
        maxLength={80}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div className={styles.fields}>
        <TextInput
          size="xs"
          label="Substrate"
          placeholder="TiN"
          value={substrate}
          maxLength={80}
          onChange={(event) => setSubstrate(event.currentTarget.value)}
        />
        <TextInput
          size="xs"
          label="Film"
          placeholder="Sb"
          value={film}
          maxLength={80}
          onChange={(event) => setFilm(event.currentTarget.value)}
        />
      </div>
      <footer>
        <Button size="compact-xs" variant="default" onClick={close}>
          Cancel
        </Button>
        <Button size="compact-xs" type="submit" disabled={!name.trim()}>
          Keep
        </Button>
      </footer>
    </form>
  );
}
