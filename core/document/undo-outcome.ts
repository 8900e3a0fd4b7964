/** What became of an undo or a redo. An edit that somebody else has changed since is left alone, and named. */
export type UndoOutcome =
  /** There was nothing to undo. */
  | { readonly state: "nothing" }
  | { readonly state: "done"; readonly annotationIds: readonly string[] }
  /** Some of the gesture was undone; `standing` are the edits that stay because somebody changed them since. */
  | {
      readonly state: "partly";
      readonly annotationIds: readonly string[];
      readonly standing: readonly StandingEdit[];
    }
  /** Nothing of the gesture could be undone: all of it was changed since. The step is gone from the stack. */
  | { readonly state: "overtaken"; readonly standing: readonly StandingEdit[] };

export interface StandingEdit {
  readonly annotationId: string;
  /** Yjs client that wrote what stands now; the server knows whose it is. null: a fold by the server. */
  readonly client: number | null;
}
