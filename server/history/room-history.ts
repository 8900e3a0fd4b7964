import type { RestoredMarks } from "#core/document/restore-marks.ts";
import type { DocumentLog, HistoryEntry, HistoryPart, LastTouch } from "#server/storage/document-log.ts";
import type { ClassCount, MarkChange, Replay } from "#server/sync/replay.ts";
import type { RoomServer } from "#server/sync/room-server.ts";
import type { Written } from "#server/sync/written-json.ts";
import { HistoryError } from "./history-error.ts";

export interface RoomHistoryPorts {
  readonly log: DocumentLog;
  readonly replay: Replay;
  readonly rooms: Pick<RoomServer, "editAsServer">;
}

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Ask on after this sequence number; null where this page is the last. */
  readonly next: number | null;
  /** Ask on before this sequence number; null where this page is the first. */
  readonly earlier: number | null;
}

/** At most this many marks of one update are looked at: an import of thousands is one line of history. */
const changesPerUpdate = 50;

/**
 * What became of a room, update by update. A moment is a sequence number: the room as it was when that update had been
 * committed, made again from the last whole state before it and the updates since.
 */
export class RoomHistory {
  readonly #ports: RoomHistoryPorts;

  constructor(ports: RoomHistoryPorts) {
    this.#ports = ports;
  }

  /** From `after` on; or where `before` is given, the newest before it. Oldest first both ways. */
  async page(
    room: string,
    after: number,
    limit: number,
    { before, mark }: HistoryPart = {},
  ): Promise<HistoryPage> {
    const found = await this.#ports.log.history(room, after, limit + 1, { before, mark });
    const more = found.length > limit;
    if (before !== undefined) {
      const entries = found.slice(-limit);
      return { entries, next: null, earlier: more ? entries[0]!.seq : null };
    }
    const entries = found.slice(0, limit);
    return { entries, next: more ? entries.at(-1)!.seq : null, earlier: null };
  }

  /** What each of these updates of a room did to its marks, by sequence number: worked out by replaying them. */
  async changes(
    room: string,
    entries: readonly HistoryEntry[],
  ): Promise<ReadonlyMap<number, readonly MarkChange[]>> {
    const changes = new Map<number, readonly MarkChange[]>();
    const [first, last] = [entries.at(0), entries.at(-1)];
    if (!first || !last) return changes;
    const touchedBy = new Map(entries.map(({ seq, touched }) => [seq, touched.slice(0, changesPerUpdate)]));
    for (const { base, updates } of await this.#ports.log.stretches(room, first.seq, last.seq)) {
      const replayed = updates.map(({ seq, bytes }) => ({ bytes, touched: touchedBy.get(seq) ?? [] }));
      const done = await this.#ports.replay.changes(base, replayed);
      for (const [i, { seq }] of updates.entries()) if (touchedBy.has(seq)) changes.set(seq, done[i]!);
    }
    return changes;
  }

  /** Who changed each mark last, or one of them. A fold changes none. */
  lastTouches(room: string, mark?: string): Promise<ReadonlyMap<string, LastTouch>> {
    return this.#ports.log.lastTouches(room, mark === undefined ? undefined : [mark]);
  }

  /** The last moment of a room; 0 where nothing has been drawn. */
  async lastSeq(room: string): Promise<number> {
    const { entries } = await this.page(room, 0, 1, { before: Number.MAX_SAFE_INTEGER });
    return entries.at(-1)?.seq ?? 0;
  }

  /** How many marks there were of each class, without opening the room. */
  async countByClass(room: string, seq: number): Promise<readonly ClassCount[]> {
    return seq === 0 ? [] : this.#ports.replay.countByClass(await this.#stateAt(room, seq));
  }

  /** The marks at a moment, in native JSON. @throws HistoryError "not-found" */
  async annotationsAt(room: string, seq: number): Promise<Written> {
    return this.#ports.replay.annotations(await this.#stateAt(room, seq));
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
    const scope = ids ? "these" : "all";
    return this.#ports.rooms.editAsServer(room, principalId, { type: "restore", then, scope });
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
