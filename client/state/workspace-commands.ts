import type { AnnotationSession } from "#client/session/annotation-session.ts";
import type { UndoOutcome } from "#core/document/undo-outcome.ts";
import { toast } from "./toast-store.ts";

/** My last gesture back, or again; says so where somebody's later edit stands in the way. */
export function undoOrRedo(session: AnnotationSession, which: "undo" | "redo"): void {
  const { document } = session.current.getState();
  const sentence = outcomeSentence(document[which](), which);
  if (sentence) toast(sentence, "warning");
}

export function outcomeSentence(outcome: UndoOutcome, which: "undo" | "redo"): string | null {
  switch (outcome.state) {
    case "done":
      return null;
    case "nothing":
      return `There is nothing of yours to ${which} since this page was opened.`;
    case "partly":
      return `Part of it could not be ${which === "undo" ? "undone" : "redone"}: somebody has changed it since, and that stays.`;
    case "overtaken":
      return `It cannot be ${which === "undo" ? "undone" : "redone"}: somebody has changed it since, and that stays.`;
  }
}
