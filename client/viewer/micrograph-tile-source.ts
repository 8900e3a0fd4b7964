import OpenSeadragon from "openseadragon";
import type { ImagePoint } from "#core/geometry/point.ts";
import type { Micrograph, Signal } from "#core/protocol/api/shapes.ts";
import { formatTilePath } from "#core/protocol/tile-address.ts";
import { type PyramidLevel, pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { fetchTile } from "./fetch-tile.ts";
import type { Reading } from "./micrograph-viewer.ts";
import { colourAt, nativePicture, type TilePicture, unpackSamples, valueAt } from "./tile-picture.ts";
import { tileFormat } from "./window-drawer.ts";

export type TileForm = "display" | "native";

/** Tiles of one signal and frame, as 8-bit pictures or as recorded values. */
export class MicrographTileSource extends OpenSeadragon.TileSource {
  readonly #micrographId: string;
  readonly #signal: Signal & { derivation: string };
  readonly #frame: number;
  readonly #form: TileForm;
  readonly #levels: readonly PyramidLevel[];
  /** For the value under the cursor; whoever draws a tile keeps it alive, not this. */
  readonly #pictures = new Map<string, WeakRef<TilePicture>>();
  readonly #jobs = new Map<OpenSeadragon.ImageJob, AbortController>();

  constructor(
    micrograph: Micrograph,
    signal: Signal & { derivation: string },
    frame: number,
    form: TileForm,
  ) {
    const levels = pyramidLevels(micrograph.width, micrograph.height);
    super({
      width: micrograph.width,
      height: micrograph.height,
      tileSize: tileSizePx,
      tileOverlap: 0,
      minLevel: 0,
      maxLevel: levels.length - 1,
    } as OpenSeadragon.TileSourceOptions);
    this.#micrographId = micrograph.id;
    this.#signal = signal;
    this.#frame = frame;
    this.#form = form;
    this.#levels = levels;
  }

  /** OpenSeadragon counts levels from the coarsest, the pyramid from full resolution. */
  #pyramidLevel(level: number): number {
    return this.#levels.length - 1 - level;
  }

  override getTileUrl(level: number, column: number, row: number): string {
    return this.urlOnFrame(this.#frame, level, column, row);
  }

  /** The tile at the same place on another frame. */
  urlOnFrame(frame: number, level: number, column: number, row: number): string {
    return formatTilePath({
      micrographId: this.#micrographId,
      derivation: this.#signal.derivation,
      signal: this.#signal.id,
      frame,
      level: this.#pyramidLevel(level),
      column,
      row,
      form: this.#form,
    });
  }

  /** Of a picture that is not wanted any more: what is under way would keep others waiting. */
  close() {
    for (const [job, abort] of this.#jobs) {
      abort.abort();
      job.fail("Another picture is shown.", null);
    }
    this.#jobs.clear();
  }

  override hasTransparency() {
    return false;
  }

  override downloadTileStart(job: OpenSeadragon.ImageJob) {
    const abort = new AbortController();
    this.#jobs.set(job, abort);
    this.#download(job, abort.signal).then(
      (picture) => this.#jobs.delete(job) && job.finish(picture, null, tileFormat),
      (reason) => this.#jobs.delete(job) && job.fail(String(reason), null),
    );
  }

  override downloadTileAbort(job: OpenSeadragon.ImageJob) {
    this.#jobs.get(job)?.abort();
    this.#jobs.delete(job);
  }

  async #download(job: OpenSeadragon.ImageJob, signal: AbortSignal): Promise<TilePicture> {
    const response = await fetchTile(job.src, signal);
    const { x: column, y: row } = job.tile;
    const level = this.#levels[this.#pyramidLevel(job.tile.level)]!;
    const picture =
      this.#form === "native"
        ? nativePicture(
            await response.arrayBuffer(),
            this.#signal.tileType,
            Math.min(tileSizePx, level.width - column * tileSizePx),
            Math.min(tileSizePx, level.height - row * tileSizePx),
            this.#signal.tileScale,
            level.level === 0,
          )
        : this.#displayPicture(await createImageBitmap(await response.blob()));
    this.#pictures.set(`${level.level}/${column}_${row}`, new WeakRef(picture));
    return picture;
  }

  /** An 8-bit tile stands for values between the ends of the window it was made in. */
  #displayPicture(bitmap: ImageBitmap): TilePicture {
    const { low, high } = this.#signal.window;
    const perShade = (high - low) / 255;
    return {
      width: bitmap.width,
      height: bitmap.height,
      scale: this.#signal.invert ? { scale: -perShade, offset: high } : { scale: perShade, offset: low },
      samples: null,
      bitmap,
      colour: this.#signal.tileType === "rgb8" || this.#signal.palette !== undefined,
      exact: false,
    };
  }

  /** The tile of recorded level-0 values that holds a pixel, where it is at hand. */
  recordedTile(column: number, row: number): TilePicture | null {
    const picture = this.#pictures.get(`0/${column}_${row}`)?.deref();
    return picture?.exact ? picture : null;
  }

  /** The finest value at hand; exact where it is a recorded one, else a mean over the pixels of a coarser level. */
  valueAt(at: ImagePoint): Reading | null {
    for (const { level, width, height } of this.#levels) {
      const x = Math.min(width - 1, Math.floor(at.x / 2 ** level));
      const y = Math.min(height - 1, Math.floor(at.y / 2 ** level));
      const [column, row] = [Math.floor(x / tileSizePx), Math.floor(y / tileSizePx)];
      const picture = this.#pictures.get(`${level}/${column}_${row}`)?.deref();
      if (!picture) continue;
      unpackSamples(picture);
      const [inX, inY] = [x - column * tileSizePx, y - row * tileSizePx];
      if (picture.samples?.type === "rgb8") {
        const colour = colourAt(picture, inX, inY);
        if (colour) return { value: null, colour, exact: picture.exact };
        continue;
      }
      const value = valueAt(picture, inX, inY);
      if (value !== null) return { value, colour: null, exact: picture.exact };
    }
    return null;
  }
}
