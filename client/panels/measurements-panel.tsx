import { Button } from "@mantine/core";
import { IconClipboard, IconVectorSpline } from "@tabler/icons-react";
import { useMemo } from "react";
import { useStore } from "zustand";
import { resamplingSeed, useGapStore } from "#client/state/gap-store.ts";
import { isDraftId } from "#client/state/live-annotations.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { toast } from "#client/state/toast-store.ts";
import { measureAnnotations } from "#core/analysis/measure-annotations.ts";
import { formatQuantity } from "#core/units/quantity.ts";
import { nameOf } from "./annotation-words.ts";
import { CalibrationNote } from "./calibration-note.tsx";
import { ClassSwatch } from "./class-swatch.tsx";
import { copyText } from "./copy-text.ts";
import { InterfaceCard } from "./interface-card.tsx";
import styles from "./measurements-panel.module.css";
import { measurementsTable } from "./measurements-table.ts";
import panel from "./panel.module.css";
import { useDocument } from "./use-document.ts";
import { useWorkspace } from "./workspace-context.ts";

const shownQuantities = new Set(["area", "length"]);
const shownAtMost = 300;

/** Every number of the marks, moving while anybody drags. */
export function MeasurementsPanel() {
  const { micrograph, session, records } = useWorkspace();
  const { document } = useDocument(session);
  const { gaps, rows, method, thresholdNm } = useGapStore();
  const { classes, interfaces } = useStore(records);
  const { select, hover, selected } = useSelectionStore();
  const table = useMemo(
    () =>
      rows.filter(
        ({ quantity, annotationIds }) => shownQuantities.has(quantity) && !isDraftId(annotationIds[0]!),
      ),
    [rows],
  );
  const copy = async () => {
    const all = measureAnnotations([...document.annotations().values()], micrograph.calibration, {
      method,
      thresholdNm,
      seed: resamplingSeed,
    });
    const copied = await copyText(measurementsTable(all, micrograph));
    if (copied) toast(`${all.length} numbers are on the clipboard, with units and uncertainties.`, "good");
    else toast("This browser does not allow copying here. Use Export → Measurements (CSV).", "warning");
  };

  if (gaps.length === 0 && table.length === 0) {
    return (
      <div className={panel.panel}>
        <CalibrationNote />
        <div className={panel.empty}>
          <strong>No numbers yet</strong>
          Press <kbd>I</kbd> and draw along the substrate’s edge, then along the film’s: the gap between them
          appears here. <kbd>M</kbd> measures a distance.
        </div>
      </div>
    );
  }
  return (
    <div className={panel.panel}>
      <CalibrationNote />
      {gaps.map((gap, index) => (
        <InterfaceCard
          key={gap.key}
          gap={gap}
          title={
            interfaces.find(({ id }) => id === gap.pair.substrate.interfaceId)?.name ??
            `Interface ${index + 1}`
          }
        />
      ))}
      {gaps.length === 0 && (
        <div className={styles.hint}>
          <IconVectorSpline size={16} />
          Two traces of one interface give its gap.
        </div>
      )}
      {table.length > 0 && (
        <section className={panel.section}>
          <h3 className={panel.heading}>Lengths and areas</h3>
          <table className={`${styles.table} numbers`}>
            <tbody>
              {table.slice(0, shownAtMost).map((row) => {
                const id = row.annotationIds[0]!;
                const mark = document.get(id);
                const annotationClass = classes.find((entry) => entry.id === row.classId) ?? null;
                return (
                  <tr
                    key={`${id} ${row.quantity}`}
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
            </tbody>
          </table>
          {table.length > shownAtMost && (
            <p className="dim small">{table.length - shownAtMost} more in the copy and the export.</p>
          )}
        </section>
      )}
      <div className={panel.row}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconClipboard size={15} />}
          onClick={() => void copy()}
        >
          Copy all as CSV
        </Button>
      </div>
    </div>
  );
}
