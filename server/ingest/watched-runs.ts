import { createHash } from "node:crypto";
import {
  findNumberedFrames,
  isRunOfFrames,
  nameOfRun,
  type PlaceInRun,
} from "#core/formats/numbered-frames.ts";
import type { Sighting } from "./originals-in-place.ts";
import type { StackPlace } from "./stack-parts.ts";
import { type Standing, watchedStackPrefix } from "./watched-stacks.ts";

/** A file of a run of numbered files, as it lies in the watched folder. */
export interface RunMember extends PlaceInRun {
  readonly path: string;
  readonly sighting: Sighting;
}

/** What is to become of the new files of a run that has come to rest. */
export interface RunPlan {
  /** By path; files that are taken without a place are pictures of their own. */
  readonly places: ReadonlyMap<string, StackPlace>;
  /** Frames that are here already, of a stack that is made anew or was never finished: by source. */
  readonly moved: ReadonlyMap<string, StackPlace>;
  /** Stacks that the new one takes the place of: source and project. */
  readonly replaced: ReadonlyMap<string, string>;
  /** Pictures of their own that become frames: taken once more, as such; what they were is then set aside. */
  readonly retaken: ReadonlyMap<string, { readonly sourceId: string; readonly projectId: string }>;
  /** For files that are taken without a place. */
  readonly note: string | null;
}

/** A run is waited for so many times as long as its frames usually lie apart … */
const waitIntervals = 3;
/** … and no longer than this: a night between two frames is no rhythm. */
const longestWaitMs = 10 * 60_000;
/** Names that are not written for frames: pictures that somebody takes by hand lie further apart than frames. */
const longestUntoldIntervalMs = 60_000;

/** How long nothing new must have come of a run before it counts as ended, for now. */
export function quietTimeMs(members: readonly RunMember[], settleMs: number): number {
  return Math.max(settleMs, Math.min(longestWaitMs, waitIntervals * usualIntervalMs(members)));
}

/** Median time between two files, by when they were written; 0 where they were written at once. */
function usualIntervalMs(members: readonly RunMember[]): number {
  const times = members.map(({ sighting }) => sighting.modifiedMs).sort((a, b) => a - b);
  const gaps = times.slice(1).map((time, i) => time - times[i]!);
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
}

/**
 * What becomes of a run at rest. Its new files are one stack with those that came before and that nobody has worked on:
 * that stack is made anew. What people have marked, described, deleted or have open stays as it is, and what comes later is
 * a stack of its own beside it. Names that are not written for frames ("Image_0001") are frames where at least as many come at
 * once as an upload would propose, within a minute of each other; pictures that came one by one stay single.
 *
 * @param members all files of the run that are in the folder
 * @param standings of those that were taken before
 * @returns null where it must be looked at again: frames are still being read
 */
export function planRun(
  members: readonly RunMember[],
  standings: ReadonlyMap<string, Standing>,
): RunPlan | null {
  const told = isRunOfFrames(members[0]!.run);
  const standing = ({ path }: RunMember) => standings.get(path);
  if (members.some((one) => standing(one)?.is === "pending")) return null;
  const fresh = members.filter((one) => !standing(one));
  const free = members.filter((one) => {
    const is = standing(one)?.is;
    return is === undefined || is === "frame" || (is === "picture" && told);
  });
  const kept = members.filter((one) => {
    const known = standing(one);
    return known?.is === "kept" && known.asFrame;
  }).length;
  const name = nameOfRun(members[0]!.run);
  const late = `${fresh.length === 1 ? "1 file" : `${fresh.length} files`} of "${name}" came when the stack of the first ${kept} had been opened, worked on or deleted, which stays as it is.`;
  if (!isStack(free, kept > 0 || free.some((one) => standing(one)?.is === "frame")))
    return { ...nothing, note: kept > 0 ? late : null };

  const frames = [...free].sort(byOrder);
  const before = frames.length - fresh.length;
  const anew = `Made anew from ${frames.length} files of the watched folder: ${fresh.length} came after the first ${before}.`;
  const note = kept > 0 ? late : before > 0 ? anew : null;
  const id = `${watchedStackPrefix}${hashOf(frames)}`;
  const shownName = kept > 0 ? `${name} (from ${frames[0]!.order.at(-1)})` : name;
  const places = new Map(
    frames.map(({ path }, index): [string, StackPlace] => [
      path,
      { id, name: shownName, count: frames.length, index, ...(note === null ? {} : { note }) },
    ]),
  );
  const moved = new Map<string, StackPlace>();
  const replaced = new Map<string, string>();
  const retaken = new Map<string, { sourceId: string; projectId: string }>();
  for (const frame of frames) {
    const known = standing(frame);
    if (known?.is === "frame") {
      if (known.stackId !== id) moved.set(known.sourceId, places.get(frame.path)!);
      for (const list of known.lists) replaced.set(list, known.projectId);
    } else if (known?.is === "picture") {
      retaken.set(frame.path, { sourceId: known.sourceId, projectId: known.projectId });
    }
  }
  return { places, moved, replaced, retaken, note: null };
}

const nothing = { places: new Map(), moved: new Map(), replaced: new Map(), retaken: new Map() } as const;

/** @param hasStack part of the run is a stack: what is left of it needs no further proof */
function isStack(free: readonly RunMember[], hasStack: boolean): boolean {
  if (free.length < 2) return false;
  const numbers = new Set(free.map(({ order }) => order.join(" ")));
  if (hasStack) return numbers.size === free.length;
  const [found] = findNumberedFrames(free.map(({ path }) => path));
  if (found?.paths.length !== free.length) return false;
  return found.certain || usualIntervalMs(free) <= longestUntoldIntervalMs;
}

function byOrder(a: PlaceInRun, b: PlaceInRun): number {
  for (const [i, n] of a.order.entries()) if (n !== b.order[i]) return n - (b.order[i] ?? 0);
  return 0;
}

/** The same for the same files, so that a stack that was begun is gone on with after a restart. */
function hashOf(frames: readonly RunMember[]): string {
  const said = frames.map(({ path, sighting: { bytes, modifiedMs } }) => `${path}|${bytes}|${modifiedMs}`);
  return createHash("sha256").update(said.join("\n")).digest("hex").slice(0, 24);
}
