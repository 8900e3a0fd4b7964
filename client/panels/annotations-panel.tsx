import { ActionIcon, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconEye, IconEyeOff, IconTrash } from "@tabler/icons-react";
import { useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import { endpoints } from "#client/state/endpoints.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import { AnnotationDetails } from "./annotation-details.tsx";
import { nameOf } from "./annotation-words.ts";
import styles from "./annotations-panel.module.css";
import { ClassSwatch } from "./class-swatch.tsx";
import panel from "./panel.module.css";
import { useDocument } from "./use-document.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

const shownAtMost = 400;

/** The marks by class. Pointing at a row lights the mark on the picture, and the other way round. */
export function AnnotationsPanel() {
  const { session, records, micrograph } = useWorkspace();
  const { document, version } = useDocument(session);
  const { classes, interfaces } = useStore(records);
  const { selected, marksVisible, setMarksVisible } = useSelectionStore();
  const annotate = useRight("annotate");
  // The map is one and the same object: the version says when it changed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const groups = useMemo(
    () => groupByClass(document.annotations().values(), classes),
    [document, version, classes],
  );
  const count = groups.reduce((sum, group) => sum + group.marks.length, 0);
  const invalid = document.invalid();
  const authors = useResource(`authors ${micrograph.id} ${count}`, () =>
    endpoints.authors(formatRoomName({ kind: "annotations", micrographId: micrograph.id })),
  );
  const authorOf = (mark: Annotation) => authors.value?.authors[mark.authorClient]?.name ?? null;
  const interfaceName = (mark: Annotation) => interfaces.find(({ id }) => id === mark.interfaceId)?.name;
  const chosen = selected.length === 1 ? document.annotations().get(selected[0]!) : undefined;
  let room = shownAtMost;

  return (
    <div className={styles.panel}>
      <header className={styles.head}>
        <span className="dim numbers">
          {count} {count === 1 ? "mark" : "marks"}
          {selected.length > 1 && `, ${selected.length} selected`}
        </span>
        {selected.length > 1 && annotate.allowed && (
          <Tooltip label="Delete the selected marks">
            <ActionIcon
              aria-label="Delete the selected marks"
              onClick={() => document.execute({ type: "delete", ids: selected })}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        <Tooltip label={marksVisible ? "Hide all marks (O)" : "Show the marks (O)"}>
          <ActionIcon
            aria-label={marksVisible ? "Hide all marks" : "Show the marks"}
            aria-pressed={!marksVisible}
            onClick={() => setMarksVisible(!marksVisible)}
          >
            {marksVisible ? <IconEye size={17} /> : <IconEyeOff size={17} />}
          </ActionIcon>
        </Tooltip>
      </header>
      {chosen && <AnnotationDetails key={chosen.id} annotation={chosen} author={authorOf(chosen)} />}
      {count === 0 && invalid.length === 0 && (
        <div className={panel.empty}>
          <strong>Nothing is marked yet</strong>
          {annotate.allowed
            ? "Pick a tool on the left: D for a delaminated region, I for an interface trace, M for a distance."
            : "Marks appear here as they are drawn."}
        </div>
      )}
      {groups.map(({ annotationClass, marks }) => {
        const shown = marks.slice(0, Math.max(0, room));
        room -= shown.length;
        return (
          <section key={annotationClass?.id ?? ""} className={styles.group}>
            <h3>
              <ClassSwatch annotationClass={annotationClass} />
              <span className="ellipsis">{annotationClass?.name ?? "No class"}</span>
              <span className={`${styles.count} numbers`}>{marks.length}</span>
            </h3>
            <ul>
              {shown.map((mark) => (
                <MarkRow
                  key={mark.id}
                  mark={mark}
                  title={nameOf(mark, interfaceName(mark))}
                  author={authorOf(mark)}
                  remove={
                    annotate.allowed ? () => document.execute({ type: "delete", ids: [mark.id] }) : null
                  }
                />
              ))}
              {shown.length < marks.length && (
                <li className="dim small numbers">
                  {marks.length - shown.length} more: select them on the picture.
                </li>
              )}
            </ul>
          </section>
        );
      })}
      {invalid.length > 0 && (
        <section className={styles.invalid}>
          <h3>
            <IconAlertTriangle size={15} /> {invalid.length} unreadable: kept, not drawn, not measured
          </h3>
          <ul>
            {invalid.map(({ id, reason }) => (
              <li key={id}>
                <code>{id}</code> {reason}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function MarkRow(props: {
  readonly mark: Annotation;
  readonly title: string;
  readonly author: string | null;
  readonly remove: (() => void) | null;
}) {
  const { mark, title, author, remove } = props;
  const chosen = useSelectionStore((state) => state.selected.includes(mark.id));
  const hovered = useSelectionStore((state) => state.hovered === mark.id);
  const { select, hover } = useSelectionStore.getState();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <li
      ref={row}
      className={styles.row}
      data-selected={chosen}
      data-hovered={hovered}
      onPointerEnter={() => hover(mark.id)}
      onPointerLeave={() => hover(null)}
    >
      <button
        type="button"
        className={styles.pick}
        aria-pressed={chosen}
        onClick={(event) => {
          const { selected } = useSelectionStore.getState();
          if (!event.shiftKey && !event.ctrlKey && !event.metaKey) return select([mark.id]);
          select(chosen ? selected.filter((id) => id !== mark.id) : [...selected, mark.id]);
        }}
      >
        <span className="ellipsis">{title}</span>
        {author && <span className={`${styles.author} ellipsis`}>{author}</span>}
      </button>
      {remove && (
        <ActionIcon size="sm" className={styles.remove ?? ""} aria-label={`Delete ${title}`} onClick={remove}>
          <IconTrash size={14} />
        </ActionIcon>
      )}
    </li>
  );
}

interface ClassGroup {
  readonly annotationClass: AnnotationClass | null;
  readonly marks: readonly Annotation[];
}

/** In the order of the classes; what has none, or one that is not here yet, comes last. */
export function groupByClass(marks: Iterable<Annotation>, classes: readonly AnnotationClass[]): ClassGroup[] {
  const byClass = new Map<string | null, Annotation[]>(classes.map(({ id }) => [id, []]));
  byClass.set(null, []);
  for (const mark of marks) (byClass.get(mark.classId) ?? byClass.get(null)!).push(mark);
  return [...byClass]
    .filter(([, members]) => members.length > 0)
    .map(([id, members]) => ({
      annotationClass: classes.find((entry) => entry.id === id) ?? null,
      marks: members,
    }));
}
