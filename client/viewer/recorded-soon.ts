import type { ImageBox, MicrographViewer, RecordedPatch } from "./micrograph-viewer.ts";

/** Between two looks whether the tiles have come. */
const lookAgainMs = 60;
/** Tiles that have not come by then were lost on the way. */
const givenUpAfterMs = 30_000;

/**
 * Recorded level-0 values around a box, as soon as all of its tiles are there.
 *
 * @returns null when it was given up: `stop` was fired, there is colour, or tiles did not come
 */
export async function recordedSoon(
  viewer: Pick<MicrographViewer, "recordedValues" | "foundColour">,
  box: ImageBox,
  stop: AbortSignal,
): Promise<RecordedPatch | null> {
  const until = performance.now() + givenUpAfterMs;
  while (!stop.aborted && performance.now() < until) {
    const patch = viewer.recordedValues(box);
    if (patch) return patch;
    if (viewer.foundColour()) return null;
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
  return null;
}
