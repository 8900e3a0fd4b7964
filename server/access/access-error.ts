import { DomainError } from "#core/errors/domain-error.ts";

export type AccessCode =
  | "signed-out"
  | "no-right"
  | "not-found"
  | "person-needed"
  | "foreign-origin"
  | "header-missing"
  | "insecure-connection"
  | "link-spent"
  | "invitation-spent"
  | "wrong-password"
  | "institute-refused"
  | "weak-password"
  | "name-taken"
  | "last-owner"
  | "too-many-attempts"
  | "busy";

/** Why somebody may not do what they asked for. */
export class AccessError extends DomainError<AccessCode> {}

/** Names tell people apart on the screen: no two accounts share one. */
export function nameTaken(name: string): AccessError {
  return new AccessError(
    "name-taken",
    `There is somebody called "${name}" already. Choose a name that tells them apart.`,
  );
}
