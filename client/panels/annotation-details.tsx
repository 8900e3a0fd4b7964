import { ActionIcon, NativeSelect, TextInput, Tooltip } from "@mantine/core";
import { IconFocus2, IconLock, IconLockOpen, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useStore } from "zustand";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { shownMean, useGapStore } from "#client/state/gap-store.ts";
import { toast } from "#client/state/toast-store.ts";
import type { AnnotationFields } from "#core/document/commands.ts";
import type { Annotation, Scalar } from "#core/schema/annotation.ts";
import type { ClassAttribute } from "#core/schema/annotation-class.ts";
import { formatQuantity } from "#core/units/quantity.ts";
import { kindName, nameOf, quantityWords } from "./annotation-words.ts";
import styles from "./annotations-panel.module.css";
import { ObjectField } from "./object-field.tsx";
import { useDocument } from "./use-document.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

// Under way before the first mark is chosen: that may be without a network.
const historyOfMark = import("./history-of-mark.tsx");
const HistoryOfMark = lazyPart(() => historyOfMark);

/** The selected mark: what it is called, what it means, who drew it, and its numbers. */
export function AnnotationDetails(props: {
  readonly annotation: Annotation;
  readonly author: string | null;
}) {
  const { annotation, author } = props;
  const { session, records, viewer, project } = useWorkspace();
  const { document } = useDocument(session);
  const { classes, interfaces, objects } = useStore(records);
  const annotate = useRight("annotate");
  const { rows, gaps } = useGapStore();
  const numbers = rows.filter(({ annotationIds }) => annotationIds[0] === annotation.id);
  const [name, setName] = useState(annotation.name);
  const set = (fields: AnnotationFields) => {
    try {
      document.execute({ type: "set-fields", id: annotation.id, fields });
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), "danger");
    }
  };
  const keepName = () => {
    if (name.trim() !== annotation.name) set({ name: name.trim() });
  };
  const annotationClass = classes.find(({ id }) => id === annotation.classId);
  const locked = !annotate.allowed || annotation.locked;
  return (
    <section className={styles.details} aria-label="Selected mark">
      <div className={styles.head}>
        <span>
          <strong>{kindName(annotation.kind)}</strong>
        </span>
        <Tooltip label="Show it (Shift+2)">
          <ActionIcon size="sm" aria-label="Show it" onClick={() => viewer?.fitTo(boxOf(annotation))}>
            <IconFocus2 size={15} />
          </ActionIcon>
        </Tooltip>
        {annotate.allowed && (
          <>
            <Tooltip label={annotation.locked ? "Unlock" : "Lock against changes"}>
              <ActionIcon
                size="sm"
                aria-label={annotation.locked ? "Unlock" : "Lock"}
                onClick={() => set({ locked: !annotation.locked })}
              >
                {annotation.locked ? <IconLock size={15} /> : <IconLockOpen size={15} />}
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Delete">
              <ActionIcon
                size="sm"
                aria-label="Delete"
                onClick={() => document.execute({ type: "delete", ids: [annotation.id] })}
              >
                <IconTrash size={15} />
              </ActionIcon>
            </Tooltip>
          </>
        )}
      </div>
      <div className={styles.fields}>
        <TextInput
          size="xs"
          label="Name"
          placeholder={nameOf(
            { ...annotation, name: "" },
            interfaces.find(({ id }) => id === annotation.interfaceId)?.name,
          )}
          value={name}
          maxLength={120}
          disabled={locked}
          onChange={(event) => setName(event.currentTarget.value)}
          onBlur={keepName}
          onKeyDown={(event) => event.key === "Enter" && keepName()}
        />
        <NativeSelect
          size="xs"
          label="Class"
          disabled={locked}
          value={annotation.classId ?? ""}
          onChange={(event) => set({ classId: event.currentTarget.value || null })}
          data={[
            { value: "", label: "No class" },
            ...classes.map((entry) => ({ value: entry.id, label: entry.name })),
          ]}
        />
        <ObjectField
          objects={objects}
          projectId={project.id}
          disabled={locked}
          value={annotation.objectId}
          change={(objectId) => set({ objectId })}
        />
        {annotation.kind === "interface-trace" && (
          <NativeSelect
            size="xs"
            label="Surface of the"
            disabled={locked}
            value={annotation.body ?? ""}
            onChange={(event) => set({ body: (event.currentTarget.value || null) as Annotation["body"] })}
            data={[
              { value: "", label: "not said" },
              { value: "substrate", label: "substrate" },
              { value: "film", label: "film" },
              { value: "core", label: "core" },
              { value: "other", label: "other" },
            ]}
          />
        )}
        {annotationClass?.attributes.map((attribute) => (
          <AttributeField
            key={attribute.key}
            attribute={attribute}
            disabled={locked}
            value={annotation.attributes[attribute.key] ?? null}
            change={(value) => set({ attributes: { ...annotation.attributes, [attribute.key]: value } })}
          />
        ))}
      </div>
      {gaps
        .filter(({ pair }) => [pair.substrate, ...pair.film].some(({ id }) => id === annotation.id))
        .map(({ key, report }) => (
          <dl key={key} className={`${styles.numbers} numbers`}>
            <dt>mean gap</dt>
            <dd>
              {report.ok
                ? formatQuantity({ value: shownMean(report), u: report.u, unit: report.unit })
                : report.message}
            </dd>
          </dl>
        ))}
      {numbers.length > 0 && (
        <dl className={`${styles.numbers} numbers`}>
          {numbers.map((row) => (
            <div key={row.quantity} className={styles.number}>
              <dt>{quantityWords(row.quantity)}</dt>
              <dd>
                {row.value === null
                  ? row.refusal
                  : formatQuantity({ value: row.value, u: row.u, unit: row.unit })}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <p className={styles.origin}>
        {author ? `By ${author}` : "Author not known yet"}
        {annotation.drawnAt &&
          `, ${new Date(annotation.drawnAt).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })}`}
        {annotation.origin[0] && ` · ${annotation.origin[0].by}, ${annotation.origin[0].tool}`}
        {annotation.origin[0]?.score !== undefined && ` · score ${annotation.origin[0].score.toFixed(2)}`}
        <HistoryOfMark annotation={annotation} author={author} />
      </p>
    </section>
  );
}

function AttributeField(props: {
  readonly attribute: ClassAttribute;
  readonly value: Scalar;
  readonly disabled: boolean;
  readonly change: (value: Scalar) => void;
}) {
  const { attribute, value, disabled, change } = props;
  const label = attribute.unit ? `${attribute.label}, ${attribute.unit}` : attribute.label;
  if (attribute.type === "choice" || attribute.type === "boolean") {
    const choices = attribute.type === "boolean" ? ["yes", "no"] : (attribute.choices ?? []);
    const shown =
      attribute.type === "boolean" ? (value === null ? "" : value ? "yes" : "no") : String(value ?? "");
    return (
      <NativeSelect
        size="xs"
        label={label}
        disabled={disabled}
        value={shown}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          change(chosen === "" ? null : attribute.type === "boolean" ? chosen === "yes" : chosen);
        }}
        data={[{ value: "", label: "not said" }, ...choices]}
      />
    );
  }
  const keep = (text: string) => {
    const next = text === "" ? null : attribute.type === "number" ? Number(text.replace(",", ".")) : text;
    if (typeof next === "number" && !Number.isFinite(next)) return;
    if (next !== value) change(next);
  };
  return (
    <TextInput
      size="xs"
      label={label}
      disabled={disabled}
      inputMode={attribute.type === "number" ? "decimal" : "text"}
      defaultValue={value === null ? "" : String(value)}
      onBlur={(event) => keep(event.currentTarget.value.trim())}
    />
  );
}

/** With room around it; a point gets a neighbourhood. */
function boxOf({ outline }: Annotation) {
  const vertices = outline.rings.flatMap((ring) => ring.vertices);
  const xs = vertices.map(({ x }) => x);
  const ys = vertices.map(({ y }) => y);
  const margin = Math.max(
    32,
    0.15 * (Math.max(...xs) - Math.min(...xs)),
    0.15 * (Math.max(...ys) - Math.min(...ys)),
  );
  return {
    minX: Math.min(...xs) - margin,
    minY: Math.min(...ys) - margin,
    maxX: Math.max(...xs) + margin,
    maxY: Math.max(...ys) + margin,
  };
}
