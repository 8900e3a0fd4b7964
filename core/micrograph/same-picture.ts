/** Pixels of one plane, whatever their type: rank order is all that is looked at. */
export interface GreyPlane {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/**
 * What of a picture stays when it is saved in another format, window, gamma or depth: the order of its grey levels.
 * `coarse`: ranks of the means of a 16 × 16 grid over the whole picture. `detail`: ranks of what single pixels in four
 * patches have beyond their surroundings, which is noise: two exposures of one place differ in it, however alike they
 * look. 0-255 each; empty where all values are equal.
 */
export interface PicturePrint {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly coarse: Uint8Array;
  readonly detail: Uint8Array;
}

export const coarseSide = 16;
export const patchSidePx = 32;
/** Centres of the patches, as fractions of width and height; off the middle, where a scale bar or a label is rare. */
export const patchCentres: readonly (readonly [number, number])[] = [
  [0.5, 0.5],
  [0.31, 0.37],
  [0.67, 0.34],
  [0.37, 0.62],
];

/** Means of a grid of 16 × 16 cells over a plane; a plane with fewer pixels a side repeats them. */
export function coarseMeans({ width, height, data }: GreyPlane): Float64Array {
  const means = new Float64Array(coarseSide * coarseSide);
  for (let row = 0; row < coarseSide; row++) {
    const top = Math.floor((row * height) / coarseSide);
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * height) / coarseSide));
    for (let column = 0; column < coarseSide; column++) {
      const left = Math.floor((column * width) / coarseSide);
      const right = Math.max(left + 1, Math.floor(((column + 1) * width) / coarseSide));
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += data[y * width + x]!;
      means[row * coarseSide + column] = sum / ((bottom - top) * (right - left));
    }
  }
  return means;
}

/**
 * Ranks of what pixels have beyond the mean of their 3 × 3 neighbours, over all patches. Without their surroundings even
 * pictures of high contrast show whether their noise is the same: of two exposures rank correlations stay below 0.25
 * (noise of 0.2 % of the contrast and more), through another depth or a clipping window they keep 0.65 and more, through JPEG what it leaves of the noise.
 *
 * @param patches pieces of the picture at full resolution, at the same places in pictures of the same size
 */
export function detailRanks(patches: readonly GreyPlane[]): Uint8Array {
  return ranksOf(patches.flatMap((patch) => [...beyondSurroundings(patch)]));
}

function beyondSurroundings({ width, height, data }: GreyPlane): Float64Array {
  const residuals = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [sum, count] = [0, 0];
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          sum += data[v * width + u]!;
          count++;
        }
      }
      residuals[y * width + x] = data[y * width + x]! - sum / count;
    }
  }
  return residuals;
}

/**
 * Ranks of values, ties sharing their mean rank, scaled to 0-255; values that are not finite rank lowest. Empty where
 * all values are equal: an even patch tells nothing.
 */
export function ranksOf(values: ArrayLike<number>): Uint8Array {
  const n = values.length;
  const at = (i: number) => (Number.isFinite(values[i]!) ? values[i]! : Number.NEGATIVE_INFINITY);
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => at(a) - at(b) || 0);
  if (n === 0 || at(order[0]!) === at(order[n - 1]!)) return new Uint8Array(0);
  const ranks = new Uint8Array(n);
  for (let start = 0; start < n; ) {
    let end = start + 1;
    while (end < n && at(order[end]!) === at(order[start]!)) end++;
    const rank = Math.round((((start + end - 1) / 2) * 255) / (n - 1));
    for (let i = start; i < end; i++) ranks[order[i]!] = rank;
    start = end;
  }
  return ranks;
}

/** Pearson's correlation of two equally long lists of ranks (Spearman's of what was ranked); 0 where one is empty. */
export function rankCorrelation(a: Uint8Array, b: Uint8Array): number {
  if (a.length === 0 || a.length !== b.length) return 0;
  let [sumA, sumB] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    sumA += a[i]!;
    sumB += b[i]!;
  }
  const [meanA, meanB] = [sumA / a.length, sumB / a.length];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

const coarseAlike = 0.9;
const coarseAlikeAtOtherSize = 0.97;
/** Without detail (a drawing, a picture smoothed by JPEG) the whole picture must agree this closely, and the names. */
const coarseAlikeWithoutDetail = 0.998;
const detailAlike = 0.5;
/** JPEG takes most of the noise of a clean picture away; the name then has to say the rest. */
const detailAlikeWithName = 0.3;

/**
 * Whether two pictures are one, saved twice. On one grid of pixels their noise must agree, as no second exposure's does;
 * where the grids differ (a picture exported smaller), names must agree and the whole picture closely. A negative
 * (inverted grey levels) is the same picture. Names alone decide nothing; pictures without contrast, and those with fewer
 * than 32 pixels a side, are never the same: there is too little to tell.
 *
 * @param sameName whether the files are called the same but for their endings
 */
export function isSamePicture(a: PicturePrint, b: PicturePrint, sameName: boolean): boolean {
  if (!mayBeSamePicture(a, b, sameName)) return false;
  if (!isSameGrid(a, b)) return true;
  if (a.detail.length === 0 || b.detail.length === 0)
    return sameName && Math.abs(rankCorrelation(a.coarse, b.coarse)) >= coarseAlikeWithoutDetail;
  const alike = Math.abs(rankCorrelation(a.detail, b.detail));
  return alike >= (sameName ? detailAlikeWithName : detailAlike);
}

/** False where the coarse part settles already that the pictures are two: the detail need not be fetched. */
export function mayBeSamePicture(a: CoarsePrint, b: CoarsePrint, sameName: boolean): boolean {
  if (a.frames !== b.frames || Math.min(a.width, a.height, b.width, b.height) < patchSidePx) return false;
  const alike = Math.abs(rankCorrelation(a.coarse, b.coarse));
  if (isSameGrid(a, b)) return alike >= coarseAlike;
  const aspect = (a.width * b.height) / (a.height * b.width);
  return sameName && Math.abs(aspect - 1) < 0.01 && alike >= coarseAlikeAtOtherSize;
}

type CoarsePrint = Omit<PicturePrint, "detail">;

function isSameGrid(a: CoarsePrint, b: CoarsePrint): boolean {
  return a.width === b.width && a.height === b.height;
}

/** What speaks for one of several files of a picture to stand for all. */
export interface Richness {
  readonly calibrated: boolean;
  readonly lossy: boolean;
  readonly depthReduced: boolean;
  readonly screenshot: boolean;
  readonly pixels: number;
  readonly bytesPerSample: number;
  readonly signals: number;
  /** Known acquisition values. */
  readonly known: number;
}

/** Negative where `a` is the richer: pixels, then depth and losses, then calibration, signals and what is known. */
export function compareRichness(a: Richness, b: Richness): number {
  const by = (rank: (one: Richness) => number) => rank(b) - rank(a);
  return (
    by(({ screenshot }) => (screenshot ? 0 : 1)) ||
    by(({ pixels }) => pixels) ||
    by(({ lossy }) => (lossy ? 0 : 1)) ||
    by(({ depthReduced }) => (depthReduced ? 0 : 1)) ||
    by(({ bytesPerSample }) => bytesPerSample) ||
    by(({ calibrated }) => (calibrated ? 1 : 0)) ||
    by(({ signals }) => signals) ||
    by(({ known }) => known)
  );
}
