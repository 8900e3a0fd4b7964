import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { historyEndpoints } from "#client/state/history-endpoints.ts";
import type { HistoryEntry } from "#core/protocol/api/history.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { changeWords, timeWords } from "./history-sittings.ts";
import { useWorkspace } from "./workspace-context.ts";

/** A shape that is being edited is asked for once it rests. */
const askAfterMs = 500;

/** "Last moved by Grace, 12:50", from what the server has on disk; of a mark of an earlier moment also who deleted it since. */
export default function HistoryOfMark({ annotation }: { readonly annotation: Annotation }) {
  const { micrograph, session } = useWorkspace();
  const { state } = useStore(session.connection);
  const [last, setLast] = useState<HistoryEntry | null>(null);
  const asks = state === "saved";
  // The mark is another object after each of its changes: then it is asked again.
  useEffect(() => {
    if (!asks) return;
    let over = false;
    const timer = setTimeout(() => {
      const question = { before: Number.MAX_SAFE_INTEGER, mark: annotation.id, limit: 1, changes: true };
      historyEndpoints.page(micrograph.id, question).then(
        ({ entries }) => !over && setLast(entries.at(-1) ?? null),
        // The line is left out: what is known of the mark itself stays.
        () => !over && setLast(null),
      );
    }, askAfterMs);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [asks, annotation, micrograph.id]);
  const change = last?.changes?.find(({ annotationId }) => annotationId === annotation.id);
  if (!last || !change || change.words.includes("created")) return null;
  const when = timeWords(new Date(last.receivedAt));
  return (
    <>
      <br />
      Last {changeWords(change.words)} by {last.by.name}, {when}
    </>
  );
}
