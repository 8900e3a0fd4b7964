import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { historyEndpoints } from "#client/state/history-endpoints.ts";
import { useMomentStore } from "#client/state/moment-store.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import type { MarkChangeWord } from "#core/schema/mark-change.ts";
import { changeWords, timeWords } from "./history-sittings.ts";
import { useWorkspace } from "./workspace-context.ts";

interface LastChange {
  readonly by: string;
  readonly atMs: number;
  /** What it was, where that was asked for. */
  readonly words: readonly MarkChangeWord[];
}

/** A shape that is being edited is asked for once it rests. */
const askAfterMs = 500;
/** A mark that its author alone has drawn, just now, needs no second line. */
const drawnJustNowMs = 60_000;

/**
 * "Last changed by Grace, 12:50", from what the server has on disk; of a mark of an earlier moment also what was done
 * with it since: "deleted".
 */
export default function HistoryOfMark(props: {
  readonly annotation: Annotation;
  readonly author: string | null;
}) {
  const { annotation, author } = props;
  const { micrograph, session } = useWorkspace();
  const { state } = useStore(session.connection);
  const past = useMomentStore(({ moment }) => moment !== null);
  const [last, setLast] = useState<LastChange | null>(null);
  const asks = state === "saved";
  // The mark is another object after each of its changes: then it is asked again.
  useEffect(() => {
    if (!asks) return;
    let over = false;
    const timer = setTimeout(() => {
      lastChange(micrograph.id, annotation.id, past).then(
        (found) => !over && setLast(found),
        // The line is left out: what is known of the mark itself stays.
        () => !over && setLast(null),
      );
    }, askAfterMs);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [asks, annotation, micrograph.id, past]);
  if (!last || last.words.includes("created")) return null;
  const drawnMs = Date.parse(annotation.drawnAt ?? "");
  if (last.by === author && last.atMs - drawnMs < drawnJustNowMs) return null;
  const words = last.words.length > 0 ? changeWords(last.words) : "changed";
  return (
    <>
      <br />
      Last {words} by {last.by}, {timeWords(new Date(last.atMs))}
    </>
  );
}

/** @param told also what the change was: the server replays the image for it, which is not asked for with every selection */
async function lastChange(micrographId: string, mark: string, told: boolean): Promise<LastChange | null> {
  if (!told) {
    const touch = await historyEndpoints.lastEditor(micrographId, mark);
    return touch && { by: touch.by.name, atMs: Date.parse(touch.receivedAt), words: [] };
  }
  const question = { before: Number.MAX_SAFE_INTEGER, mark, limit: 1, changes: true };
  const entry = (await historyEndpoints.page(micrographId, question)).entries.at(-1);
  const change = entry?.changes?.find(({ annotationId }) => annotationId === mark);
  return entry && change
    ? { by: entry.by.name, atMs: Date.parse(entry.receivedAt), words: change.words }
    : null;
}
