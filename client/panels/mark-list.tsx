import { defaultRangeExtractor, type Range } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSelectionStore } from "#client/state/selection-store.ts";
import type { AnnotationDocument } from "#core/document/annotation-document.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { nameOf, sideOf } from "./annotation-words.ts";
import styles from "./annotations-panel.module.css";
import { GroupHeading } from "./group-heading.tsx";
import { type MarkGroup, titleOf } from "./group-marks.ts";
import { headingKey, markListItems, shownGroups } from "./mark-list-items.ts";
import { MarkRow } from "./mark-row.tsx";
import { useRowsInView } from "./use-rows-in-view.ts";
import { useRight } from "./workspace-context.ts";

/** As the style sheet has them; what turns out otherwise, a form or a larger font, is measured. */
const heights = { heading: 32, mark: 29 } as const;

/** All marks below their headings. Only those in view, and some around them, are on the page: a room can hold very many. */
export const MarkList = memo(function MarkList(props: {
  readonly groups: readonly MarkGroup[];
  readonly document: AnnotationDocument;
  readonly authorOf: (mark: Annotation) => string | null;
  /** What scrolls the list; null until it is there. */
  readonly scroller: HTMLElement | null;
}) {
  const { groups, document, authorOf, scroller } = props;
  const annotate = useRight("annotate");
  const list = useRef<HTMLDivElement>(null);
  const [naming, setNaming] = useState<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const items = useMemo(() => markListItems(groups), [groups]);

  // What is being written, and where the keyboard is, stay on the page however far the list is scrolled; so do the
  // neighbours, for the Tab key to go on to.
  const held = useMemo(() => {
    const indexOf = (wanted: string | null) =>
      wanted === null ? -1 : items.findIndex(({ key }) => key === wanted);
    const at = indexOf(focused);
    return [indexOf(naming), ...(at < 0 ? [] : [at - 1, at, at + 1])].filter((index) => items[index]);
  }, [items, naming, focused]);
  const rangeExtractor = useCallback(
    (range: Range) => {
      const indexes = new Set([...defaultRangeExtractor(range), ...held]);
      return [...indexes].sort((a, b) => a - b);
    },
    [held],
  );
  const { top, virtualizer } = useRowsInView(scroller, list, {
    count: items.length,
    getItemKey: useCallback((index: number) => items[index]!.key, [items]),
    estimateSize: (index) => heights[items[index]!.is],
    rangeExtractor,
  });
  const extents = virtualizer.getVirtualItems();
  // The browser itself keeps what is in view in its place when something above it grows: as long as nothing around the
  // rows has a height or a place of its own, but room is left by what stands beside them.
  virtualizer.shouldAdjustScrollPositionOnItemSizeChange = () => false;

  useNewlySelected((id) => {
    const index = items.findIndex(({ key }) => key === id);
    const row = list.current?.querySelector(`[data-index="${index}"]`);
    if (row) row.scrollIntoView({ block: "nearest" });
    // Its place is an estimate until it is on the page.
    else if (index >= 0) virtualizer.scrollToIndex(index);
    return row != null;
  });

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only notes where among its own elements the keyboard is
    <div
      ref={list}
      className={styles.list}
      onFocus={({ target }) => {
        const index = target.closest<HTMLElement>("[data-index]")?.dataset.index;
        setFocused(items[Number(index)]?.key ?? null);
      }}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) setFocused(null);
      }}
    >
      {shownGroups(items, extents, top).map(({ group, heading, rows }) => (
        <section key={group.key} className={styles.group}>
          {heading && (
            <div
              ref={virtualizer.measureElement}
              className={styles.top}
              style={{ marginTop: heading.above }}
              data-index={heading.index}
            >
              <GroupHeading
                group={group}
                naming={naming === headingKey(group)}
                setNaming={(shown) => setNaming(shown ? headingKey(group) : null)}
              />
            </div>
          )}
          <ul aria-label={titleOf(group)}>
            {rows.map(({ item: { mark, place }, index, above }) => (
              <MarkRow
                key={mark.id}
                ref={virtualizer.measureElement}
                mark={mark}
                title={group.is === "interface" ? sideOf(mark) : nameOf(mark)}
                author={authorOf(mark)}
                remove={annotate.allowed ? () => document.execute({ type: "delete", ids: [mark.id] }) : null}
                position={place + 1}
                count={group.marks.length}
                index={index}
                style={{ marginTop: above }}
              />
            ))}
          </ul>
        </section>
      ))}
      <div style={{ height: top + virtualizer.getTotalSize() - (extents.at(-1)?.end ?? top) }} />
    </div>
  );
});

/** Brings the last of the marks that have just been selected into view, if need be when it is listed: a little later. */
function useNewlySelected(bringIntoView: (id: string) => boolean): void {
  const selected = useSelectionStore((state) => state.selected);
  const before = useRef<readonly string[]>([]);
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    const known = new Set(before.current);
    before.current = selected;
    const waited = selected.find((id) => id === wanted.current);
    wanted.current = selected.findLast((id) => !known.has(id)) ?? waited ?? null;
  }, [selected]);
  // With every rendering: each may be the one that has its row.
  useEffect(() => {
    if (wanted.current !== null && bringIntoView(wanted.current)) wanted.current = null;
  });
}
