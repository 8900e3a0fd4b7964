import type { Calibration } from "#core/micrograph/calibration.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import { ReplayThreads } from "./replay-threads.ts";
import type { RoomServer } from "./room-server.ts";
import type { Written } from "./written-json.ts";

/**
 * The marks of a micrograph as committed, and their numbers, in JSON: read, measured and written in a thread, since a
 * large room takes seconds. The thread is not the one in which rooms are stored: a script that asks for everything keeps
 * no room from its upkeep.
 */
export class Readings {
  readonly #rooms: Pick<RoomServer, "readParts">;
  readonly #threads = new ReplayThreads();

  constructor(rooms: Pick<RoomServer, "readParts">) {
    this.#rooms = rooms;
  }

  async annotations(micrographId: string): Promise<Written> {
    return this.#threads.annotations(await this.#partsOf(micrographId));
  }

  async measurements(micrographId: string, calibration: Calibration): Promise<Written> {
    return this.#threads.measurements(await this.#partsOf(micrographId), calibration);
  }

  close(): Promise<void> {
    return this.#threads.close();
  }

  #partsOf(micrographId: string): ReturnType<RoomServer["readParts"]> {
    return this.#rooms.readParts(formatRoomName({ kind: "annotations", micrographId }));
  }
}
