import OpenSeadragon from "openseadragon";
import type { Shader } from "./shade.ts";
import { type TilePicture, unpackSamples } from "./tile-picture.ts";

export const tileFormat = "micrograph-tile";

/** How tiles are to look now. One object serves the viewer's drawer and its navigator's. */
export interface Look {
  /** Rises with every change. */
  version: number;
  shader: Shader;
  /** The look is the one display tiles were made in: their bitmaps are drawn as they are. */
  asServed: boolean;
  /** Colour is shown as recorded, whatever the window. */
  colour: boolean;
}

/** Time for shading anew in one frame; what is left follows in the next ones. At least one tile is done each time. */
const shadingBudgetMs = 8;

interface Shaded {
  readonly picture: TilePicture;
  readonly context: CanvasRenderingContext2D;
  version: number;
}

/**
 * A canvas drawer whose tiles are values, not pictures: the window is applied when a tile is drawn, into a canvas that
 * the tile keeps. A change of window shades the visible tiles again, a few a frame, and asks the server for nothing.
 */
export function createWindowDrawer(look: Look): typeof OpenSeadragon.CanvasDrawer {
  const pool: CanvasRenderingContext2D[] = [];

  return class WindowDrawer extends OpenSeadragon.CanvasDrawer {
    #frameStart = 0;
    #again = 0;

    override getType() {
      return "window";
    }

    static override isSupported() {
      return true;
    }

    override get defaultOptions() {
      // Shaded at the moment of drawing: no tile that is never seen is shaded.
      return { ...super.defaultOptions, usePrivateCache: true, preloadCache: false };
    }

    override getSupportedDataFormats() {
      return [tileFormat];
    }

    override internalCacheCreate(cache: OpenSeadragon.CacheRecord): Shaded {
      const picture = cache.data as TilePicture;
      const context = pool.pop() ?? document.createElement("canvas").getContext("2d")!;
      context.canvas.width = picture.width;
      context.canvas.height = picture.height;
      const shaded = { picture, context, version: -1 };
      paint(shaded, look);
      return shaded;
    }

    override internalCacheFree(shaded: Shaded) {
      if (pool.length < 32) pool.push(shaded.context);
      else shaded.context.canvas.width = shaded.context.canvas.height = 0;
    }

    override getDataToDraw(tile: OpenSeadragon.Tile): CanvasRenderingContext2D | undefined {
      const shaded = super.getDataToDraw(tile) as Shaded | undefined;
      if (!shaded) return undefined;
      if (shaded.version !== look.version) {
        const now = performance.now();
        // A new frame begins where the last shading is long past.
        if (now - this.#frameStart > 2 * shadingBudgetMs) this.#frameStart = now;
        if (now - this.#frameStart < shadingBudgetMs) paint(shaded, look);
        else this.#drawAgain();
      }
      return shaded.context;
    }

    /** In the next frame: the viewer forgets what is asked for while it draws. */
    #drawAgain() {
      this.#again ||= requestAnimationFrame(() => {
        this.#again = 0;
        this.viewer.forceRedraw();
      });
    }
  };
}

function paint(shaded: Shaded, look: Look) {
  const { picture, context } = shaded;
  shaded.version = look.version;
  if (picture.bitmap && (look.asServed || look.colour)) {
    context.drawImage(picture.bitmap, 0, 0);
    return;
  }
  const { image, pixels } = sheetOf(picture.width, picture.height);
  look.shader.shade(unpackSamples(picture), picture.scale, pixels);
  context.putImageData(image, 0, 0);
}

interface Sheet {
  readonly image: ImageData;
  readonly pixels: Uint32Array;
}

let sheet: Sheet | null = null;

/** Pixels on their way to a canvas: written whole each time, so that tiles of one size share them. */
function sheetOf(width: number, height: number): Sheet {
  if (sheet?.image.width === width && sheet.image.height === height) return sheet;
  const image = new ImageData(width, height);
  sheet = { image, pixels: new Uint32Array(image.data.buffer) };
  return sheet;
}
