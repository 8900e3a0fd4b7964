import { randomUUID } from "node:crypto";
import type {
  Batch,
  DocumentLog,
  HistoryEntry,
  HistoryPart,
  HistoryStretch,
  KeptPack,
  LastTouch,
  LoggedUpdate,
  RoomContents,
} from "../document-log.ts";
import {
  packSegment,
  type SegmentUpdate,
  segmentBytes,
  segmentUpdates,
  unpackSegment,
} from "./history-segment.ts";
import type { SqlValue, Statement } from "./statement.ts";
import {
  damageOfState,
  damageOfUpdate,
  lossOfGroup,
  type StoredState,
  type StoredUpdate,
} from "./stored-damage.ts";
import { type UnfiledUpdate, unfiledUpdates } from "./unfiled-updates.ts";
import type { Writer } from "./writer.ts";

/** A checkpoint stays for good when this many updates, or bytes of updates, lie between it and the one before. */
const milestoneUpdates = 1_000;
const milestoneBytes = 5 * 1024 * 1024;

/** Groups that cannot be read are searched for a room's name. */
const holdsRoom = "WHERE instr(entries, CAST(? AS BLOB)) > 0";

/** The rooms' tables of the embedded store: writes go to the writer thread, reads happen here. */
export class EmbeddedDocumentLog implements DocumentLog {
  readonly #writer: Writer;
  readonly #read: <Row>(sql: string, params?: readonly SqlValue[]) => Row[];
  /** Rooms with updates that may lie in the journal still, and the last group that brought one. */
  readonly #unfiled = new Map<string, number>();

  constructor(writer: Writer, read: <Row>(sql: string, params?: readonly SqlValue[]) => Row[]) {
    this.#writer = writer;
    this.#read = read;
  }

  async rooms(after: string, limit: number): Promise<readonly string[]> {
    return this.#read<{ name: string }>("SELECT name FROM room WHERE name > ? ORDER BY name LIMIT ?", [
      after,
      limit,
    ]).map(({ name }) => name);
  }

  async open(room: string): Promise<RoomContents> {
    const epoch = await this.#epochOf(room);
    const unfiled = await this.#filed(room);
    const [state] = this.#read<StoredState>(
      "SELECT seq, kept, bytes, checksum FROM room_checkpoint WHERE room = ? ORDER BY seq DESC LIMIT 1",
      [room],
    );
    const rows = this.#read<StoredUpdate>(
      `SELECT seq, bytes, principal_id AS principalId, received_at_ms AS receivedAtMs, touched, checksum
       FROM room_update WHERE room = ? AND seq > ? ORDER BY seq`,
      [room, state?.seq ?? 0],
    );
    const lastSeq = rows.at(-1)?.seq ?? state?.seq ?? 0;
    const updates = rows.map(
      ({ seq, bytes, principalId, receivedAtMs }): LoggedUpdate => ({
        ...{ seq, room, bytes, principalId, receivedAtMs },
      }),
    );
    for (const { seq, bytes, principalId, receivedAtMs } of unfiled)
      if (seq > lastSeq) updates.push({ seq, room, bytes, principalId, receivedAtMs });
    const bindings = this.#read<{ clientId: number; principalId: string }>(
      "SELECT client_id AS clientId, principal_id AS principalId FROM room_client WHERE room = ?",
      [room],
    );
    const lost = this.#read<{ firstSeq: number; updates: number }>(
      `SELECT first_seq AS firstSeq, updates FROM room_journal_aside ${holdsRoom}`,
      [room],
    );
    const changed = [...(state ? [damageOfState(state)] : []), ...rows.map(damageOfUpdate)];
    const damage = [...lost.map((one) => lossOfGroup(one)), ...changed.filter((one) => one !== undefined)];
    const checkpoint = state ? { seq: state.seq, bytes: state.bytes } : null;
    return { epoch, checkpoint, updates, packed: this.#packedOf(room, epoch, unfiled), bindings, damage };
  }

  #packedOf(room: string, epoch: string, unfiled: readonly UnfiledUpdate[]): KeptPack | null {
    const [packed] = this.#read<{ seq: number; bytes: Uint8Array }>(
      "SELECT seq, bytes FROM room_packed WHERE room = ? AND epoch = ?",
      [room, epoch],
    );
    if (!packed) return null;
    const filed = this.#read<{ bytes: Uint8Array; isPacked: 0 | 1 }>(
      `SELECT bytes, byte_length IS NOT NULL AS isPacked FROM room_update
       WHERE room = ? AND seq > ? ORDER BY seq`,
      [room, packed.seq],
    );
    // Older than the last milestone: too much has come since.
    if (filed.some(({ isPacked }) => isPacked === 1)) return null;
    const since = [...filed, ...unfiled.filter(({ seq }) => seq > packed.seq)];
    return { bytes: packed.bytes, since: since.map(({ bytes }) => bytes) };
  }

  async keepPacked(room: string, epoch: string, seq: number, bytes: Uint8Array): Promise<void> {
    await this.#writer.write([
      {
        sql: `INSERT INTO room_packed (room, epoch, seq, bytes)
              SELECT name, epoch, ?, ? FROM room WHERE name = ? AND epoch = ?
              ON CONFLICT (room) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, bytes = excluded.bytes`,
        params: [seq, bytes, room, epoch],
      },
    ]);
  }

  append(batch: Batch): Promise<readonly number[]> {
    return this.#writer.append(() => {
      const entries = typeof batch === "function" ? batch() : batch;
      for (const { room } of entries) this.#unfiled.set(room, this.#writer.group);
      return entries;
    });
  }

  async bind(room: string, clientIds: readonly number[], principalId: string): Promise<readonly string[]> {
    await this.#epochOf(room);
    await this.#writer.write(clientIds.map((clientId) => bindStatement(room, clientId, principalId)));
    return clientIds.map(
      (clientId) =>
        this.#read<{ owner: string }>(
          "SELECT principal_id AS owner FROM room_client WHERE room = ? AND client_id = ?",
          [room, clientId],
        )[0]!.owner,
    );
  }

  async checkpoint(room: string, seq: number, bytes: Uint8Array): Promise<void> {
    await this.#writeAfterFiling([
      {
        // The last one so far becomes a milestone where it is far enough from the one before it, else it goes.
        sql: `UPDATE room_checkpoint SET kept = 1
              WHERE room = ? AND kept = 0 AND seq < ? AND (
                SELECT count(*) >= ? OR sum(coalesce(u.byte_length, length(u.bytes))) >= ? FROM room_update u
                WHERE u.room = room_checkpoint.room AND u.seq <= room_checkpoint.seq AND u.seq > coalesce(
                  (SELECT max(seq) FROM room_checkpoint c
                   WHERE c.room = room_checkpoint.room AND c.seq < room_checkpoint.seq), 0))`,
        params: [room, seq, milestoneUpdates, milestoneBytes],
      },
      indexMarksStatement(room, seq),
      { sql: "DELETE FROM room_checkpoint WHERE room = ? AND kept = 0 AND seq < ?", params: [room, seq] },
      {
        sql: `INSERT INTO room_checkpoint (room, seq, kept, bytes, checksum)
              SELECT ?, ?, 0, bytes, crc32(bytes) FROM (SELECT ? AS bytes)
              WHERE NOT EXISTS (SELECT 1 FROM room_checkpoint WHERE room = ? AND seq > ?)
              ON CONFLICT (room, seq) DO UPDATE SET bytes = excluded.bytes, checksum = excluded.checksum`,
        params: [room, seq, bytes, room, seq],
      },
    ]);
    // Space is not worth a failure: what is not packed now is packed after the next checkpoint.
    await this.#packHistory(room).catch(() => undefined);
  }

  /** Compress the updates that lie before the last milestone: only somebody who looks back asks for them. */
  async #packHistory(room: string): Promise<void> {
    const [{ packed, milestone }] = this.#read<{ packed: number; milestone: number }>(
      `SELECT (SELECT coalesce(max(last_seq), 0) FROM room_segment WHERE room = ?) AS packed,
              (SELECT coalesce(max(seq), 0) FROM room_checkpoint WHERE room = ? AND kept > 0) AS milestone`,
      [room, room],
    ) as [{ packed: number; milestone: number }];
    for (let from = packed; from < milestone; ) {
      const found = this.#read<SegmentUpdate>(
        "SELECT seq, bytes FROM room_update WHERE room = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        [room, from, milestone, segmentUpdates],
      );
      let bytes = 0;
      const updates = found.filter((one, i) => (bytes += one.bytes.length) <= segmentBytes || i === 0);
      const [first, last] = [updates.at(0), updates.at(-1)];
      if (!first || !last) return;
      const segment = await packSegment(updates);
      await this.#writer.write([
        {
          sql: "INSERT INTO room_segment (room, first_seq, last_seq, bytes) VALUES (?, ?, ?, ?)",
          params: [room, first.seq, last.seq, segment],
        },
        {
          sql: `UPDATE room_update SET byte_length = length(bytes), bytes = x''
                WHERE room = ? AND seq >= ? AND seq <= ? AND byte_length IS NULL`,
          params: [room, first.seq, last.seq],
          mustChange: updates.length,
        },
      ]);
      from = last.seq;
    }
  }

  async history(
    room: string,
    afterSeq: number,
    limit: number,
    { before, mark }: HistoryPart = {},
  ): Promise<readonly HistoryEntry[]> {
    const unfiled = await this.#filed(room);
    const rows = this.#read<HistoryEntry & { readonly touched: string }>(
      `SELECT seq, principal_id AS principalId, received_at_ms AS receivedAtMs, touched,
              coalesce(byte_length, length(bytes)) AS byteLength
       FROM room_update WHERE room = ? AND seq > ? AND seq < ?
       ${mark === undefined ? "" : "AND EXISTS (SELECT 1 FROM json_each(touched) WHERE value = ?)"}
       ORDER BY seq ${before === undefined ? "" : "DESC"} LIMIT ?`,
      [room, afterSeq, before ?? Number.MAX_SAFE_INTEGER, ...(mark === undefined ? [] : [mark]), limit],
    ).map((row) => ({ ...row, touched: JSON.parse(row.touched) as string[] }));
    if (before !== undefined) rows.reverse();
    if (unfiled.length === 0) return rows;
    for (const { bytes, room: _, epoch: __, ...entry } of unfiled) {
      const isAsked = entry.seq > afterSeq && entry.seq < (before ?? Number.MAX_SAFE_INTEGER);
      if (isAsked && (mark === undefined || entry.touched.includes(mark)))
        rows.push({ ...entry, byteLength: bytes.length } as never);
    }
    return before === undefined ? rows.slice(0, limit) : rows.slice(-limit);
  }

  async stretches(room: string, fromSeq: number, toSeq: number): Promise<readonly HistoryStretch[]> {
    const unfiled = await this.#filed(room);
    const updates: { seq: number; epoch: string; bytes: Uint8Array }[] = this.#updates(
      room,
      fromSeq - 1,
      toSeq,
    );
    updates.push(...unfiled.filter(({ seq }) => seq >= fromSeq && seq <= toSeq));
    const begins = updates.flatMap(({ epoch }, i) => (epoch === updates[i - 1]?.epoch ? [] : [i]));
    return begins.map((begin, n) => {
      const stretch = updates.slice(begin, begins[n + 1]);
      const { seq } = stretch[0]!;
      const base = this.#madeOf(room, "seq < ?", [seq], seq - 1, unfiled);
      return { base, updates: stretch.map(({ seq, bytes }) => ({ seq, bytes })) };
    });
  }

  async lastTouches(room: string, marks?: readonly string[]): Promise<ReadonlyMap<string, LastTouch>> {
    const unfiled = await this.#filed(room);
    const rows = this.#read<LastTouch & { readonly mark: string }>(
      `WITH last AS (
         SELECT mark, seq FROM room_mark WHERE room = ?
         UNION ALL
         SELECT value AS mark, u.seq FROM room_update u, json_each(u.touched)
         WHERE u.room = ? AND u.seq > coalesce((SELECT max(seq) FROM room_checkpoint WHERE room = ?), 0))
       SELECT mark, max(last.seq) AS seq, principal_id AS principalId, received_at_ms AS receivedAtMs
       FROM last JOIN room_update USING (seq)
       ${marks ? "WHERE mark IN (SELECT value FROM json_each(?))" : ""} GROUP BY mark`,
      [room, room, room, ...(marks ? [JSON.stringify(marks)] : [])],
    );
    const touches = new Map<string, LastTouch>(rows.map(({ mark, ...touch }) => [mark, touch]));
    for (const { seq, principalId, receivedAtMs, touched } of unfiled)
      for (const mark of touched)
        if (marks?.includes(mark) ?? true) touches.set(mark, { seq, principalId, receivedAtMs });
    return touches;
  }

  async stateAt(room: string, seq: number): Promise<readonly Uint8Array[] | undefined> {
    const unfiled = await this.#filed(room);
    const known = this.#read("SELECT 1 FROM room_update WHERE room = ? AND seq = ?", [room, seq]);
    if (known.length === 0 && !unfiled.some((update) => update.seq === seq)) return undefined;
    // A checkpoint at the very moment may be the start of the next epoch: only an earlier one, or a plain one, will do.
    return this.#madeOf(room, "(seq < ? OR (seq = ? AND kept < 2))", [seq, seq], seq, unfiled);
  }

  /** The last whole state of those that will do, and the updates from there to `seq`. */
  #madeOf(
    room: string,
    which: string,
    params: readonly number[],
    seq: number,
    unfiled: readonly UnfiledUpdate[],
  ): readonly Uint8Array[] {
    const [checkpoint] = this.#read<{ seq: number; bytes: Uint8Array }>(
      `SELECT seq, bytes FROM room_checkpoint WHERE room = ? AND ${which} ORDER BY seq DESC LIMIT 1`,
      [room, ...params],
    );
    const updates = this.#updates(room, checkpoint?.seq ?? 0, seq);
    const last = unfiled.filter((update) => update.seq <= seq);
    return [...(checkpoint ? [checkpoint] : []), ...updates, ...last].map(({ bytes }) => bytes);
  }

  /** Filed updates in (afterSeq, toSeq] with their bytes, wherever those lie. */
  #updates(room: string, afterSeq: number, toSeq: number) {
    const rows = this.#read<{ seq: number; epoch: string; bytes: Uint8Array; packed: number | null }>(
      `SELECT seq, epoch, bytes, byte_length AS packed FROM room_update
       WHERE room = ? AND seq > ? AND seq <= ? ORDER BY seq`,
      [room, afterSeq, toSeq],
    );
    const packed = rows.filter((row) => row.packed !== null);
    if (packed.length === 0) return rows;
    const segments = this.#read<{ bytes: Uint8Array }>(
      "SELECT bytes FROM room_segment WHERE room = ? AND last_seq >= ? AND first_seq <= ? ORDER BY last_seq",
      [room, packed.at(0)!.seq, packed.at(-1)!.seq],
    );
    const bytesOf = new Map(segments.flatMap(({ bytes }) => [...unpackSegment(bytes)]));
    return rows.map((row) => (row.packed === null ? row : { ...row, bytes: bytesOf.get(row.seq)! }));
  }

  async newEpoch(room: string, bytes: Uint8Array): Promise<string> {
    await this.#epochOf(room);
    const epoch = randomUUID();
    await this.#writeAfterFiling([
      { sql: "UPDATE room SET epoch = ? WHERE name = ?", params: [epoch, room], mustChange: 1 },
      { sql: "DELETE FROM room_packed WHERE room = ?", params: [room] },
      indexMarksStatement(room, Number.MAX_SAFE_INTEGER),
      {
        sql: `INSERT INTO room_checkpoint (room, seq, kept, bytes, checksum)
              SELECT ?, (SELECT coalesce(max(seq), 0) FROM room_update WHERE room = ?), 2, bytes, crc32(bytes)
              FROM (SELECT ? AS bytes) WHERE TRUE
              ON CONFLICT (room, seq) DO UPDATE SET bytes = excluded.bytes, kept = 2, checksum = excluded.checksum`,
        params: [room, room, bytes],
      },
    ]);
    return epoch;
  }

  async erase(rooms: readonly string[]): Promise<void> {
    // What points at others goes before them.
    const tables = "room_mark room_client room_packed room_checkpoint room_segment room_update".split(" ");
    await this.#writeAfterFiling(
      rooms.flatMap((room) => [
        ...tables.map((table) => ({ sql: `DELETE FROM ${table} WHERE room = ?`, params: [room] })),
        { sql: "DELETE FROM room WHERE name = ?", params: [room] },
        // Among the others of its group nobody can tell its updates apart.
        { sql: `DELETE FROM room_journal_aside ${holdsRoom}`, params: [room] },
      ]),
    );
  }

  /** Nothing of its own to close: the store closes writer and reader. */
  async close(): Promise<void> {}

  /**
   * Until `room_update` holds all that is committed of the room.
   * @returns what it does not hold, because the disk takes nothing more: reading goes on without it
   */
  async #filed(room: string): Promise<readonly UnfiledUpdate[]> {
    if (!this.#unfiled.has(room) && !this.#writer.startedUnfiled) return [];
    try {
      await this.#writeAfterFiling([]);
      return [];
    } catch {
      // Read before the others: what is filed meanwhile is then in both.
      const unfiled = unfiledUpdates((sql) => this.#read(sql)).get(room) ?? [];
      const filed = this.#read<{ seq: number | null }>(
        "SELECT max(seq) AS seq FROM room_update WHERE room = ?",
        [room],
      )[0]?.seq;
      return unfiled.filter(({ seq }) => seq > (filed ?? 0));
    }
  }

  async #writeAfterFiling(statements: readonly Statement[]): Promise<void> {
    await this.#writer.write(statements, true);
    const { finishedGroup } = this.#writer;
    for (const [room, group] of this.#unfiled) if (group < finishedGroup) this.#unfiled.delete(room);
  }

  async #epochOf(room: string): Promise<string> {
    const find = () =>
      this.#read<{ epoch: string }>("SELECT epoch FROM room WHERE name = ?", [room])[0]?.epoch;
    const present = find();
    if (present) return present;
    await this.#writer.write([
      { sql: "INSERT OR IGNORE INTO room (name, epoch) VALUES (?, ?)", params: [room, randomUUID()] },
    ]);
    return find()!;
  }
}

function bindStatement(room: string, clientId: number, principalId: string): Statement {
  return {
    sql: "INSERT OR IGNORE INTO room_client (room, client_id, principal_id) VALUES (?, ?, ?)",
    params: [room, clientId, principalId],
  };
}

/**
 * The last update of each mark, up to `seq`. It moves on with the checkpoints, so that an edit costs no index row;
 * `lastTouches` reads what came after the last one. Goes before the checkpoint itself, which says how far it has come.
 */
function indexMarksStatement(room: string, seq: number): Statement {
  return {
    sql: `INSERT INTO room_mark (room, mark, seq)
          SELECT u.room, value, max(u.seq) FROM room_update u, json_each(u.touched)
          WHERE u.room = ? AND u.seq <= ?
            AND u.seq > coalesce((SELECT max(seq) FROM room_checkpoint WHERE room = ?), 0)
          GROUP BY value
          ON CONFLICT (room, mark) DO UPDATE SET seq = max(seq, excluded.seq)`,
    params: [room, seq, room],
  };
}
