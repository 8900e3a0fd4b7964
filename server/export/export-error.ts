import { DomainError } from "#core/errors/domain-error.ts";

export class ExportError extends DomainError<
  "unknown-format" | "nothing-to-export" | "pixels-not-ready" | "picture-too-large"
> {}
