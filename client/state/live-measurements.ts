import type { AnnotationSession } from "#client/session/annotation-session.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { useDraftStore } from "./draft-store.ts";
import { createMeasurer, useGapStore } from "./gap-store.ts";
import { draftIdOf, type OwnedDraft, withDrafts } from "./live-annotations.ts";
import { useSelectionStore } from "./selection-store.ts";

/** Drafts travel at 15 Hz; measuring oftener shows nothing new. */
const leastIntervalMs = 60;
/** So long marks are measured in one go. Thousands that come at once take seconds, and the picture comes before them. */
const turnMs = 16;

/**
 * Keep the numbers in step with the marks, with what I drag and with what others drag, until stopped.
 *
 * @returns stop
 */
export function measureLive(session: AnnotationSession, calibration: Calibration): () => void {
  const measure = createMeasurer();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let last = 0;
  let lastSettings = "";

  const run = () => {
    timer = null;
    const { method, thresholdNm } = useGapStore.getState();
    const { document } = session.current.getState();
    const drafts = draftsOf(session);
    const annotations = withDrafts(document.annotations().values(), drafts);
    const first = new Set([...useSelectionStore.getState().selected, ...drafts.flatMap(marksOf)]);
    const untilMs = performance.now() + turnMs;
    const mayGoOn = () => performance.now() < untilMs;
    const { gaps, rows, isWhole } = measure(
      annotations,
      { method, thresholdNm, calibration },
      { first, mayGoOn },
    );
    useGapStore.setState({ gaps, rows, isWhole });
    last = performance.now();
    if (!isWhole) soon();
  };
  const soon = () => {
    timer ??= setTimeout(run, Math.max(0, last + leastIntervalMs - performance.now()));
  };
  let leaveDocument = session.current.getState().document.subscribe(soon);
  const leave = [
    session.current.subscribe(({ document }) => {
      leaveDocument();
      leaveDocument = document.subscribe(soon);
      soon();
    }),
    session.presence.subscribe(soon),
    useDraftStore.subscribe(soon),
    useGapStore.subscribe(({ method, thresholdNm }) => {
      const settings = `${method} ${thresholdNm}`;
      if (settings !== lastSettings) soon();
      lastSettings = settings;
    }),
  ];
  run();
  return () => {
    if (timer !== null) clearTimeout(timer);
    leaveDocument();
    for (const stop of leave) stop();
    useGapStore.setState({ gaps: [], rows: [], isWhole: true });
  };
}

function draftsOf(session: AnnotationSession): OwnedDraft[] {
  const drafts: OwnedDraft[] = [];
  for (const [clientId, { draft }] of session.presence.others()) {
    if (draft) drafts.push({ owner: String(clientId), draft });
  }
  const mine = useDraftStore.getState().draft;
  if (mine) drafts.push({ owner: "me", draft: mine });
  return drafts;
}

/** Under which ids the marks of a gesture are measured. */
function marksOf({ owner, draft }: OwnedDraft): readonly string[] {
  return draft.type === "transform" ? draft.annotationIds : [draft.annotationId ?? draftIdOf(owner)];
}
