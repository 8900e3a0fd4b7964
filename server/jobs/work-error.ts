import { DomainError } from "#core/errors/domain-error.ts";

export type WorkErrorCode = "took-too-long" | "out-of-memory" | "stopped" | "worker-failed";

/** Work that a worker did not finish; refusals of the work itself keep their own codes. */
export class WorkError extends DomainError {
  static stopped(): WorkError {
    return new WorkError("stopped", "The work was stopped before it was finished.");
  }

  static outOfMemory(limitBytes: number): WorkError {
    return new WorkError(
      "out-of-memory",
      `Reading this needed more than ${Math.round(limitBytes / 2 ** 20)} MiB of memory and was stopped. Save the picture as TIFF with tiles or strips, or crop it.`,
      { memoryLimitBytes: limitBytes },
    );
  }
}
