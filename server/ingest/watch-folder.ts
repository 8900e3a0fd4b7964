import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { placeInRun } from "#core/formats/numbered-frames.ts";
import type { Report } from "#server/report.ts";
import type { Ingest } from "./ingest.ts";
import { type Sighting, sameSighting, sightingOf } from "./originals-in-place.ts";
import type { PathFacts, PathPattern } from "./path-pattern.ts";
import { createId } from "./record-id.ts";
import type { StackPlace } from "./stack-parts.ts";
import { planRun, quietTimeMs, type RunMember } from "./watched-runs.ts";

export interface WatchDeps {
  /** Only ever read. */
  readonly folder: string;
  readonly pattern: PathPattern;
  readonly ingest: Pick<Ingest, "adoptFile" | "referenceFile" | "takenFrom" | "workFolder" | "watchedStacks">;
  /** Files stay where they are and are read from there; else they are copied. */
  readonly inPlace?: boolean;
  /** Where a file goes and in whose name, by what its path says. */
  readonly placeFor: (
    facts: PathFacts,
  ) => Promise<{ readonly projectId: string; readonly principalId: string }>;
  /** Whether somebody has a micrograph open at this moment. */
  readonly isOpen: (micrographId: string) => boolean;
  /** Puts a file into its project's bin: a stack that is made anew takes its place. */
  readonly setAside: (sourceId: string, projectId: string) => Promise<void>;
  readonly report: Report;
  /** Time between two looks. */
  readonly everyMs?: number;
  /** A file is taken once its size and time stood still for so long. */
  readonly settleMs?: number;
  readonly nowMs?: () => number;
}

export interface FolderWatch {
  /** One look at the folder: takes what has stopped growing. How many files were taken. */
  look(): Promise<number>;
  /** Looks again and again. */
  start(): void;
  /** Resolves when a look under way has ended. */
  close(): Promise<void>;
}

/** A file of the folder, as one look found it. */
interface PresentFile {
  readonly path: string;
  readonly facts: PathFacts;
  readonly sighting: Sighting;
  readonly isTaken: boolean;
  /** Size and time have stood still for long enough. */
  readonly isSettled: boolean;
}

/** Half-written files and what operating systems leave behind. */
const passedOver = /^[.~]|~$|\.(tmp|temp|part|partial|crdownload|lock|lnk|ini)$|^Thumbs\.db$/i;
/** Deeper than any archive; links are not followed, so that there is no way in circles. */
const mostFolders = 16;

/**
 * Brings in what a microscope writes into a folder, while it writes.
 *
 * The folder is looked at, not listened to: notifications do not cross network drives. A file counts as finished when
 * size and time are the same as `settleMs` ago; it is copied (or, in place, hashed), and taken only if it is still the
 * same after that. Taken files are remembered by path, size and time, in one transaction with the record that they
 * became: one that is written anew comes in anew, and nothing comes in twice, whenever the process dies. What the
 * pattern reads from a path is kept with the file and proposed for its records.
 *
 * Files of one run of numbers wait until the whole run is at rest, and are then one stack where they look like frames
 * (`planRun` has the rules, also for frames that come later).
 */
export async function createFolderWatch(deps: WatchDeps): Promise<FolderWatch> {
  const { folder, pattern, ingest, report, inPlace = false } = deps;
  const { everyMs = 5_000, settleMs = 10_000, nowMs = Date.now } = deps;
  const taken = await ingest.takenFrom(folder);
  const refused = new Map<string, string>();
  const seen = new Map<string, Sighting & { readonly sinceMs: number }>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<number> = Promise.resolve(0);
  let closed = false;

  const isSettled = (path: string, now: Sighting): boolean => {
    const before = seen.get(path);
    if (before && sameSighting(before, now)) return nowMs() - before.sinceMs >= settleMs;
    seen.set(path, { ...now, sinceMs: nowMs() });
    return false;
  };

  const take = async (
    { path, sighting, facts }: PresentFile,
    as: { readonly stack?: StackPlace; readonly note?: string } = {},
  ): Promise<boolean> => {
    const options = {
      ...as,
      fileName: basename(path),
      relativePath: path,
      pathFacts: facts,
      watched: { folder, path, ...sighting },
    };
    const sourceId = inPlace
      ? await reference(path, sighting, facts, options)
      : await copy(path, sighting, facts, options);
    if (sourceId === undefined) return false;
    taken.set(path, sighting);
    seen.delete(path);
    report("took a file from the watched folder", { path, sourceId });
    return true;
  };

  const reference = async (path: string, sighting: Sighting, facts: PathFacts, options: object) => {
    const place = await deps.placeFor(facts);
    if (!sameSighting(await sightingOf(join(folder, path)), sighting)) return undefined;
    return (await ingest.referenceFile(join(folder, path), { ...place, ...options })).sourceId;
  };

  const copy = async (
    path: string,
    sighting: Sighting,
    facts: PathFacts,
    options: { readonly fileName: string },
  ) => {
    const copied = join(ingest.workFolder, "incoming", createId());
    try {
      await mkdir(dirname(copied), { recursive: true });
      await copyFile(join(folder, path), copied);
      // Written to meanwhile: what was copied may be half of either.
      if (!sameSighting(await sightingOf(join(folder, path)), sighting)) return undefined;
      return (await ingest.adoptFile(copied, { ...(await deps.placeFor(facts)), ...options })).sourceId;
    } finally {
      await rm(copied, { force: true });
    }
  };

  /** What is in the folder and of the pattern's form. */
  const filesPresent = async (): Promise<PresentFile[]> => {
    const files: PresentFile[] = [];
    const present = new Set<string>();
    for await (const path of filesBelow(folder)) {
      if (closed) break;
      present.add(path);
      await tried(path, async () => {
        const facts = pattern(path);
        const sighting = facts && (await sightingOf(join(folder, path)));
        if (!sighting || sighting.bytes === 0) return;
        const known = taken.get(path);
        const isTaken = known !== undefined && sameSighting(known, sighting);
        files.push({ path, facts, sighting, isTaken, isSettled: isTaken || isSettled(path, sighting) });
      });
    }
    for (const path of seen.keys()) if (!present.has(path)) seen.delete(path);
    return files;
  };

  /** One file that cannot be read keeps no other waiting; said once, tried again at every look. */
  const tried = async (path: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (refused.get(path) !== reason) report("could not take a file", { path, reason });
      refused.set(path, reason);
    }
  };

  /** Files of a run that has come to rest. How many were taken. */
  const takeRun = async (files: ReadonlyMap<string, PresentFile>, members: readonly RunMember[]) => {
    const stacks = ingest.watchedStacks;
    const known = members.flatMap(({ path }) => (files.get(path)!.isTaken ? [path] : []));
    const plan = planRun(members, await stacks.standings(folder, known, deps.isOpen));
    if (!plan) return 0;
    // Frames first get their new place, then the old stack goes, then what is new comes in, and last goes what a frame
    // was before: where the process dies between two of these, the next plan goes on from what it finds.
    await stacks.place(plan.moved);
    for (const [list, projectId] of plan.replaced) await deps.setAside(list, projectId);
    if (plan.replaced.size > 0)
      report("a stack of the watched folder is made anew", { path: members[0]!.path });
    let count = 0;
    for (const { path } of members) {
      const file = files.get(path)!;
      const before = plan.retaken.get(path);
      if (closed || (file.isTaken && !before)) continue;
      const stack = plan.places.get(path);
      await tried(path, async () => {
        if (!(await take(file, stack ? { stack } : plan.note ? { note: plan.note } : {}))) return;
        count++;
        if (before) await deps.setAside(before.sourceId, before.projectId);
      });
    }
    return count;
  };

  const isAtRest = (files: ReadonlyMap<string, PresentFile>, members: readonly RunMember[]): boolean => {
    if (!members.every(({ path }) => files.get(path)!.isSettled)) return false;
    const latest = Math.max(...members.map(({ path }) => seen.get(path)?.sinceMs ?? 0));
    return nowMs() - latest >= quietTimeMs(members, settleMs);
  };

  const lookOnce = async (): Promise<number> => {
    let count = 0;
    const files = new Map((await filesPresent()).map((file) => [file.path, file]));
    const runs = new Map<string, RunMember[]>();
    for (const { path, sighting } of files.values()) {
      const place = placeInRun(path);
      if (!place) continue;
      const members = runs.get(place.run) ?? [];
      members.push({ path, sighting, ...place });
      runs.set(place.run, members);
    }
    for (const file of files.values()) {
      if (closed) break;
      if (file.isTaken || !file.isSettled) continue;
      const members = runs.get(placeInRun(file.path)?.run ?? "") ?? [];
      if (members.length < 2)
        await tried(file.path, async () => {
          if (await take(file)) count++;
        });
    }
    for (const members of runs.values()) {
      if (closed) break;
      if (members.length < 2 || members.every(({ path }) => files.get(path)!.isTaken)) continue;
      if (isAtRest(files, members))
        await tried(members[0]!.path, async () => {
          count += await takeRun(files, members);
        });
    }
    return count;
  };

  const look = () => {
    looking = looking.catch(() => 0).then(lookOnce);
    return looking;
  };

  return {
    look,
    start() {
      const again = async () => {
        try {
          await look();
        } catch (error) {
          // The drive may be away for a while.
          report("could not look into the watched folder", { folder, reason: String(error) });
        }
        if (!closed) timer = setTimeout(again, everyMs);
      };
      void again();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await looking.catch(() => 0);
    },
  };
}

/** Paths with "/", relative to the folder, in the order of their names. */
async function* filesBelow(root: string, below = "", depth = 0): AsyncGenerator<string> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (passedOver.test(entry.name)) continue;
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && depth < mostFolders) yield* filesBelow(root, path, depth + 1);
  }
}
