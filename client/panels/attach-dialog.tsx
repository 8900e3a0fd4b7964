import { Button, Modal, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { toast } from "#client/state/toast-store.ts";
import type { Attachable } from "#core/protocol/api/attachments.ts";
import type { Gallery, Source } from "#core/protocol/api/shapes.ts";
import styles from "./dialog.module.css";

/** Where a file without a picture belongs: the micrograph, specimen, session or series it was recorded with. */
export default function AttachDialog(props: {
  readonly source: Source;
  readonly gallery: Gallery;
  readonly close: () => void;
  readonly attached: () => void;
}) {
  const { source, gallery, close, attached } = props;
  const groups = recordsOf(gallery);
  const [chosen, setChosen] = useState(`project ${gallery.project.id}`);
  const attach = async () => {
    const [type, on] = chosen.split(" ") as [Attachable, string];
    try {
      await endpoints.attachSource(source.id, type, on);
      toast(`${source.fileName} is attached.`, "good");
      attached();
      close();
    } catch (error) {
      toast(sentenceOf(error), "danger");
    }
  };
  return (
    <Modal opened onClose={close} title={`Attach “${source.fileName}”`} size={460}>
      <p className={styles.lead}>{source.reason}</p>
      <NativeSelect
        label="It belongs to"
        value={chosen}
        onChange={(event) => setChosen(event.currentTarget.value)}
        data={groups}
      />
      <div className={styles.buttons}>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button onClick={() => void attach()}>Attach</Button>
      </div>
    </Modal>
  );
}

function recordsOf({ project, micrographs, specimens, sessions, series }: Gallery) {
  const item = (type: Attachable, id: string, label: string) => ({ value: `${type} ${id}`, label });
  const group = (name: string, items: readonly { value: string; label: string }[]) =>
    items.length === 0 ? [] : [{ group: name, items: [...items] }];
  return [
    { group: "Project", items: [item("project", project.id, project.name)] },
    ...group(
      "Micrographs",
      micrographs.map(({ id, name, state }) =>
        item("micrograph", id, state?.label ? `${state.label} · ${name}` : name),
      ),
    ),
    ...group(
      "Specimens",
      (specimens ?? []).map(({ id, name }) => item("specimen", id, name)),
    ),
    ...group(
      "Sessions",
      (sessions ?? []).map(({ id, startedAt, instrument, operator }) =>
        item("session", id, [startedAt, instrument, operator].filter(Boolean).join(" · ")),
      ),
    ),
    ...group(
      "Series",
      series.map(({ id, name }) => item("series", id, name)),
    ),
  ];
}
