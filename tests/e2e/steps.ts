import { afterEach, beforeEach } from "vitest";
import { look } from "./browser.ts";
import type { Reviewer } from "./reviewer.ts";

/**
 * The steps around this build on each other: after one that fails, the others would only wait in vain, and are skipped.
 * What everybody has on the screen at that moment is kept as `failed-NAME`.
 */
export function eachStepNeedsTheLast(people: () => Readonly<Record<string, Reviewer>>): void {
  let failed = false;
  beforeEach((context) => context.skip(failed, "an earlier step failed"));
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail" || failed) return;
    failed = true;
    for (const [name, { page }] of Object.entries(people())) await look(page, `failed-${name}`);
  });
}
