import { Button, Loader, SegmentedControl } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { useHistoryStore } from "#client/state/history-store.ts";
import { useMomentStore } from "#client/state/moment-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { roleAllows } from "#core/protocol/roles.ts";
import styles from "./history-panel.module.css";
import { useRestore } from "./history-restore.tsx";
import { clock, type Sitting, sittingsOf, timeWords } from "./history-sittings.ts";
import { type Restore, StepRow } from "./history-step.tsx";
import { initialsOf } from "./initials-of.ts";
import panel from "./panel.module.css";
import { useDocument } from "./use-document.ts";
import { useWorkspace } from "./workspace-context.ts";

/** Edits of others arrive one by one: they are asked for together, this long after the last. */
const laterAfterMs = 900;

/** Who did what when. A line opens the picture as it was then; what it says of a mark can be brought back. */
export default function HistoryPanel() {
  const { micrograph, project } = useWorkspace();
  const selected = useSelectionStore((state) => state.selected);
  const { entries, mark, earlier, loading, failure, open, loadEarlier, loadLater } = useHistoryStore();
  const moment = useMomentStore((state) => state.moment);
  const [restore, dialog] = useRestore();
  const [onlySelected, setOnlySelected] = useState(false);
  const wanted = onlySelected ? (selected.length === 1 ? selected[0]! : mark) : null;

  useEffect(() => void open(micrograph.id, wanted), [open, micrograph.id, wanted]);
  useLaterEdits(loadLater);
  const sittings = useMemo(() => sittingsOf(entries), [entries]);

  return (
    <div className={panel.panel}>
      {(selected.length === 1 || onlySelected) && (
        <SegmentedControl
          size="xs"
          value={onlySelected ? "mark" : "all"}
          onChange={(value) => setOnlySelected(value === "mark")}
          data={[
            { value: "all", label: "Everything" },
            { value: "mark", label: "The selected mark" },
          ]}
        />
      )}
      {failure && (
        <p className={panel.warning} role="alert">
          {failure}
          <Button size="compact-xs" variant="default" onClick={() => void open(micrograph.id, wanted)}>
            Try again
          </Button>
        </p>
      )}
      {loading && entries.length === 0 && <Loader size="sm" aria-label="Reading the history" />}
      {!loading && !failure && entries.length === 0 && earlier === null && (
        <div className={panel.empty}>
          <strong>Nothing has been drawn yet</strong>
          Every edit will be listed here with its author, and can be looked at and brought back.
        </div>
      )}
      <div className={styles.sittings}>
        {sittings.map((sitting) => (
          <SittingCard
            key={sitting.key}
            sitting={sitting}
            shown={moment?.entry.seq ?? null}
            restore={roleAllows(project.role, "annotate") ? restore : null}
          />
        ))}
      </div>
      {earlier !== null && earlier !== undefined && (
        <Button variant="default" size="xs" loading={loading} onClick={() => void loadEarlier()}>
          Earlier edits
        </Button>
      )}
      {dialog}
    </div>
  );
}

/** Asks for what was edited since, whenever the document has changed and rests; also on the way back from an earlier moment. */
function useLaterEdits(loadLater: () => Promise<void>): void {
  const { session } = useWorkspace();
  const { version } = useDocument(session);
  const saved = useStore(session.connection, ({ state }) => state === "saved");
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the document counts
  useEffect(() => {
    if (!saved) return;
    const timer = setTimeout(() => void loadLater(), laterAfterMs);
    return () => clearTimeout(timer);
  }, [version, saved, loadLater]);
}

function SittingCard(props: {
  readonly sitting: Sitting;
  /** The moment that is looked at. */
  readonly shown: number | null;
  readonly restore: Restore | null;
}) {
  const { by, fromMs, untilMs, steps, edits } = props.sitting;
  const [from, until] = [timeWords(new Date(fromMs)), timeWords(new Date(untilMs))];
  return (
    <section className={styles.sitting} aria-label={`${by.name}, ${until}`}>
      <header>
        <span className={styles.avatar}>{by.upkeep ? <IconHistory size={13} /> : initialsOf(by.name)}</span>
        <strong className="ellipsis" title={by.name}>
          {by.name}
        </strong>
        <span className="dim small numbers">
          {from === until ? until : `${from} – ${sameDay(fromMs, untilMs) ? clock(untilMs) : until}`}
          {" · "}
          {edits} {edits === 1 ? "edit" : "edits"}
        </span>
      </header>
      <ol>
        {steps.map((step) => (
          <StepRow
            key={step.entry.seq}
            step={step}
            shown={props.shown === step.entry.seq}
            restore={props.restore}
          />
        ))}
      </ol>
    </section>
  );
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
