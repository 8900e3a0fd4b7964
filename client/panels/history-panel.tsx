import { ActionIcon, Button, Loader, Menu, SegmentedControl, Tooltip } from "@mantine/core";
import { IconDots, IconHistory } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { sentenceOf } from "#client/state/api-client.ts";
import { useHistoryStore } from "#client/state/history-store.ts";
import { useMomentStore } from "#client/state/moment-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { toast } from "#client/state/toast-store.ts";
import type { HistoryChange, HistoryEntry } from "#core/protocol/api/history.ts";
import { roleAllows } from "#core/protocol/roles.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { nameOf } from "./annotation-words.ts";
import { ClassSwatch } from "./class-swatch.tsx";
import styles from "./history-panel.module.css";
import { type RestoreWish, useRestore } from "./history-restore.tsx";
import {
  changeWords,
  drawnEarlier,
  type HistoryStep,
  type Sitting,
  sittingsOf,
  timeWords,
} from "./history-sittings.ts";
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

/** Asks for what was edited since, whenever the document of now has changed and rests. */
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

type Restore = (wish: RestoreWish) => void;

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

function StepRow(props: {
  readonly step: HistoryStep;
  readonly shown: boolean;
  readonly restore: Restore | null;
}) {
  const { step, shown, restore } = props;
  const { entry, words, changes, times } = step;
  const { records } = useWorkspace();
  const { classes, interfaces } = useStore(records);
  const hover = useSelectionStore((state) => state.hover);
  const show = useHistoryStore((state) => state.show);
  const [only, ...more] = changes;
  const annotationClass = classes.find(({ id }) => id === only?.classId) ?? null;
  const drawn = drawnEarlier(step);
  const title =
    more.length > 0
      ? `${entry.annotationIds.length} marks`
      : only
        ? nameOfChange(only, interfaces.find(({ id }) => id === only.interfaceId)?.name)
        : "marks";
  const look = () => show(entry).catch((error) => toast(sentenceOf(error), "danger"));
  const time = new Date(entry.receivedAt);
  return (
    <li
      className={styles.step}
      data-shown={shown}
      onPointerEnter={() => only && hover(only.annotationId)}
      onPointerLeave={() => hover(null)}
    >
      <button
        type="button"
        className={styles.look}
        aria-pressed={shown}
        title={`${time.toLocaleString()}: show the picture as it was`}
        onFocus={() => only && hover(only.annotationId)}
        onBlur={() => hover(null)}
        onClick={() => void look()}
      >
        <span className="dim numbers">{clock(time.getTime())}</span>
        <span className="dim">{changeWords(words)}</span>
        {only?.classId && <ClassSwatch annotationClass={annotationClass} size={13} />}
        <span className={`${styles.title} ellipsis`} title={title}>
          {title}
        </span>
        {times > 1 && <span className="dim numbers">×{times}</span>}
        {drawn && (
          <span className={styles.drawn} title={`Drawn ${drawn.toLocaleString()}, received later`}>
            drawn {timeWords(drawn)}, sent later
          </span>
        )}
      </button>
      {restore && <StepMenu step={step} title={title} look={look} restore={restore} />}
    </li>
  );
}

function StepMenu(props: {
  readonly step: HistoryStep;
  readonly title: string;
  readonly look: () => Promise<unknown>;
  readonly restore: Restore;
}) {
  const { step, title, restore } = props;
  const { project } = useWorkspace();
  const { entry, changes, words } = step;
  const only = changes.length === 1 ? changes[0]! : null;
  const gone = words.includes("deleted");
  const made = words.includes("created");
  const manage = roleAllows(project.role, "manage");
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Tooltip label="Bring back">
          <ActionIcon
            size="sm"
            variant="subtle"
            aria-label={`Bring back: ${title}`}
            className={styles.menu ?? ""}
          >
            <IconDots size={15} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void props.look()}>Show the picture as it was</Menu.Item>
        {only && !gone && (
          <Menu.Item onClick={() => restore({ what: "mark", entry, at: "after", change: only, title })}>
            Bring this mark back as it was after this
          </Menu.Item>
        )}
        {only && !made && (
          <Menu.Item onClick={() => restore({ what: "mark", entry, at: "before", change: only, title })}>
            Bring this mark back as it was before this
          </Menu.Item>
        )}
        {manage && (
          <Menu.Item onClick={() => restore({ what: "image", entry })}>
            Bring the whole image back …
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** A mark is called in history as it was called then. */
export function nameOfChange(change: HistoryChange, interfaceName?: string): string {
  if (change.kind === "unreadable") return "an unreadable mark";
  const { kind, name, body } = change;
  return nameOf({ kind, name, body } as Annotation, interfaceName);
}

/** "Grace moved Film side" */
export function entryWords(entry: HistoryEntry): string {
  const changes = entry.changes ?? [];
  const words = changeWords([...new Set(changes.flatMap((change) => change.words))]);
  const what = changes.length === 1 ? nameOfChange(changes[0]!) : `${entry.annotationIds.length} marks`;
  return `${entry.by.name} ${words} ${what}`;
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}
