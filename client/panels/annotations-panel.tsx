import { ActionIcon, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconEye, IconEyeOff, IconTrash } from "@tabler/icons-react";
import { useDeferredValue, useMemo } from "react";
import { useStore } from "zustand";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { formatCount } from "#core/units/count.ts";
import { AnnotationDetails } from "./annotation-details.tsx";
import styles from "./annotations-panel.module.css";
import { groupMarks } from "./group-marks.ts";
import { MarkList } from "./mark-list.tsx";
import panel from "./panel.module.css";
import { useAuthors } from "./use-authors.ts";
import { useDocument } from "./use-document.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

const SuggestionsSection = lazyPart(() => import("./suggestions-section.tsx"));

/** The marks, by interface and by class, and what can be done with those selected. */
export function AnnotationsPanel({ scroller }: { readonly scroller: HTMLElement | null }) {
  const { session, records } = useWorkspace();
  const { document, version } = useDocument(session);
  const { classes, interfaces } = useStore(records);
  const { selected, marksVisible, setMarksVisible } = useSelectionStore();
  const annotate = useRight("annotate");
  // The picture comes first: the list follows as soon as there is time.
  const listed = useDeferredValue(version);
  // The map is one and the same object: the version says when it changed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const groups = useMemo(
    () => groupMarks(document.annotations().values(), classes, interfaces),
    [document, listed, classes, interfaces],
  );
  const count = document.annotations().size;
  const invalid = document.invalid();
  const authorOf = useAuthors();
  const chosen = selected.length === 1 ? document.annotations().get(selected[0]!) : undefined;

  return (
    <div className={styles.panel}>
      <header className={styles.head}>
        <span className="dim numbers">
          {formatCount(count)} {count === 1 ? "mark" : "marks"}
          {selected.length > 1 && `, ${formatCount(selected.length)} selected`}
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
      <MarkList groups={groups} document={document} authorOf={authorOf} scroller={scroller} />
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
