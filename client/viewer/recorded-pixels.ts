import type { Signal } from "#core/protocol/api/shapes.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { fetchTile } from "./fetch-tile.ts";
import type { MicrographTileSource } from "./micrograph-tile-source.ts";
import type { ImageBox, RecordedPatch } from "./micrograph-viewer.ts";
import { nativePicture, type TilePicture } from "./tile-picture.ts";

/** Tiles kept for edges, beside those that are drawn: 16 MB of 16-bit values. */
const mostTiles = 32;
/** A patch wider or higher than this is not worked out while a hand moves. */
const largestPatchPx = 4096;

/**
 * Recorded level-0 values of one signal and frame, for whatever looks for edges. Tiles that are drawn anyway are taken
 * from there; others are fetched when they are first asked for, and are at hand a moment later.
 */
export class RecordedPixels {
  readonly #source: MicrographTileSource;
  readonly #size: { readonly width: number; readonly height: number };
  readonly #signal: Signal;
  readonly #tiles = new Map<string, TilePicture | "coming" | "missing">();
  readonly #stop = new AbortController();
  #colour = false;

  constructor(
    source: MicrographTileSource,
    signal: Signal,
    size: { readonly width: number; readonly height: number },
  ) {
    this.#source = source;
    this.#signal = signal;
    this.#size = size;
  }

  close() {
    this.#stop.abort();
    this.#tiles.clear();
  }

  /** A pixel that was asked for is in colour. */
  get colour(): boolean {
    return this.#colour;
  }

  /**
   * Values around a box, image px; null while they are not all there, and where there is colour, which has no single
   * value. Grey that was saved as red, green and blue is grey.
   */
  patch(box: ImageBox): RecordedPatch | null {
    const { width, height } = this.#size;
    const left = Math.max(0, Math.floor(box.minX));
    const top = Math.max(0, Math.floor(box.minY));
    const right = Math.min(width, Math.ceil(box.maxX));
    const bottom = Math.min(height, Math.ceil(box.maxY));
    if (right <= left || bottom <= top) return null;
    if (right - left > largestPatchPx || bottom - top > largestPatchPx) return null;
    const tiles: { readonly column: number; readonly row: number; readonly picture: TilePicture }[] = [];
    let complete = true;
    for (let row = Math.floor(top / tileSizePx); row * tileSizePx < bottom; row++) {
      for (let column = Math.floor(left / tileSizePx); column * tileSizePx < right; column++) {
        const picture = this.#tile(column, row);
        if (picture) tiles.push({ column, row, picture });
        else complete = false;
      }
    }
    if (!complete) return null;
    const patch = new Float64Array((right - left) * (bottom - top));
    for (const { column, row, picture } of tiles) {
      const { scale } = picture;
      const values = singleValues(picture);
      if (!values) {
        this.#colour ||= picture.samples !== null;
        return null;
      }
      const [tileX, tileY] = [column * tileSizePx, row * tileSizePx];
      const [fromX, toX] = [Math.max(left, tileX), Math.min(right, tileX + picture.width)];
      for (let y = Math.max(top, tileY); y < Math.min(bottom, tileY + picture.height); y++) {
        let to = (y - top) * (right - left) + fromX - left;
        let from = (y - tileY) * picture.width + fromX - tileX;
        for (let x = fromX; x < toX; x++) patch[to++] = values[from++]! * scale.scale + scale.offset;
      }
    }
    return {
      x: left,
      y: top,
      raster: {
        width: right - left,
        height: bottom - top,
        samplesPerPixel: 1,
        sampleType: "float64",
        data: patch,
      },
    };
  }

  #tile(column: number, row: number): TilePicture | null {
    const drawn = this.#source.recordedTile(column, row);
    if (drawn) return drawn;
    const key = `${column}_${row}`;
    const known = this.#tiles.get(key);
    if (known === undefined) void this.#fetch(key, column, row);
    return known === undefined || known === "coming" || known === "missing" ? null : known;
  }

  async #fetch(key: string, column: number, row: number) {
    this.#tiles.set(key, "coming");
    const { width, height } = this.#size;
    const finest = pyramidLevels(width, height).length - 1;
    try {
      const response = await fetchTile(this.#source.getTileUrl(finest, column, row), this.#stop.signal);
      const picture = nativePicture(
        await response.arrayBuffer(),
        this.#signal.tileType,
        Math.min(tileSizePx, width - column * tileSizePx),
        Math.min(tileSizePx, height - row * tileSizePx),
        this.#signal.tileScale,
        true,
      );
      // Asked for last, kept longest.
      this.#tiles.delete(key);
      this.#tiles.set(key, picture);
      if (this.#tiles.size > mostTiles) this.#tiles.delete(this.#tiles.keys().next().value!);
    } catch {
      if (!this.#stop.signal.aborted) this.#tiles.set(key, "missing");
    }
  }
}

/** Of colour tiles: their one channel, or null where the three differ. */
const greys = new WeakMap<TilePicture, Uint8Array | null>();

/** One value a pixel; null for colour, and for a tile that has no samples. */
function singleValues(picture: TilePicture): ArrayLike<number> | null {
  const { samples } = picture;
  if (samples?.type !== "rgb8") return samples?.data ?? null;
  const known = greys.get(picture);
  if (known !== undefined) return known;
  const { data } = samples;
  const grey = new Uint8Array(data.length / 3);
  let isGrey = true;
  for (let i = 0, from = 0; i < grey.length && isGrey; i++, from += 3) {
    grey[i] = data[from]!;
    isGrey = data[from] === data[from + 1] && data[from] === data[from + 2];
  }
  greys.set(picture, isGrey ? grey : null);
  return isGrey ? grey : null;
}
