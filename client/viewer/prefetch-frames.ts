import { fetchTile } from "./fetch-tile.ts";

/** Requests ahead of the hand, at a time: the frame that is looked at comes first. */
const atOnce = 2;
/** Frames ahead in the direction of the last step, and behind it. */
export const framesAhead = 4;

/** Fetches tiles of frames that will be looked at next, so that they lie in the browser's store when they are. */
export class FramePrefetch {
  #stop = new AbortController();
  #wanted: string[] = [];
  #running = 0;
  /** Addresses that came once: immutable, so the browser has them. */
  readonly #known = new Set<string>();

  /** Fetch these, nearest first; what an earlier call asked for is dropped. */
  want(urls: readonly string[]) {
    this.#wanted = urls.filter((url) => !this.#known.has(url));
    while (this.#running < atOnce && this.#wanted.length > 0) void this.#work();
  }

  close() {
    this.#wanted = [];
    this.#stop.abort();
  }

  async #work() {
    this.#running++;
    try {
      for (let url = this.#wanted.shift(); url; url = this.#wanted.shift()) {
        const response = await fetchTile(url, this.#stop.signal);
        await response.arrayBuffer();
        this.#known.add(url);
      }
    } catch {
      // Nobody waits for it: the frame asks for the tile itself when it is shown.
    } finally {
      this.#running--;
    }
  }
}

/** Frames to fetch around one, nearest first, those in the direction of the last step before the one behind. */
export function framesAround(frame: number, step: 1 | -1, frames: number): number[] {
  const ahead = Array.from({ length: framesAhead }, (_, i) => frame + step * (i + 1));
  return [ahead[0]!, frame - step, ...ahead.slice(1)].filter((other) => other >= 0 && other < frames);
}
