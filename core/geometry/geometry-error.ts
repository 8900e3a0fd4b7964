import { DomainError } from "#core/errors/domain-error.ts";

export type GeometryCode = "bad-coordinates" | "degenerate-polyline" | "degenerate-polygon";

/** A shape that cannot be what it should be: not a number in it, no length, no area. */
export class GeometryError extends DomainError<GeometryCode> {}
