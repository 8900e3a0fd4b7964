import { isWrittenByPeople, parseRoomName } from "#core/protocol/rooms.ts";
import type { Report } from "#server/report.ts";
import type { DocumentLog } from "#server/storage/document-log.ts";
import type { RoomLimits } from "./limits.ts";
import type { RoomMetrics } from "./metrics.ts";
import type { Replay } from "./replay.ts";
import { Room } from "./room.ts";
import { tidyRoom } from "./room-upkeep.ts";
import { SharedWindow } from "./shared-window.ts";

export interface OpenRoomsPorts {
  readonly log: DocumentLog;
  readonly replay: Replay;
  readonly limits: RoomLimits;
  readonly metrics: RoomMetrics;
  readonly now: () => number;
  readonly report: Report;
}

/**
 * The rooms in memory: each is opened for the first who holds it (a socket, a reading, a writing), and is tidied, stored
 * and forgotten some time after the last let go.
 */
export class OpenRooms {
  readonly #ports: OpenRoomsPorts;
  readonly #presenceWindow: SharedWindow;
  readonly #rooms = new Map<string, Promise<Room>>();
  /** How many hold each room. */
  readonly #holds = new Map<string, number>();
  readonly #idle = new Map<string, NodeJS.Timeout>();
  readonly #unloading = new Set<string>();
  /** When each room was last tidied by this process. */
  readonly #tidiedMs = new Map<string, number>();
  #closing = false;

  constructor(ports: OpenRoomsPorts) {
    this.#ports = ports;
    this.#presenceWindow = new SharedWindow(ports.limits.awarenessWindowMs);
  }

  /** The room, opened if nobody has it; whoever holds it releases it once. */
  hold(name: string): Promise<Room> {
    this.#holds.set(name, (this.#holds.get(name) ?? 0) + 1);
    clearTimeout(this.#idle.get(name));
    this.#idle.delete(name);
    let room = this.#rooms.get(name);
    if (!room) {
      room = Room.open(name, { ...this.#ports, presenceWindow: this.#presenceWindow });
      this.#rooms.set(name, room);
      this.#count();
      room.catch(() => this.#rooms.delete(name));
    }
    return room;
  }

  release(name: string): void {
    const left = (this.#holds.get(name) ?? 1) - 1;
    if (left > 0) {
      this.#holds.set(name, left);
      return;
    }
    this.#holds.delete(name);
    if (this.#closing || !this.#rooms.has(name)) return;
    const timer = setTimeout(() => {
      this.#idle.delete(name);
      this.#unload(name).catch((cause: unknown) =>
        this.#ports.report("unload failed", { cause: String(cause) }),
      );
    }, this.#ports.limits.idleRoomMs);
    timer.unref();
    this.#idle.set(name, timer);
  }

  /** Hold the room for as long as `work` takes. */
  async holding<T>(name: string, work: (room: Room) => T | Promise<T>): Promise<T> {
    try {
      return await work(await this.hold(name));
    } finally {
      this.release(name);
    }
  }

  /**
   * Open a room that nobody has open, for the upkeep that comes with leaving it.
   * @returns false, and nothing is done, where it is open or was tidied lately
   */
  async visit(name: string): Promise<boolean> {
    if (this.#closing || this.#rooms.has(name) || !this.#isRested(name)) return false;
    await this.holding(name, () => undefined);
    await this.#unload(name);
    // Rooms that the server alone writes have nothing to tidy; they too are looked at once a day.
    this.#tidiedMs.set(name, this.#ports.now());
    return true;
  }

  /** From now on rooms stay as they are: none is unloaded or visited any more. */
  stopUnloading(): void {
    this.#closing = true;
    for (const timer of this.#idle.values()) clearTimeout(timer);
  }

  /** Every room in memory, once opened. */
  all(): Promise<readonly Room[]> {
    return Promise.all(this.#rooms.values());
  }

  forgetAll(): void {
    this.#rooms.clear();
  }

  /** An empty room is tidied, stores its state and leaves memory, unless somebody comes meanwhile. */
  async #unload(name: string): Promise<void> {
    // One at a time: both would write under the same client id.
    if (this.#unloading.has(name)) return;
    this.#unloading.add(name);
    try {
      await this.#tidyAndForget(name);
    } finally {
      this.#unloading.delete(name);
    }
  }

  async #tidyAndForget(name: string): Promise<void> {
    const opened = this.#rooms.get(name);
    const room = await opened;
    if (!room) return;
    const { document } = room;
    const isEmpty = () => !this.#holds.has(name) && this.#rooms.get(name) === opened && !this.#closing;
    await document.quiet();
    if (this.#isDueForTidying(room)) {
      this.#tidiedMs.set(name, this.#ports.now());
      await tidyRoom(document, this.#ports, isEmpty).catch((cause: unknown) =>
        this.#ports.report("tidying failed", { room: name, cause: String(cause) }),
      );
    }
    await document.checkpoint();
    await document.prepareOpening();
    await document.quiet();
    if (!isEmpty()) return;
    room.close();
    this.#rooms.delete(name);
    this.#count();
  }

  #isDueForTidying({ name, document }: Room): boolean {
    const room = parseRoomName(name);
    if (!room || !isWrittenByPeople(room)) return false;
    return document.hasUncheckpointed || this.#isRested(name);
  }

  #isRested(name: string): boolean {
    const lastMs = this.#tidiedMs.get(name);
    return lastMs === undefined || this.#ports.now() - lastMs >= this.#ports.limits.tidyAgainMs;
  }

  #count(): void {
    this.#ports.metrics.rooms = this.#rooms.size;
  }
}
