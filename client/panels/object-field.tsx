import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { toast } from "#client/state/toast-store.ts";
import type { MeasuredObject } from "#core/schema/records/object.ts";
import { freshId } from "./fresh-id.ts";

const makeOne = "make one";
const renameIt = "rename it";

/** What a mark is of ("wire 3"): chosen among the project's objects, or a new one; an object keeps its id when it is renamed. */
export function ObjectField(props: {
  readonly objects: readonly MeasuredObject[];
  readonly projectId: string;
  readonly value: string | null;
  readonly disabled: boolean;
  readonly change: (objectId: string | null) => void;
}) {
  const { objects, projectId, value, disabled, change } = props;
  const [naming, setNaming] = useState<{ readonly id: string; readonly name: string } | null>(null);
  const known = objects.find(({ id }) => id === value);
  const keep = async () => {
    const name = naming?.name.trim();
    setNaming(null);
    if (!naming || !name || name === known?.name) return;
    try {
      await endpoints.shared(projectId, { type: "put-object", object: { id: naming.id, name } });
      if (naming.id !== value) change(naming.id);
    } catch (error) {
      toast(sentenceOf(error), "danger");
    }
  };
  if (naming) {
    return (
      <TextInput
        size="xs"
        label="Name of the object"
        placeholder="wire 3"
        value={naming.name}
        maxLength={80}
        autoFocus
        onChange={(event) => setNaming({ ...naming, name: event.currentTarget.value })}
        onBlur={() => void keep()}
        onKeyDown={(event) => {
          if (event.key === "Enter") void keep();
          if (event.key === "Escape") setNaming(null);
        }}
      />
    );
  }
  return (
    <NativeSelect
      size="xs"
      label="Object"
      disabled={disabled}
      value={value ?? ""}
      onChange={(event) => {
        const chosen = event.currentTarget.value;
        if (chosen === makeOne) setNaming({ id: freshId(), name: "" });
        else if (chosen === renameIt) setNaming({ id: value!, name: known!.name });
        else change(chosen || null);
      }}
      data={[
        { value: "", label: "not said" },
        ...objects.map(({ id, name }) => ({ value: id, label: name })),
        ...(value !== null && !known ? [{ value, label: "not here yet" }] : []),
        ...(known ? [{ value: renameIt, label: "Rename …" }] : []),
        { value: makeOne, label: "New object …" },
      ]}
    />
  );
}
