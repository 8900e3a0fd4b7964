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
import { packHistory } from "./pack-history.ts";
import { RoomRuns } from "./room-runs.ts";
import type { SqlValue, Statement } from "./statement.ts";
import { damageOfState, damageOfUpdate, lossOfGroup, type StoredState } from "./stored-damage.ts";
import { type UnfiledUpdate, unfiledUpdates } from "./unfiled-updates.ts";
import { marksIn } from "./update-journal.ts";
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
  readonly #runs: RoomRuns;
  /** Rooms with updates that may lie in the journal still, and the last group that brought one. */
  readonly #unfiled = new Map<string, number>();

  constructor(writer: Writer, read: <Row>(sql: string, params?: readonly SqlValue[]) => Row[]) {
    this.#writer = writer;
    this.#read = read;
    this.#runs = new RoomRuns(read);
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
    const { state, damage: ofStates } = this.#lastState(room);
    const { updates: filed, losses } = this.#runs.whatIsLeft(room, state?.seq ?? 0);
    const lastSeq = filed.at(-1)?.seq ?? state?.seq ?? 0;
    const updates = [...filed, ...unfiled.filter(({ seq }) => seq > lastSeq)].map(
      ({ seq, bytes, principalId, receivedAtMs }): LoggedUpdate => ({
        ...{ seq, room, bytes, principalId, receivedAtMs },
      }),
    );
    const bindings = this.#read<{ clientId: number; principalId: string }>(
      "SELECT client_id AS clientId, principal_id AS principalId FROM room_client WHERE room = ?",
      [room],
    );
    const lost = this.#read<{ firstSeq: number; updates: number }>(
      `SELECT first_seq AS firstSeq, updates FROM room_journal_aside ${holdsRoom}`,
      [room],
    );
    const damage = [
      ...lost.map((one) => lossOfGroup(one)),
      ...losses,
      ...ofStates,
      ...filed.map(damageOfUpdate).filter((one) => one !== undefined),
    ];
    const checkpoint = state ? { seq: state.seq, bytes: state.bytes } : null;
    return { epoch, checkpoint, updates, packed: this.#packedOf(room, epoch, unfiled), bindings, damage };
  }

  /**
   * The last whole state of those that will do. One that is not as it was written is passed over, because an earlier one
   * and the updates since say the same; but for the start of an epoch, which nothing else holds.
   */
  #lastState(
    room: string,
    which = "TRUE",
    params: readonly number[] = [],
  ): { readonly state?: StoredState; readonly damage: readonly string[] } {
    const damage: string[] = [];
    for (let before = Number.MAX_SAFE_INTEGER; ; ) {
      const [state] = this.#read<StoredState>(
        `SELECT seq, kept, bytes, checksum FROM room_checkpoint
         WHERE room = ? AND seq < ? AND ${which} ORDER BY seq DESC LIMIT 1`,
        [room, before, ...params],
      );
      if (!state) return { damage };
      const what = damageOfState(state);
      if (what !== undefined) damage.push(what);
      if (what === undefined || state.kept === 2) return { state, damage };
      before = state.seq;
    }
  }

  #packedOf(room: string, epoch: string, unfiled: readonly UnfiledUpdate[]): KeptPack | null {
    const [packed] = this.#read<{ seq: number; bytes: Uint8Array }>(
      "SELECT seq, bytes FROM room_packed WHERE room = ? AND epoch = ?",
      [room, epoch],
    );
    if (!packed) return null;
    // Older than the last milestone: too much has come since.
    if (this.#runs.isPackedAfter(room, packed.seq)) return null;
    const { updates: filed, losses } = this.#runs.whatIsLeft(room, packed.seq);
    if (losses.length > 0) return null;
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
                SELECT sum(r.updates) >= ? OR sum(r.entry_bytes) >= ? FROM room_run r
                WHERE r.room = room_checkpoint.room AND r.last_seq <= room_checkpoint.seq AND r.last_seq > coalesce(
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
    await packHistory(room, this.#read, this.#writer).catch(() => undefined);
  }

  async history(
    room: string,
    afterSeq: number,
    limit: number,
    { before, mark }: HistoryPart = {},
  ): Promise<readonly HistoryEntry[]> {
    const unfiled = await this.#filed(room);
    const end = before ?? Number.MAX_SAFE_INTEGER;
    const isOf = (touched: readonly string[]) => mark === undefined || touched.includes(mark);
    const entries: HistoryEntry[] = [];
    const first = before === undefined ? "oldest" : "latest";
    for (const update of this.#runs.each(room, afterSeq, end, first)) {
      const touched = marksIn(update.touched);
      if (!isOf(touched)) continue;
      entries.push(historyEntry(update, touched));
      if (entries.length === limit) break;
    }
    if (before !== undefined) entries.reverse();
    for (const update of unfiled)
      if (update.seq > afterSeq && update.seq < end && isOf(update.touched))
        entries.push(historyEntry(update, update.touched));
    return before === undefined ? entries.slice(0, limit) : entries.slice(-limit);
  }

  async stretches(room: string, fromSeq: number, toSeq: number): Promise<readonly HistoryStretch[]> {
    const unfiled = await this.#filed(room);
    const updates: { seq: number; epoch: string; bytes: Uint8Array }[] = [
      ...this.#runs.updates(room, fromSeq - 1, toSeq),
      ...unfiled.filter(({ seq }) => seq >= fromSeq && seq <= toSeq),
    ];
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
    const touches = new Map<string, LastTouch>(
      this.#read<LastTouch & { readonly mark: string }>(
        `SELECT mark, seq, principal_id AS principalId, received_at_ms AS receivedAtMs FROM room_mark WHERE room = ?
         ${marks ? "AND mark IN (SELECT value FROM json_each(?))" : ""}`,
        [room, ...(marks ? [JSON.stringify(marks)] : [])],
      ).map(({ mark, ...touch }) => [mark, touch]),
    );
    const [last] = this.#read<{ seq: number }>(
      "SELECT coalesce(max(seq), 0) AS seq FROM room_checkpoint WHERE room = ?",
      [room],
    );
    const wanted = marks && new Set(marks);
    const take = ({ seq, principalId, receivedAtMs }: LastTouch, touched: readonly string[]) => {
      for (const mark of touched)
        if (wanted?.has(mark) ?? true) touches.set(mark, { seq, principalId, receivedAtMs });
    };
    for (const update of this.#runs.whatIsLeft(room, last!.seq).updates)
      take(update, marksIn(update.touched));
    for (const update of unfiled) take(update, update.touched);
    return touches;
  }

  async stateAt(room: string, seq: number): Promise<readonly Uint8Array[] | undefined> {
    const unfiled = await this.#filed(room);
    if (!this.#runs.has(room, seq) && !unfiled.some((update) => update.seq === seq)) return undefined;
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
    const { state } = this.#lastState(room, which, params);
    const updates = this.#runs.updates(room, state?.seq ?? 0, seq);
    const last = unfiled.filter((update) => update.seq <= seq);
    return [...(state ? [state] : []), ...updates, ...last].map(({ bytes }) => bytes);
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
              SELECT ?, (SELECT coalesce(max(last_seq), 0) FROM room_run WHERE room = ?), 2, bytes, crc32(bytes)
              FROM (SELECT ? AS bytes) WHERE TRUE
              ON CONFLICT (room, seq) DO UPDATE SET bytes = excluded.bytes, kept = 2, checksum = excluded.checksum`,
        params: [room, room, bytes],
      },
    ]);
    return epoch;
  }

  async erase(rooms: readonly string[]): Promise<void> {
    // What points at others goes before them.
    const tables = "room_mark room_client room_packed room_checkpoint room_run".split(" ");
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
   * Until `room_run` holds all that is committed of the room.
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
      const filed = this.#runs.lastSeq(room);
      return unfiled.filter(({ seq }) => seq > filed);
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
    // SQLite takes the columns beside max() from its row. `run_updates`: `writer-functions.ts`.
    sql: `WITH last AS (SELECT coalesce(max(seq), 0) AS seq FROM room_checkpoint WHERE room = ?)
          INSERT INTO room_mark (room, mark, seq, principal_id, received_at_ms)
          SELECT r.room, m.value, max(u.seq), u.principal_id, u.received_at_ms
          FROM last CROSS JOIN room_run r
            CROSS JOIN run_updates(r.first_seq, r.last_seq, r.updates, r.packed, r.bytes) u
            CROSS JOIN json_each(u.touched) m
          WHERE r.room = ? AND r.last_seq > last.seq AND u.seq > last.seq AND u.seq <= ?
          GROUP BY m.value
          ON CONFLICT (room, mark) DO UPDATE SET
            seq = excluded.seq, principal_id = excluded.principal_id, received_at_ms = excluded.received_at_ms
          WHERE excluded.seq > seq`,
    params: [room, room, seq],
  };
}

function historyEntry(
  update: Pick<LoggedUpdate, "seq" | "principalId" | "receivedAtMs" | "bytes">,
  touched: readonly string[],
): HistoryEntry {
  const { seq, principalId, receivedAtMs, bytes } = update;
  return { seq, principalId, receivedAtMs, touched, byteLength: bytes.length };
}
