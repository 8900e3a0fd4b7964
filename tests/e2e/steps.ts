import { afterEach, beforeEach } from "vitest";

/** The steps around this build on each other: after one that fails, the others would only wait in vain, and are skipped. */
export function eachStepNeedsTheLast(): void {
  let failed = false;
  beforeEach((context) => context.skip(failed, "an earlier step failed"));
  afterEach(({ task }) => {
    failed ||= task.result?.state === "fail";
  });
}
