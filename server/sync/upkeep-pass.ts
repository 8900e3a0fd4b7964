import type { Report } from "#server/report.ts";
import type { DocumentLog } from "#server/storage/document-log.ts";
import type { RoomServer } from "./room-server.ts";

export interface UpkeepPassOptions {
  readonly rooms: Pick<RoomServer, "visit" | "metrics">;
  readonly log: Pick<DocumentLog, "rooms">;
  readonly report: Report;
  /** How often it looks whether there is anything to do; by default once a minute. */
  readonly everyMs?: number;
}

const minuteMs = 60_000;
/** Rooms opened at a look while nobody draws; 10,000 rooms are through within a day. */
const atRest = 20;
/** While people draw, one: their commits go first, and the pass still ends. */
const atWork = 1;
const pageSize = 200;

/**
 * Upkeep of rooms that nobody opens. A room is tidied and stored whole when it is left; one that was open when its process
 * was killed, or whose deleted marks have outlived their retention, would otherwise wait for its next visitor.
 */
export class UpkeepPass {
  readonly #options: UpkeepPassOptions;
  /** Names come in order; where the pass is. */
  #after = "";
  #committedBefore: number;
  #looking: Promise<void> | null = null;

  constructor(options: UpkeepPassOptions) {
    this.#options = options;
    this.#committedBefore = options.rooms.metrics.committedUpdates;
  }

  /** @returns stops looking; resolves when the room under way is done */
  start(): () => Promise<void> {
    const timer = setInterval(() => {
      this.#looking ??= this.look()
        .then(() => undefined)
        .catch((cause: unknown) => this.#options.report("upkeep failed", { cause: String(cause) }))
        .finally(() => {
          this.#looking = null;
        });
    }, this.#options.everyMs ?? minuteMs);
    timer.unref();
    return async () => {
      clearInterval(timer);
      await this.#looking;
    };
  }

  /** One look: the next few rooms that are due. @returns which it opened */
  async look(): Promise<readonly string[]> {
    const { rooms, log } = this.#options;
    const { committedUpdates } = rooms.metrics;
    const most = committedUpdates === this.#committedBefore ? atRest : atWork;
    this.#committedBefore = committedUpdates;
    const visited: string[] = [];
    for (;;) {
      const names = await log.rooms(this.#after, pageSize);
      if (names.length === 0) {
        this.#after = "";
        return visited;
      }
      for (const name of names) {
        this.#after = name;
        const before = rooms.metrics.committedUpdates;
        if (await rooms.visit(name)) visited.push(name);
        // What the upkeep itself has committed is nobody's drawing.
        this.#committedBefore += rooms.metrics.committedUpdates - before;
        if (visited.length >= most) return visited;
      }
    }
  }
}
