import { memo, useCallback, useRef } from "react";
import { useSelectionStore } from "#client/state/selection-store.ts";
import type { MeasurementRow } from "#core/analysis/measure-annotations.ts";
import type { AnnotationDocument } from "#core/document/annotation-document.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import { formatQuantity } from "#core/units/quantity.ts";
import { nameOf } from "./annotation-words.ts";
import { ClassSwatch } from "./class-swatch.tsx";
import styles from "./measurements-panel.module.css";
import { useRowsInView } from "./use-rows-in-view.ts";

/** As the style sheet has it. */
const rowHeight = 28;

/** Lengths and areas, a row each. Only those in view, and some around them, are on the page. */
export const MeasurementList = memo(function MeasurementList(props: {
  readonly rows: readonly MeasurementRow[];
  readonly document: AnnotationDocument;
  readonly classes: readonly AnnotationClass[];
  /** What scrolls the list; null until it is there. */
  readonly scroller: HTMLElement | null;
}) {
  const { rows, document, classes, scroller } = props;
  const { select, hover, selected } = useSelectionStore();
  const table = useRef<HTMLTableElement>(null);
  const { top, virtualizer } = useRowsInView(scroller, table, {
    count: rows.length,
    getItemKey: useCallback((index: number) => keyOf(rows[index]!), [rows]),
    estimateSize: () => rowHeight,
  });
  const shown = virtualizer.getVirtualItems();
  const above = (shown[0]?.start ?? top) - top;
  const below = virtualizer.getTotalSize() - ((shown.at(-1)?.end ?? top) - top);
  return (
    <table ref={table} className={`${styles.table} numbers`} aria-rowcount={rows.length}>
      <colgroup>
        <col className={styles.swatch ?? ""} />
        <col />
        <col className={styles.value ?? ""} />
      </colgroup>
      <tbody>
        <Room height={above} />
        {shown.map(({ index, key }) => {
          const row = rows[index]!;
          const id = row.annotationIds[0]!;
          const mark = document.get(id);
          const annotationClass = classes.find((entry) => entry.id === row.classId) ?? null;
          return (
            <tr
              key={key}
              aria-rowindex={index + 1}
              data-selected={selected.includes(id)}
              onClick={() => select([id])}
              onPointerEnter={() => hover(id)}
              onPointerLeave={() => hover(null)}
            >
              <td>
                <ClassSwatch annotationClass={annotationClass} size={14} />
              </td>
              <td className="ellipsis">
                {mark?.name || annotationClass?.name || (mark ? nameOf(mark) : "")}
              </td>
              <td title={row.refusal ?? `${row.quantity}, k = 1`}>
                {row.value === null ? (
                  <span className="dim">{row.refusal}</span>
                ) : (
                  formatQuantity({ value: row.value, u: row.u, unit: row.unit })
                )}
              </td>
            </tr>
          );
        })}
        <Room height={below} />
      </tbody>
    </table>
  );
});

/** Where rows lie that are not on the page. */
function Room({ height }: { readonly height: number }) {
  return height > 0 ? <tr className={styles.room} style={{ height }} /> : null;
}

const keyOf = ({ annotationIds, quantity }: MeasurementRow) => `${annotationIds[0]} ${quantity}`;
