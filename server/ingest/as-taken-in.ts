import { derivationOf } from "#server/tiles/derived-keys.ts";
import type { SignalRecord } from "./micrograph-rows.ts";
import type { SourceLocation } from "./open-source.ts";

/**
 * A source whose pictures lie as they did when this signal was taken in: turned as the file's orientation tag asks, or,
 * of a signal from before that was done, as the file holds them. Its marks stay on what they were drawn on.
 */
export function asTakenIn<T extends SourceLocation>(
  location: T,
  { followsOrientation }: Pick<SignalRecord, "followsOrientation">,
): T {
  return { ...location, asRecorded: !followsOrientation };
}

/** What is derived of a signal; the same bytes taken in as they lie and turned are two things. */
export function derivationOfSignal(
  sha256: string,
  { imageIndex, followsOrientation }: Pick<SignalRecord, "imageIndex" | "followsOrientation">,
): string {
  return derivationOf(sha256, imageIndex, followsOrientation);
}
