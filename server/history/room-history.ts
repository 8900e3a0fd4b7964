import { type RestoredMarks, restoreMarks } from "#core/document/restore-marks.ts";
import type { AnnotationSnapshot } from "#core/document/snapshot.ts";
import type { DocumentLog, HistoryEntry, LastTouch } from "#server/storage/document-log.ts";
import type { Replay } from "#server/sync/replay.ts";
import type { RoomServer } from "#server/sync/room-server.ts";
import { HistoryError } from "./history-error.ts";

export interface RoomHistoryPorts {
  readonly log: DocumentLog;
  readonly replay: Replay;
  readonly rooms: Pick<RoomServer, "writeAsServer">;
}

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Ask on after this sequence number; null where this page is the last. */
  readonly next: number | null;
}

/**
 * What became of a room, update by update. A moment is a sequence number: the room as it was when that update had been
 * committed, made again from the last whole state before it and the updates since.
 */
export class RoomHistory {
  readonly #ports: RoomHistoryPorts;

  constructor(ports: RoomHistoryPorts) {
    this.#ports = ports;
  }

  async page(room: string, after: number, limit: number): Promise<HistoryPage> {
    const found = await this.#ports.log.history(room, after, limit + 1);
    const entries = found.slice(0, limit);
    return { entries, next: found.length > limit ? entries.at(-1)!.seq : null };
  }

  /** Who changed each mark last. A fold changes none. */
  lastTouches(room: string): Promise<ReadonlyMap<string, LastTouch>> {
    return this.#ports.log.lastTouches(room);
  }

  /** The marks at a moment. @throws HistoryError "not-found" */
  async snapshotAt(room: string, seq: number): Promise<AnnotationSnapshot> {
    return this.#ports.replay.snapshot(await this.#stateAt(room, seq));
  }

  /**
   * Make marks say again what they said at a moment: a new edit of this person, under a fresh client id.
   * @param ids these marks; undefined: the whole image, where marks made since are deleted
   * @throws HistoryError "not-found"; DocumentError "annotation-locked"
   */
  async restore(
    room: string,
    seq: number,
    principalId: string,
    ids: readonly string[] | undefined,
  ): Promise<RestoredMarks> {
    const then = await this.#ports.replay.marks(await this.#stateAt(room, seq), ids);
    const missing = ids?.find((id) => !then.has(id));
    if (missing !== undefined) {
      throw new HistoryError(
        "not-found",
        `Expected marks that were there at that moment; "${missing}" was not. Choose a later moment.`,
        { annotationId: missing, seq },
      );
    }
    let restored: RestoredMarks = { changed: [], unreadable: [] };
    await this.#ports.rooms.writeAsServer(room, principalId, (doc) => {
      restored = restoreMarks(doc, then, ids ? "these" : "all");
    });
    return restored;
  }

  async #stateAt(room: string, seq: number) {
    const parts = await this.#ports.log.stateAt(room, seq);
    if (!parts) {
      throw new HistoryError(
        "not-found",
        `Expected a moment of this image's history; ${seq} is none. GET …/history lists them.`,
        { seq },
      );
    }
    return parts;
  }
}
