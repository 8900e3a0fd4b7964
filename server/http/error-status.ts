import { isDomainError } from "#core/errors/domain-error.ts";
import { StorageError } from "#server/storage/storage-error.ts";

/** The one table from codes to HTTP: a code that is not here is a refusal of what was sent (422). */
const statuses: Readonly<Record<string, number>> = {
  "signed-out": 401,
  "wrong-password": 401,
  "institute-refused": 401,
  "no-right": 403,
  "person-needed": 403,
  "foreign-origin": 403,
  "header-missing": 403,
  "insecure-connection": 403,
  "not-found": 404,
  missing: 404,
  "link-spent": 410,
  "invitation-spent": 410,
  "name-taken": 409,
  "last-owner": 409,
  conflict: 409,
  epoch: 409,
  "not-ready": 409,
  "changed-original": 409,
  "too-large": 413,
  "too-many-attempts": 429,
  quota: 429,
  busy: 503,
  stopped: 503,
  closed: 503,
  "read-only": 503,
  full: 507,
  "invalid-request": 400,
  invalid: 400,
  empty: 400,
  interrupted: 400,
  checksum: 400,
  broken: 500,
  internal: 500,
  "took-too-long": 500,
  "out-of-memory": 500,
  "worker-failed": 500,
};

export function statusOfCode(code: string): number {
  return Object.hasOwn(statuses, code) ? statuses[code]! : 422;
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: {
    readonly error: {
      readonly code: string;
      readonly message: string;
      readonly context?: Record<string, unknown>;
    };
  };
  /** True where the fault is ours: logged whole, told in general terms. */
  readonly unexpected: boolean;
}

/** The operating system's way of saying that nothing can be written. */
export function storageTrouble(error: unknown): StorageError | undefined {
  const errno = String((error as { code?: unknown } | null)?.code ?? "");
  if (errno === "ENOSPC" || errno === "EDQUOT") {
    return new StorageError(
      "full",
      "The server's disk is full: nothing can be stored now, and nothing that was stored is lost. Tell your administrator.",
    );
  }
  if (errno === "EROFS" || errno === "EACCES" || errno === "EPERM") {
    return new StorageError(
      "read-only",
      "The server's data folder cannot be written: nothing can be stored now, and nothing that was stored is lost. Tell your administrator.",
    );
  }
  return undefined;
}

/** What a client is told of an error: the sentence of a DomainError, nothing of the inside of any other. */
export function errorAnswer(error: unknown, requestId: string): ErrorAnswer {
  if (isDomainError(error)) {
    const status = statusOfCode(error.code);
    const { code, message, context } = error;
    const told = Object.keys(context).length === 0 ? {} : { context: { ...context } };
    return { status, body: { error: { code, message, ...told } }, unexpected: status === 500 };
  }
  const storage = storageTrouble(error);
  if (storage) return errorAnswer(storage, requestId);
  // Errors of Express and its body parser carry the status they mean and may be told when they are the sender's.
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === "number" && status >= 400 && status < 500) {
    const code = status === 413 ? "too-large" : "invalid-request";
    const message =
      status === 413
        ? "The body of this request is larger than this route takes."
        : "The request could not be read: expected a well-formed address and, where there is a body, JSON.";
    return { status, body: { error: { code, message } }, unexpected: false };
  }
  const message = `Something went wrong inside Lamella. The log has it under request ${requestId}; tell your administrator.`;
  return {
    status: 500,
    body: { error: { code: "internal", message, context: { requestId } } },
    unexpected: true,
  };
}
