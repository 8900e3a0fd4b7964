import { DomainError } from "#core/errors/domain-error.ts";

export type DocumentErrorCode =
  | "unknown-annotation"
  | "annotation-exists"
  | "annotation-deleted"
  | "annotation-locked"
  | "unknown-vertex"
  | "invalid-geometry"
  | "invalid-fields"
  | "outline-malformed"
  | "outline-newer"
  | "snapshot-malformed";

/** A command that cannot be carried out, or stored bytes that cannot be read. Nothing was changed. */
export class DocumentError extends DomainError<DocumentErrorCode> {}
