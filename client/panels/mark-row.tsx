import { ActionIcon } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { CSSProperties, Ref } from "react";
import { bodyColours } from "#client/layers/mark-style.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import styles from "./annotations-panel.module.css";

/** A mark in the list. Pointing at it lights the mark on the picture, and the other way round. */
export function MarkRow(props: {
  readonly mark: Annotation;
  readonly title: string;
  readonly author: string | null;
  readonly remove: (() => void) | null;
  /** Which of how many it is, from 1: those out of view are not on the page to be counted. */
  readonly position: number;
  readonly count: number;
  /** Which item of the whole list it is: it is measured by that. */
  readonly index: number;
  readonly style: CSSProperties;
  readonly ref: Ref<HTMLLIElement>;
}) {
  const { mark, title, author, remove } = props;
  const chosen = useSelectionStore((state) => state.selected.includes(mark.id));
  const hovered = useSelectionStore((state) => state.hovered === mark.id);
  const { select, hover } = useSelectionStore.getState();
  return (
    <li
      ref={props.ref}
      className={styles.row}
      style={props.style}
      aria-posinset={props.position}
      aria-setsize={props.count}
      data-index={props.index}
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
