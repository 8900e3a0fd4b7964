import { DomainError } from "#core/errors/domain-error.ts";

export type StatisticsCode = "empty-profile" | "too-few-points" | "bad-level" | "ratio-unbounded";

/** Numbers that cannot be had from these data. */
export class StatisticsError extends DomainError<StatisticsCode> {}
