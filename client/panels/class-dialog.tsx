import { Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useStore } from "zustand";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import { type ClassRole, classRoles, linePatterns } from "#core/schema/annotation-class.ts";
import styles from "./dialog.module.css";
import { freshId } from "./fresh-id.ts";
import { useWorkspace } from "./workspace-context.ts";

/** Okabe and Ito's palette: eight colours that stay apart for every eye. */
const palette = ["#56b4e9", "#e69f00", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999"];

/** A new class of the project: everybody has it at once. */
export function ClassDialog({ close }: { readonly close: () => void }) {
  const { project, records } = useWorkspace();
  const classes = useStore(records, (state) => state.classes);
  const setClass = useToolStore((state) => state.setClass);
  const free = palette.find((colour) => classes.every((other) => other.colour.toLowerCase() !== colour));
  const [name, setName] = useState("");
  const [role, setRole] = useState<ClassRole>("other");
  const [colour, setColour] = useState(free ?? palette[0]!);
  const [failure, setFailure] = useState<string | null>(null);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    const id = freshId();
    const keys = classes.map(({ key }) => key);
    const key = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].find((digit) => !keys.includes(digit)) ?? null;
    const pattern = linePatterns[classes.length % linePatterns.length]!;
    try {
      await endpoints.shared(project.id, {
        type: "put-class",
        class: { id, name: name.trim(), colour, pattern, role, key, attributes: [] },
      });
      setClass(id);
      close();
    } catch (error) {
      setFailure(sentenceOf(error));
    }
  };
  return (
    <Modal opened onClose={close} title="New class">
      <form onSubmit={create}>
        <TextInput
          label="Name"
          value={name}
          maxLength={80}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <div className={styles.fields}>
          <NativeSelect
            mt={12}
            label="Means"
            description="What measurements and exports take it for."
            value={role}
            onChange={(event) => setRole(event.currentTarget.value as ClassRole)}
            data={classRoles.map((value) => ({ value, label: value.replace("-", " ") }))}
          />
          <NativeSelect
            mt={12}
            label="Colour"
            description="Chosen to stay apart for every eye."
            value={colour}
            onChange={(event) => setColour(event.currentTarget.value)}
            data={palette.map((value, i) => ({
              value,
              label: ["sky blue", "orange", "green", "yellow", "blue", "vermilion", "purple", "grey"][i]!,
            }))}
            leftSection={<span style={{ width: 14, height: 14, borderRadius: 3, background: colour }} />}
          />
        </div>
        {failure && <p className={styles.failure}>{failure}</p>}
        <div className={styles.buttons}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!name.trim()}>
            Create
          </Button>
        </div>
      </form>
    </Modal>
  );
}
