import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useStore } from "zustand";
import { sentenceOf } from "#client/state/api-client.ts";
import { useHistoryStore } from "#client/state/history-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { toast } from "#client/state/toast-store.ts";
import type { HistoryChange, HistoryEntry } from "#core/protocol/api/history.ts";
import { roleAllows } from "#core/protocol/roles.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import type { MarkChangeWord } from "#core/schema/mark-change.ts";
import { formatCount } from "#core/units/count.ts";
import { nameOf } from "./annotation-words.ts";
import { ClassSwatch } from "./class-swatch.tsx";
import styles from "./history-panel.module.css";
import type { RestoreWish } from "./history-restore.tsx";
import { changeWords, clock, drawnEarlier, type HistoryStep, timeWords } from "./history-sittings.ts";
import { useWorkspace } from "./workspace-context.ts";

export type Restore = (wish: RestoreWish) => void;

/** Of an edit of more marks than this only their number is told. */
const namedAtMost = 3;

/** One line: what was done to what. A click shows the picture as it was then. */
export function StepRow(props: {
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
  const only = changes.length === 1 ? changes[0] : undefined;
  const [classId, ...otherClasses] = new Set(changes.map((change) => change.classId));
  const annotationClass = classes.find(({ id }) => id === classId) ?? null;
  const drawn = drawnEarlier(step);
  const title = titleOf(entry, (id) => interfaces.find((one) => one.id === id)?.name);
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
        {annotationClass && otherClasses.length === 0 && (
          <ClassSwatch annotationClass={annotationClass} size={13} />
        )}
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
  const { entry, changes } = step;
  // Of an edit of very many marks not all are told one by one: the whole image can still come back.
  const all = changes.length === entry.annotationIds.length;
  const idsWithout = (word: MarkChangeWord) =>
    all ? changes.flatMap(({ annotationId, words }) => (words.includes(word) ? [] : [annotationId])) : [];
  const after = idsWithout("deleted");
  const before = idsWithout("created");
  const these = changes.length === 1 ? "this mark" : "these marks";
  const then = changes.length === 1 ? "it was" : "they were";
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
        {after.length > 0 && (
          <Menu.Item
            onClick={() => restore({ what: "marks", entry, at: "after", annotationIds: after, title })}
          >
            Bring {these} back as {then} then
          </Menu.Item>
        )}
        {before.length > 0 && (
          <Menu.Item
            onClick={() =>
              restore({ what: "marks", entry: step.first, at: "before", annotationIds: before, title })
            }
          >
            Bring {these} back as {then} before
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
function nameOfChange(change: HistoryChange, interfaceName?: string): string {
  if (change.kind === "unreadable") return "an unreadable mark";
  const { kind, name, body } = change;
  return nameOf({ kind, name, body } as Annotation, interfaceName);
}

/** Few marks by name, many by number. */
function titleOf(entry: HistoryEntry, interfaceName: (id: string) => string | undefined): string {
  const changes = entry.changes ?? [];
  if (changes.length === 0 || changes.length > namedAtMost)
    return `${formatCount(entry.annotationIds.length)} marks`;
  const names = changes.map((change) =>
    nameOfChange(change, change.interfaceId === null ? undefined : interfaceName(change.interfaceId)),
  );
  return names.join(", ");
}

/** "Grace moved Film side" */
export function entryWords(entry: HistoryEntry, interfaceName: (id: string) => string | undefined): string {
  const words = changeWords([...new Set((entry.changes ?? []).flatMap((change) => change.words))]);
  return `${entry.by.name} ${words} ${titleOf(entry, interfaceName)}`;
}
