import { DomainError } from "#core/errors/domain-error.ts";

/** not-found: no such moment in this room's history, or no such mark at that moment. */
export type HistoryErrorCode = "not-found";

export class HistoryError extends DomainError<HistoryErrorCode> {}
