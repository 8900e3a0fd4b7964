import { DomainError } from "#core/errors/domain-error.ts";

/** An answer that was not what was asked for, in the server's own sentence; status 0 = no answer at all. */
export class ApiError extends DomainError {
  readonly status: number;

  constructor(
    status: number,
    code: string,
    message: string,
    context: Readonly<Record<string, unknown>> = {},
  ) {
    super(code, message, context);
    this.status = status;
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Somebody to be told that an answer said "nobody is signed in here". */
let onSignedOut: () => void = () => {};
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/**
 * One call of /api/v1. Writes carry the header that a foreign page cannot send; the cookie does the rest.
 *
 * @param path below /api/v1, with its leading slash
 * @param body sent as JSON; a file as its bytes
 * @throws ApiError with the server's code and sentence, or `unreachable` where none came
 */
export async function callApi<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-lamella"] = "1";
  const isFile = body instanceof Blob;
  if (body !== undefined) headers["content-type"] = isFile ? "application/octet-stream" : "application/json";
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers,
    credentials: "same-origin",
    ...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiError(
      0,
      "unreachable",
      "The server does not answer. What you see may be out of date; it is tried again.",
    );
  });
  if (!response.ok) {
    const error = await errorOf(response);
    if (error.code === "signed-out") onSignedOut();
    throw error;
  }
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

async function errorOf(response: Response): Promise<ApiError> {
  const answer: unknown = await response.json().catch(() => null);
  const error = (answer as { error?: { code?: unknown; message?: unknown; context?: unknown } } | null)
    ?.error;
  if (typeof error?.code === "string" && typeof error.message === "string") {
    return new ApiError(
      response.status,
      error.code,
      error.message,
      (error.context ?? {}) as Record<string, unknown>,
    );
  }
  return new ApiError(
    response.status,
    `http-${response.status}`,
    `The server answered ${response.status} without saying why. Try again; if it stays, tell your administrator.`,
  );
}

/** The sentence of an error for the screen. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
