/**
 * The one error that crosses floors: a code from a closed union, a sentence for a person, and the facts behind it.
 *
 * The sentence says what was expected, what came and what to do next. `code` is stable and is what programs test;
 * one table in the server maps it to an HTTP status. Each floor narrows `Code` in a class of its own.
 */
export class DomainError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: Code, message: string, context: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.context = context;
  }
}

/** True for any error that carries a code meant for people and programs, whichever floor threw it. */
export function isDomainError(error: unknown): error is DomainError {
  return error instanceof DomainError;
}
