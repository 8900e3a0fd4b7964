/** Files that look like the frames of one stack, in their order. */
export interface NumberedFrames {
  /** What they share: folder and name without the number. */
  readonly name: string;
  readonly paths: readonly string[];
  /** Told by names that are written for frames (Hour_00/Minute_00/Second_00, "frame_0001", parts of a recording). */
  readonly certain: boolean;
}

/** Fewer numbered files than this are pictures of their own as likely as frames; more are needed without a telling name. */
const fewestFrames = 5;
const fewestUntold = 8;
/** Numbers that are spread wider than this are a choice of frames, not a recording. */
const widestSpread = 2;
const pictureEnding = /\.(tiff?|dm[34]|mrc|png|jpe?g)$/i;
/** Gatan's in-situ recorder: a folder an hour, a minute, a second; the frames of a second numbered from 0. */
const inSitu = /^(.*?)Hour_(\d+)[/\\]Minute_(\d+)[/\\]Second_(\d+)[/\\][^/\\]*?(\d+)\.dm[34]$/i;
const recordingPart = /^(.*)_(\d{3})\.tvips$/i;
const framesByName = /(?:^|[^a-z])(?:frame|frm|img_?t|t|time)[ _-]*$/i;
const numbered = /^(.*?)(\d+)(\D*)$/;

/** Where a file may stand in a run of frames. */
export interface PlaceInRun {
  /** The same for all files of the run, and for no others. */
  readonly run: string;
  /** Its numbers, the coarsest first. */
  readonly order: readonly number[];
}

/**
 * The run that a file's name says it belongs to; null for names without a number, and for what is no picture. That it has
 * a place does not make it a frame: `findNumberedFrames` judges the run as a whole.
 *
 * @param path with its folders, `/` or `\` between
 */
export function placeInRun(path: string): PlaceInRun | null {
  const tree = inSitu.exec(path);
  if (tree) return { run: `tree\n${tree[1]}`, order: tree.slice(2, 6).map(Number) };
  const part = recordingPart.exec(path);
  if (part) return { run: `part\n${part[1]}`, order: [Number(part[2])] };
  const ending = pictureEnding.exec(path);
  if (!ending) return null;
  const [, before, number, after] = numbered.exec(path.slice(0, -ending[0].length)) ?? [];
  // A number in the folder's name is not the file's.
  if (number === undefined || /[/\\]/.test(after!)) return null;
  return { run: `files\n${before}\n${after}\n${ending[0].toLowerCase()}`, order: [Number(number)] };
}

/** Whether a run's name is one that is written for frames ("frame_", "Hour_00/Minute_00", parts of a recording). */
export function isRunOfFrames(run: string): boolean {
  const [kind, before = ""] = run.split("\n");
  return kind !== "files" || framesByName.test(before);
}

/**
 * Finds stacks among the files of an upload: trees of Gatan's in-situ recorder, the parts of TVIPS recordings, and files
 * of one folder whose names differ in their last number alone, without wide gaps. Everything else stays a file of its own.
 *
 * @param paths with their folders, `/` or `\` between
 */
export function findNumberedFrames(paths: readonly string[]): readonly NumberedFrames[] {
  const groups = new Map<string, { path: string; order: readonly number[] }[]>();
  for (const path of paths) {
    const place = placeInRun(path);
    if (!place) continue;
    const members = groups.get(place.run);
    if (members) members.push({ path, order: place.order });
    else groups.set(place.run, [{ path, order: place.order }]);
  }
  const found: NumberedFrames[] = [];
  for (const [key, members] of groups) {
    const [kind] = key.split("\n", 1);
    if (members.length < (kind === "part" ? 2 : fewestFrames)) continue;
    members.sort((a, b) => compare(a.order, b.order) || (a.path < b.path ? -1 : 1));
    // Two files of one number (frame_1.tif and frame_01.tif) are not the frames of one stack.
    if (members.some(({ order }, i) => i > 0 && compare(order, members[i - 1]!.order) === 0)) continue;
    const [first, last] = [members[0]!.order[0]!, members.at(-1)!.order[0]!];
    if (kind === "files" && last - first + 1 > widestSpread * members.length) continue;
    const certain = isRunOfFrames(key);
    if (!certain && members.length < fewestUntold) continue;
    found.push({ name: nameOfRun(key), paths: members.map(({ path }) => path), certain });
  }
  return found.sort((a, b) => (a.paths[0]! < b.paths[0]! ? -1 : 1));
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, n] of a.entries()) if (n !== b[i]) return n - b[i]!;
  return 0;
}

/** What a run's frames share: of "day 2/wire_frame_" the last part without separators; of a folder's path its own name. */
export function nameOfRun(run: string): string {
  const [, before = "", after = ""] = run.split("\n");
  const folders = before.split(/[/\\]/);
  const last = folders.pop()!.replace(/[ _.-]+$/, "");
  const base = last === "" ? (folders.pop() ?? "") : last;
  return `${base}${after.replace(/^[ _.-]+/, " ").trimEnd()}`.trim() || "Frames";
}

/** When the frames of a stack were taken, seconds from the first, and who says so. */
export interface TimesOfFrames {
  readonly timesS: readonly number[] | null;
  readonly from: "tags" | "names" | null;
}

/**
 * Times of numbered frames: the clock times of their own tags where every frame has one and no two are the same; else
 * the folders of Gatan's in-situ recorder, the frames of a second evenly over it; else tags that rise, however coarse.
 * Otherwise nobody knows.
 *
 * @param frames in order, with the ISO 8601 time of each file's tags
 */
export function timesOfFrames(
  frames: readonly { readonly path: string; readonly acquiredAt: string | null }[],
): TimesOfFrames {
  const clock = frames.map(({ acquiredAt }) =>
    acquiredAt === null ? Number.NaN : Date.parse(acquiredAt) / 1000,
  );
  const byTags: TimesOfFrames = rises(clock)
    ? { timesS: fromFirst(clock), from: "tags" }
    : { timesS: null, from: null };
  if (byTags.timesS && new Set(clock).size === clock.length) return byTags;
  const moments = frames.map(({ path }) => inSitu.exec(path)?.slice(2, 6).map(Number));
  if (!moments.every((moment) => moment !== undefined)) return byTags;
  // A second that was recorded whole tells how many frames make one; the first and last may be cut short.
  const perSecond = Math.max(...moments.map((moment) => moment![3]! + 1));
  const named = moments.map(
    (moment) => moment![0]! * 3600 + moment![1]! * 60 + moment![2]! + moment![3]! / perSecond,
  );
  return rises(named) ? { timesS: fromFirst(named), from: "names" } : byTags;
}

/** Known throughout, never falling, and not all the same: a tag copied into every file is no time. */
function rises(times: readonly number[]): boolean {
  const rising = times.every((time, i) => Number.isFinite(time) && (i === 0 || time >= times[i - 1]!));
  return rising && times.length > 1 && times.at(-1)! > times[0]!;
}

const fromFirst = (times: readonly number[]) =>
  times.map((time) => Math.round((time - times[0]!) * 1e6) / 1e6);
