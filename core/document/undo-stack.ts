import type * as Y from "yjs";
import { applyEdit, type Edit, inverse } from "./edit.ts";
import type { StandingEdit, UndoOutcome } from "./undo-outcome.ts";

/** A gesture as undo knows it. */
type Step = readonly Edit[];

/** More steps than anybody walks back; the oldest are forgotten so that a long day does not fill the memory. */
const deepest = 1_000;

/**
 * Undo and redo of this person's gestures (SPEC U1-U5). Yjs's own UndoManager is not used: it takes back by deleting items,
 * which have no author and, for a mark, would remove the record; here every step back is an ordinary authored edit, and
 * what somebody else has changed since is left as it is and named.
 */
export class UndoStack {
  readonly #doc: Y.Doc;
  readonly #done: Step[] = [];
  #undone: Step[] = [];

  constructor(doc: Y.Doc) {
    this.#doc = doc;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  push(step: Step): void {
    if (step.length === 0) return;
    this.#done.push(step);
    if (this.#done.length > deepest) this.#done.shift();
    this.#undone = [];
  }

  /** Take the last gesture back. Within a transaction. */
  undo(): UndoOutcome {
    return this.#walk(this.#done, this.#undone);
  }

  /** Do again what was taken back last. Within a transaction. */
  redo(): UndoOutcome {
    return this.#walk(this.#undone, this.#done);
  }

  #walk(from: Step[], to: Step[]): UndoOutcome {
    const step = from.pop();
    if (!step) return { state: "nothing" };
    const standing: StandingEdit[] = [];
    const back: Edit[] = [];
    for (const edit of step.toReversed()) {
      const opposite = inverse(edit);
      const stands = applyEdit(this.#doc, opposite);
      if (stands) standing.push(stands);
      else back.push(opposite);
    }
    if (back.length === 0) return { state: "overtaken", standing };
    to.push(back);
    const annotationIds = [...new Set(back.map((edit) => edit.id))];
    return standing.length === 0
      ? { state: "done", annotationIds }
      : { state: "partly", annotationIds, standing };
  }
}
