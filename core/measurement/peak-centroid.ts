import { MeasurementError } from "./measurement-error.ts";

/** A grid of values, row-major. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** A bright spot of a grid, in indices (the middle of element (i, j) is (i, j)). */
export interface Peak {
  readonly column: number;
  readonly row: number;
  /** Standard uncertainties of the two. */
  readonly uColumn: number;
  readonly uRow: number;
  /** Height over the background around it, in units of that background's spread. */
  readonly prominence: number;
}

export interface PeakSearch {
  /** How far from the start the summit may lie. */
  readonly searchRadius: number;
  /** What belongs to the spot. */
  readonly spotRadius: number;
  /** Variance of an element of signal S over a background of level B and spread s: what the uncertainty is made of. */
  readonly variance: (signal: number, background: number, spread: number) => number;
  /** Least height over the background, in spreads, for a spot to be one. */
  readonly leastProminence: number;
  /** Elements that are no candidates for a summit. */
  readonly excluded?: (column: number, row: number) => boolean;
}

/** A sub-pixel place is never better than this: shapes of spots are not known better. */
const leastU = 0.02;

/**
 * Sub-pixel place of the highest summit near a start: centroid of what stands above the background of a ring around it.
 *
 * The summit is a local maximum (3 × 3) within `searchRadius`; the background is the median of the ring from
 * spotRadius + 2 to spotRadius + 5, its spread 1.4826 times the median deviation. Elements that are not finite are left out.
 *
 * @throws MeasurementError `low-contrast` where nothing stands out
 */
export function locatePeak(
  grid: Grid,
  start: { readonly column: number; readonly row: number },
  search: PeakSearch,
): Peak {
  const summit = highestSummit(grid, start, search);
  if (!summit) throw nothingThere();
  const { spotRadius } = search;
  const { level, spread } = background(grid, summit, spotRadius + 2, spotRadius + 5);
  const height = at(grid, summit.column, summit.row) - level;
  const prominence = spread > 0 ? height / spread : height > 0 ? Number.POSITIVE_INFINITY : 0;
  if (!(prominence >= search.leastProminence)) throw nothingThere(prominence);
  let [sum, columns, rows] = [0, 0, 0];
  const reach = Math.ceil(spotRadius);
  const each = (visit: (dx: number, dy: number, signal: number) => void) => {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        if (dx * dx + dy * dy > spotRadius * spotRadius) continue;
        const value = at(grid, summit.column + dx, summit.row + dy);
        if (Number.isFinite(value)) visit(dx, dy, value - level);
      }
    }
  };
  each((dx, dy, signal) => {
    sum += signal;
    columns += dx * signal;
    rows += dy * signal;
  });
  const cx = sum > 0 ? columns / sum : 0;
  const cy = sum > 0 ? rows / sum : 0;
  let [varianceX, varianceY] = [0, 0];
  each((dx, dy, signal) => {
    const variance = search.variance(Math.max(0, signal), level, spread);
    varianceX += (dx - cx) ** 2 * variance;
    varianceY += (dy - cy) ** 2 * variance;
  });
  return {
    // A centroid that wanders off its own summit belongs to two spots.
    column: summit.column + Math.min(1, Math.max(-1, cx)),
    row: summit.row + Math.min(1, Math.max(-1, cy)),
    uColumn: Math.min(1, Math.hypot(leastU, Math.sqrt(varianceX) / sum)),
    uRow: Math.min(1, Math.hypot(leastU, Math.sqrt(varianceY) / sum)),
    prominence,
  };
}

function highestSummit(grid: Grid, start: { column: number; row: number }, search: PeakSearch) {
  const { searchRadius, excluded } = search;
  const reach = Math.ceil(searchRadius);
  const [c0, r0] = [Math.round(start.column), Math.round(start.row)];
  let best: { column: number; row: number; value: number } | null = null;
  for (let row = r0 - reach; row <= r0 + reach; row++) {
    for (let column = c0 - reach; column <= c0 + reach; column++) {
      if (Math.hypot(column - start.column, row - start.row) > searchRadius + 0.75) continue;
      if (column < 1 || row < 1 || column >= grid.width - 1 || row >= grid.height - 1) continue;
      const value = at(grid, column, row);
      if (!Number.isFinite(value) || (best && value <= best.value) || excluded?.(column, row)) continue;
      if (isSummit(grid, column, row, value)) best = { column, row, value };
    }
  }
  return best;
}

/** Not lower than any neighbour, and higher than one at least: a plain has no summit. */
export function isSummit(grid: Grid, column: number, row: number, value: number): boolean {
  let above = false;
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const neighbour = at(grid, column + dx, row + dy);
      if (neighbour > value) return false;
      if (neighbour < value) above = true;
    }
  }
  return above;
}

/** Median and robust spread of a ring. */
function background(grid: Grid, middle: { column: number; row: number }, from: number, to: number) {
  const values: number[] = [];
  const reach = Math.ceil(to);
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const r = Math.hypot(dx, dy);
      if (r < from || r > to) continue;
      const value = at(grid, middle.column + dx, middle.row + dy);
      if (Number.isFinite(value)) values.push(value);
    }
  }
  if (values.length < 8) return { level: Number.NaN, spread: Number.NaN };
  const level = median(values);
  return { level, spread: 1.4826 * median(values.map((value) => Math.abs(value - level))) };
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

function at({ width, height, data }: Grid, column: number, row: number): number {
  return column < 0 || row < 0 || column >= width || row >= height ? Number.NaN : data[row * width + column]!;
}

function nothingThere(prominence = 0) {
  return new MeasurementError(
    "low-contrast",
    "Expected a spot that stands out from what is around it, but there is none here. Point at the middle of a brighter spot.",
    { prominence },
  );
}
