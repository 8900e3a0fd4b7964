import type { HistoryChange, HistoryEditor, HistoryEntry } from "#core/protocol/api/history.ts";
import type { MarkChangeWord } from "#core/schema/mark-change.ts";

/** One line of a sitting: an edit, or several alike of one mark that follow each other. */
export interface HistoryStep {
  /** The edit after which the marks were as the line says: the last of them. */
  readonly entry: HistoryEntry;
  /** The first of them: before it, they were otherwise. */
  readonly first: HistoryEntry;
  readonly words: readonly MarkChangeWord[];
  readonly changes: readonly HistoryChange[];
  readonly times: number;
}

/** What one person did without a long pause, newest first; others may have worked in between. */
export interface Sitting {
  readonly key: string;
  readonly by: HistoryEditor;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly steps: readonly HistoryStep[];
  readonly edits: number;
}

/** Whoever returns after this long has sat down again. */
const pauseMs = 15 * 60_000;

/**
 * Edits as people remember them: by person and sitting, newest first.
 * @param entries oldest first, each with its changes
 */
export function sittingsOf(entries: readonly HistoryEntry[]): readonly Sitting[] {
  const open = new Map<string, { sitting: Sitting; steps: HistoryStep[] }>();
  const all: { sitting: Sitting; steps: HistoryStep[] }[] = [];
  for (const entry of entries) {
    const atMs = Date.parse(entry.receivedAt);
    const { by } = entry;
    let current = open.get(by.principalId);
    if (!current || atMs - current.sitting.untilMs > pauseMs) {
      const steps: HistoryStep[] = [];
      const key = `${by.principalId} ${entry.seq}`;
      current = { steps, sitting: { key, by, fromMs: atMs, untilMs: atMs, steps, edits: 0 } };
      all.push(current);
      open.set(by.principalId, current);
    }
    current.sitting = { ...current.sitting, untilMs: atMs, edits: current.sitting.edits + 1 };
    addStep(current.steps, entry);
  }
  return all
    .map(({ sitting, steps }) => ({ ...sitting, steps: steps.toReversed() }))
    .sort((a, b) => b.untilMs - a.untilMs);
}

function addStep(steps: HistoryStep[], entry: HistoryEntry): void {
  const changes = entry.changes ?? [];
  const words = [...new Set(changes.flatMap((change) => change.words))];
  const last = steps.at(-1);
  const alike =
    last &&
    changes.length === 1 &&
    last.changes.length === 1 &&
    last.changes[0]!.annotationId === changes[0]!.annotationId &&
    last.words.join() === words.join();
  if (alike) steps[steps.length - 1] = { ...last, entry, changes, times: last.times + 1 };
  else steps.push({ entry, first: entry, words, changes, times: 1 });
}

const said: Readonly<Record<MarkChangeWord, string>> = {
  created: "drew",
  deleted: "deleted",
  "brought-back": "brought back",
  moved: "moved",
  reshaped: "reshaped",
  reclassified: "reclassified",
  renamed: "renamed",
  locked: "locked",
  unlocked: "unlocked",
  assigned: "assigned",
  edited: "edited",
};

/** "moved and renamed" */
export function changeWords(words: readonly MarkChangeWord[]): string {
  const all = words.map((word) => said[word]);
  return all.length < 2 ? (all[0] ?? "edited") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}

/** When it was drawn, where that is not when the server received it: drawn offline. */
export function drawnEarlier({ entry, changes }: HistoryStep): Date | null {
  const times = changes.flatMap(({ drawnAt }) => (drawnAt === null ? [] : [Date.parse(drawnAt)]));
  const earliest = Math.min(...times.filter((time) => !Number.isNaN(time)));
  return Number.isFinite(earliest) && Date.parse(entry.receivedAt) - earliest > 60_000
    ? new Date(earliest)
    : null;
}

/** Whose work would be taken back, most first. */
export interface Affected {
  readonly by: HistoryEditor;
  readonly edits: number;
  readonly marks: number;
}

/**
 * Who edited since, for those who are asked whether a moment shall come back.
 * @param later edits after that moment
 * @param marks only edits of these marks; null: all
 */
export function affectedBy(
  later: readonly HistoryEntry[],
  marks: readonly string[] | null,
): readonly Affected[] {
  const wanted = marks && new Set(marks);
  const people = new Map<string, { by: HistoryEditor; edits: number; marks: Set<string> }>();
  for (const { by, annotationIds } of later) {
    const touched = annotationIds.filter((id) => wanted?.has(id) ?? true);
    if (by.upkeep || touched.length === 0) continue;
    const known = people.get(by.principalId) ?? { by, edits: 0, marks: new Set<string>() };
    known.edits++;
    for (const id of touched) known.marks.add(id);
    people.set(by.principalId, known);
  }
  return [...people.values()]
    .map(({ by, edits, marks }) => ({ by, edits, marks: marks.size }))
    .sort((a, b) => b.edits - a.edits);
}

export function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

/** "12:41" today, with the day before that. */
export function timeWords(time: Date, now = new Date()): string {
  const atClock = clock(time.getTime());
  if (time.toDateString() === now.toDateString()) return atClock;
  const year = time.getFullYear() === now.getFullYear() ? undefined : ("numeric" as const);
  return `${time.toLocaleDateString(undefined, { day: "numeric", month: "short", year })}, ${atClock}`;
}
