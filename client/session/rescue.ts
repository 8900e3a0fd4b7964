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
  readonly what: string;
  /** The marks the server lacks, compared with the fresh document as it is now. */
  marks(): readonly RescuedMark[];
  /** Write what is lacking into the fresh document as new edits, and forget the rescue. @returns marks written */
  retry(): Promise<number>;
  /** The marks as a file for keeping: native JSON. */
  download(): { readonly fileName: string; readonly json: string };
  /** Forget the rescue for good. */
  discard(): Promise<void>;
}
