/** How the frames of a stack run by themselves. */
export type PlayRate =
  /** So much faster than they were taken: irregular times stay irregular, and frames that come too late are passed over. */
  | { readonly kind: "recorded"; readonly speed: number }
  /** Evenly; never ahead of the picture, so that every frame is seen. */
  | { readonly kind: "even"; readonly framesPerS: number };

/** Where playing began: the frame, and the moment on the page's clock. */
export interface PlayStart {
  readonly frame: number;
  readonly atMs: number;
}

/**
 * The frame that is due at a moment when frames run as they were taken, from the first one again after the last.
 *
 * @param timesS when each frame was taken, rising; the last one stays as long as frames do in the middle of the stack
 */
export function frameDue(timesS: readonly number[], speed: number, start: PlayStart, nowMs: number): number {
  const first = timesS[0]!;
  const spanS = timesS.at(-1)! - first;
  const roundS = spanS + medianStep(timesS);
  if (!(roundS > 0)) return (start.frame + 1) % timesS.length;
  const sinceFirstS = timesS[start.frame]! - first + ((nowMs - start.atMs) / 1000) * speed;
  const timeS = first + (sinceFirstS % roundS);
  let [low, high] = [0, timesS.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (timesS[middle]! <= timeS) low = middle;
    else high = middle - 1;
  }
  return low;
}

function medianStep(timesS: readonly number[]): number {
  const steps = timesS.slice(1).map((time, i) => time - timesS[i]!);
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
}

/** What can be chosen, as the scrubber words it. Recorded rates only where the frames have times. */
export const playRates: readonly { readonly label: string; readonly rate: PlayRate }[] = [
  { label: "real time", rate: { kind: "recorded", speed: 1 } },
  { label: "10 × faster", rate: { kind: "recorded", speed: 10 } },
  { label: "100 × faster", rate: { kind: "recorded", speed: 100 } },
  { label: "2 frames/s", rate: { kind: "even", framesPerS: 2 } },
  { label: "8 frames/s", rate: { kind: "even", framesPerS: 8 } },
  { label: "25 frames/s", rate: { kind: "even", framesPerS: 25 } },
];
export const firstRate = "8 frames/s";
