import { ActionIcon, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconEye, IconEyeOff, IconTrash } from "@tabler/icons-react";
import { useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import { bodyColours } from "#client/layers/mark-style.ts";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { useSelectionStore } from "#client/state/selection-store.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { AnnotationDetails } from "./annotation-details.tsx";
import { nameOf, sideOf } from "./annotation-words.ts";
import styles from "./annotations-panel.module.css";
import { GroupHeading } from "./group-heading.tsx";
import { groupMarks } from "./group-marks.ts";
import panel from "./panel.module.css";
import { useAuthors } from "./use-authors.ts";
import { useDocument } from "./use-document.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

const SuggestionsSection = lazyPart(() => import("./suggestions-section.tsx"));

const shownAtMost = 400;

/** The marks, by interface and by class. Pointing at a row lights the mark on the picture, and the other way round. */
export function AnnotationsPanel() {
  const { session, records } = useWorkspace();
  const { document, version } = useDocument(session);
  const { classes, interfaces } = useStore(records);
  const { selected, marksVisible, setMarksVisible } = useSelectionStore();
  const annotate = useRight("annotate");
  // The map is one and the same object: the version says when it changed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const groups = useMemo(
    () => groupMarks(document.annotations().values(), classes, interfaces),
    [document, version, classes, interfaces],
  );
  const count = groups.reduce((sum, group) => sum + group.marks.length, 0);
  const invalid = document.invalid();
  const authorOf = useAuthors();
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
      <SuggestionsSection />
      {chosen && <AnnotationDetails key={chosen.id} annotation={chosen} author={authorOf(chosen)} />}
      {count === 0 && invalid.length === 0 && (
        <div className={panel.empty}>
          <strong>Nothing is marked yet</strong>
          {annotate.allowed
            ? "Pick a tool on the left: D for a delaminated region, I for an interface trace, M for a distance."
            : "Marks appear here as they are drawn."}
        </div>
      )}
      {groups.map((group) => {
        const shown = group.marks.slice(0, Math.max(0, room));
        room -= shown.length;
        return (
          <section key={group.key} className={styles.group}>
            <GroupHeading group={group} />
            <ul>
              {shown.map((mark) => (
                <MarkRow
                  key={mark.id}
                  mark={mark}
                  title={group.is === "interface" ? sideOf(mark) : nameOf(mark)}
                  author={authorOf(mark)}
                  remove={
                    annotate.allowed ? () => document.execute({ type: "delete", ids: [mark.id] }) : null
                  }
                />
              ))}
              {shown.length < group.marks.length && (
                <li className="dim small numbers">
                  {group.marks.length - shown.length} more: select them on the picture.
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
        {mark.kind === "interface-trace" && (
          <svg className={styles.side} viewBox="0 0 12 4" aria-hidden="true">
            <path d="M0 2h12" stroke={bodyColours[mark.body ?? "other"]} strokeWidth={3} />
          </svg>
        )}
        <span className={`${styles.title} ellipsis`}>{title}</span>
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
