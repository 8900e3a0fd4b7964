import { DomainError } from "#core/errors/domain-error.ts";

export class UnitError extends DomainError<"bad-pixel-size"> {}
