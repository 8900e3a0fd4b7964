import type { AnnotationSession } from "#client/session/annotation-session.ts";
import type { Annotation } from "#core/schema/annotation.ts";

type Watched = Pick<AnnotationSession, "current" | "connection">;

export interface UnsavedMarks {
  /** Marks that were made or changed here and that the server has not confirmed, as they are now. */
  list(): readonly Annotation[];
  stop(): void;
}

/** Notes which marks the server may lack, for whoever loses access before they were sent. */
export function watchUnsavedMarks({ current, connection }: Watched): UnsavedMarks {
  const ids = new Set<string>();
  const listen = () =>
    current.getState().document.subscribe(({ local, changed }) => {
      if (local) for (const id of changed) ids.add(id);
    });
  let leaveDocument = listen();
  const leave = [
    // A refusal replaces the document; what the refused one held is in its rescue.
    current.subscribe(() => {
      leaveDocument();
      ids.clear();
      leaveDocument = listen();
    }),
    connection.subscribe((told) => {
      const { state } = told.state === "refused" ? told.since : told;
      if (state === "saved") ids.clear();
    }),
  ];
  return {
    list: () => {
      const { document } = current.getState();
      return [...ids].flatMap((id) => document.get(id) ?? []);
    },
    stop() {
      leaveDocument();
      for (const stop of leave) stop();
    },
  };
}

/** The marks as a file for keeping: native JSON, as the API takes it for a micrograph. */
export function unsavedFile(
  micrographId: string,
  annotations: readonly Annotation[],
): { readonly fileName: string; readonly json: string } {
  const snapshot = { format: "lamella-annotations", version: 1, annotations };
  return { fileName: `unsaved-${micrographId}.json`, json: `${JSON.stringify(snapshot, null, 1)}\n` };
}
