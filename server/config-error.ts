import { DomainError } from "#core/errors/domain-error.ts";

/** The command line or the environment asks for something that cannot be. */
export class ConfigError extends DomainError<"usage" | "port-taken" | "certificate"> {}
