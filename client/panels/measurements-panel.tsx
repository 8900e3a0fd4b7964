import { Button } from "@mantine/core";
import { IconClipboard, IconVectorSpline } from "@tabler/icons-react";
import { useMemo } from "react";
import { useStore } from "zustand";
import { useGapStore } from "#client/state/gap-store.ts";
import { isDraftId } from "#client/state/live-annotations.ts";
import { toast } from "#client/state/toast-store.ts";
import { measureAnnotations } from "#core/analysis/measure-annotations.ts";
import { resamplingSeed } from "#core/analysis/resampling-seed.ts";
import { formatCount } from "#core/units/count.ts";
import { CalibrationNote } from "./calibration-note.tsx";
import { copyText } from "./copy-text.ts";
import { InterfaceCard } from "./interface-card.tsx";
import { MeasurementList } from "./measurement-list.tsx";
import styles from "./measurements-panel.module.css";
import { measurementsTable } from "./measurements-table.ts";
import panel from "./panel.module.css";
import { useDocument } from "./use-document.ts";
import { useWorkspace } from "./workspace-context.ts";

const shownQuantities = new Set(["area", "length"]);

/** Every number of the marks, moving while anybody drags. */
export function MeasurementsPanel({ scroller }: { readonly scroller: HTMLElement | null }) {
  const { micrograph, session, records } = useWorkspace();
  const { document } = useDocument(session);
  const { gaps, rows, isWhole, method, thresholdNm } = useGapStore();
  const { classes, interfaces } = useStore(records);
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
    if (copied)
      toast(`${formatCount(all.length)} numbers are on the clipboard, with units and uncertainties.`, "good");
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
  const copyAll = (
    <Button
      size="compact-xs"
      variant="default"
      leftSection={<IconClipboard size={14} />}
      onClick={() => void copy()}
    >
      Copy all as CSV
    </Button>
  );
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
          <header className={styles.tableHead}>
            <h3 className={panel.heading}>Lengths and areas</h3>
            {!isWhole && <span className="dim small ellipsis">{formatCount(table.length)} so far…</span>}
            {copyAll}
          </header>
          <MeasurementList rows={table} document={document} classes={classes} scroller={scroller} />
        </section>
      )}
      {table.length === 0 && <div className={panel.row}>{copyAll}</div>}
    </div>
  );
}
