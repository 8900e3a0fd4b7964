import type { TiffDirectory } from "./tiff-directory.ts";

/** A page that is shown, and the smaller copies of it that the file holds, largest first. */
export interface TiffPicture {
  readonly directory: TiffDirectory;
  readonly reductions: readonly TiffDirectory[];
}

const [reduced, mask] = [1, 4];
const oldReduced = 2;
/** SubIFDs are looked at in files of few pages: a long stack would cost a read a page. */
const mostPagesWithChildren = 16;
const mostChildren = 32;
const mostTilePixels = 2 ** 22;
/** Smallest side of a page whose unmarked successors may be copies of it. */
const smallestPyramidPx = 2048;

/**
 * Pages without transparency masks, each with its reduced copies: those marked as such (NewSubfileType 1), those that
 * hang below it (SubIFDs), and tiled ones that follow it at exactly a half or a quarter of the size, as some writers
 * of pyramids leave them unmarked. Only a tiled page has copies that count; others are passed over.
 */
export async function groupTiffPictures(
  directories: readonly TiffDirectory[],
): Promise<readonly TiffPicture[]> {
  if (directories.length === 1)
    return [{ directory: directories[0]!, reductions: await copiesBelow(directories[0]!) }];
  const pictures: { directory: TiffDirectory; reductions: TiffDirectory[] }[] = [];
  for (const directory of directories) {
    const subfile = (await directory.number(254)) ?? 0;
    const last = pictures.at(-1);
    if (subfile & mask) continue;
    const isMarked = (subfile & reduced) !== 0 || (await directory.number(255)) === oldReduced;
    if (last && (isMarked || (await isNextLevel(last, directory)))) {
      if (await isCopy(last.directory, directory)) last.reductions.push(directory);
      continue;
    }
    if (isMarked) continue;
    const below = directories.length <= mostPagesWithChildren ? await copiesBelow(directory) : [];
    pictures.push({ directory, reductions: [...below] });
  }
  return pictures.length > 0 ? pictures : [{ directory: directories[0]!, reductions: [] }];
}

async function copiesBelow(directory: TiffDirectory): Promise<readonly TiffDirectory[]> {
  if (!directory.has(330) || !directory.has(322)) return [];
  const copies: TiffDirectory[] = [];
  for (const child of await directory.children(mostChildren))
    if (await isCopy(directory, child)) copies.push(child);
  return copies;
}

/** Tiled like the page, with the same samples, at 1/2ⁿ of its size: writers round either way. */
async function isCopy(page: TiffDirectory, copy: TiffDirectory): Promise<boolean> {
  if (!(await hasSmallTiles(page)) || !(await hasSmallTiles(copy))) return false;
  for (const [tag, absent] of sampleTags)
    if (((await page.number(tag)) ?? absent) !== ((await copy.number(tag)) ?? absent)) return false;
  const [full, small] = [await sizeOf(page), await sizeOf(copy)];
  const halvings = Math.round(Math.log2(full.width / small.width));
  const near = (whole: number, part: number) => Math.abs(whole / 2 ** halvings - part) <= 1;
  return halvings >= 1 && near(full.width, small.width) && near(full.height, small.height);
}

/** Bits, photometric interpretation, samples a pixel, sample format (which libvips leaves out of copies); and what absence means. */
const sampleTags = [
  [258, 1],
  [262, 1],
  [277, 1],
  [339, 1],
] as const;

/** The page after a large tiled one and its copies, unmarked, a half or a quarter as large in both directions. */
async function isNextLevel({ directory, reductions }: TiffPicture, next: TiffDirectory): Promise<boolean> {
  const { width, height } = await sizeOf(directory);
  if (Math.max(width, height) < smallestPyramidPx || !(await isCopy(directory, next))) return false;
  const [above, below] = [await sizeOf(reductions.at(-1) ?? directory), await sizeOf(next)];
  const ratio = Math.round(above.width / below.width);
  return ratio === 2 || ratio === 4;
}

/** A piece of a copy costs as much as the tiles it lies in: larger ones are no use for looking from afar. */
async function hasSmallTiles(directory: TiffDirectory): Promise<boolean> {
  const [width, height] = [await directory.number(322), await directory.number(323)];
  return width !== undefined && height !== undefined && width * height <= mostTilePixels;
}

async function sizeOf(directory: TiffDirectory) {
  return { width: (await directory.number(256)) ?? 0, height: (await directory.number(257)) ?? 0 };
}
