import { DomainError } from "#core/errors/domain-error.ts";

export type LogErrorCode =
  | "not-a-log" // no table of numbers
  | "no-time" // a table without a column of time, or one without a unit
  | "no-quantity" // time, and nothing that is read beside it
  | "time-order" // time that runs backwards
  | "bad-cell" // a cell that is no number or time
  | "log-too-large"; // more than is kept

export class LogError extends DomainError<LogErrorCode> {}
