import * as Y from "yjs";
import { type AnnotationDocument, openAnnotationDocument } from "#core/document/annotation-document.ts";
import { lackingRecords, reapply } from "#core/document/rescue-edits.ts";
import type { RefusalCode } from "#core/protocol/messages.ts";
import type { Annotation } from "#core/schema/annotation.ts";

/** A mark of a refused copy that the server lacks, whole or in part. */
export interface RescuedMark {
  readonly annotation: Annotation;
  /** missing: the server has no such mark. different: it has the mark without these edits. */
  readonly lack: "missing" | "different";
}

/** A copy that the server refused, kept aside on this computer until the person decides. */
export interface Rescue {
  readonly code: RefusalCode;
  /** A sentence for the screen. */
  readonly what: string;
  /** The marks the server lacks, compared with the fresh document; empty until that has synchronised once. */
  marks(): readonly RescuedMark[];
  /** Write what is lacking into the fresh document as new edits, and forget the rescue. @returns marks written */
  retry(): Promise<number>;
  /** The marks as a file for keeping: native JSON. */
  download(): { readonly fileName: string; readonly json: string };
  /** Forget the rescue for good. */
  discard(): Promise<void>;
}

/** The session as a rescue sees it. */
export interface RescueHost {
  /** The document that is in use now, or null while it has not synchronised yet. */
  synchronised(): AnnotationDocument | null;
  /** Delete the kept copy and take the rescue off the list. */
  forget(rescue: Rescue): Promise<void>;
}

/** @param update state of the refused document */
export function createRescue(
  refusal: { readonly code: RefusalCode; readonly what: string },
  update: Uint8Array,
  micrographId: string,
  host: RescueHost,
): Rescue {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, update);
  const marksOf = openAnnotationDocument(copy);

  const lacking = () => {
    const fresh = host.synchronised();
    return fresh ? lackingRecords(copy, fresh.doc) : [];
  };
  const rescue: Rescue = {
    code: refusal.code,
    what: refusal.what,
    marks: () =>
      lacking().flatMap(({ id, lack }) => {
        const annotation = marksOf.get(id);
        return annotation ? [{ annotation, lack }] : [];
      }),
    async retry() {
      const fresh = host.synchronised();
      if (!fresh) return 0;
      const written = reapply(copy, fresh.doc, lackingRecords(copy, fresh.doc));
      await host.forget(rescue);
      return written.length;
    },
    download() {
      const marks = rescue.marks().map(({ annotation }) => annotation);
      const annotations = marks.length ? marks : [...marksOf.annotations().values()];
      const snapshot = { format: "lamella-annotations", version: 1, annotations };
      return { fileName: `rescued-${micrographId}.json`, json: `${JSON.stringify(snapshot, null, 1)}\n` };
    },
    discard: () => host.forget(rescue),
  };
  return rescue;
}
