import { randomUUID } from "node:crypto";
import type { Append, DocumentLog, LoggedUpdate, RoomContents } from "../document-log.ts";
import { StorageError } from "../storage-error.ts";
import type { SqlValue, Statement, StatementResult } from "./statement.ts";

interface UpdateRow {
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly principalId: string;
  readonly receivedAtMs: number;
  readonly touched: string;
}

const updateColumns =
  "seq, bytes, principal_id AS principalId, received_at_ms AS receivedAtMs, touched FROM room_update";

/** The rooms' tables of the embedded store: writes go to the writer thread, reads happen here. */
export class EmbeddedDocumentLog implements DocumentLog {
  readonly #write: (statements: readonly Statement[]) => Promise<readonly StatementResult[]>;
  readonly #read: <Row>(sql: string, params?: readonly SqlValue[]) => Row[];

  constructor(
    write: (statements: readonly Statement[]) => Promise<readonly StatementResult[]>,
    read: <Row>(sql: string, params?: readonly SqlValue[]) => Row[],
  ) {
    this.#write = write;
    this.#read = read;
  }

  async open(room: string): Promise<RoomContents> {
    const epoch = await this.#epochOf(room);
    const [checkpoint = null] = this.#read<{ seq: number; bytes: Uint8Array }>(
      "SELECT seq, bytes FROM room_checkpoint WHERE room = ?",
      [room],
    );
    const updates = this.#read<UpdateRow>(`SELECT ${updateColumns} WHERE room = ? AND seq > ? ORDER BY seq`, [
      room,
      checkpoint?.seq ?? 0,
    ]);
    const bindings = this.#read<{ clientId: number; principalId: string }>(
      "SELECT client_id AS clientId, principal_id AS principalId FROM room_client WHERE room = ?",
      [room],
    );
    return { epoch, checkpoint, updates: updates.map((row) => withoutTouched(room, row)), bindings };
  }

  async append(batch: readonly Append[]): Promise<readonly number[]> {
    const statements: Statement[] = [];
    const places: number[] = [];
    for (const { room, epoch, bytes, principalId, receivedAtMs, touched, bind } of batch) {
      for (const { clientId, principalId: owner } of bind)
        statements.push(bindStatement(room, clientId, owner));
      places.push(statements.length);
      statements.push({
        sql: `INSERT INTO room_update (room, epoch, principal_id, received_at_ms, touched, bytes)
              SELECT name, epoch, ?, ?, ?, ? FROM room WHERE name = ? AND epoch = ?`,
        params: [principalId, receivedAtMs, JSON.stringify(touched), bytes, room, epoch],
        mustChange: 1,
      });
    }
    const results = await this.#write(statements).catch((cause: unknown) => {
      throw cause instanceof StorageError && cause.code === "conflict" ? epochError() : cause;
    });
    return places.map((place) => results[place]!.lastInsertRowid);
  }

  async bind(room: string, clientIds: readonly number[], principalId: string): Promise<readonly string[]> {
    await this.#epochOf(room);
    await this.#write(clientIds.map((clientId) => bindStatement(room, clientId, principalId)));
    return clientIds.map(
      (clientId) =>
        this.#read<{ owner: string }>(
          "SELECT principal_id AS owner FROM room_client WHERE room = ? AND client_id = ?",
          [room, clientId],
        )[0]!.owner,
    );
  }

  async checkpoint(room: string, seq: number, bytes: Uint8Array): Promise<void> {
    await this.#write([
      {
        sql: `INSERT INTO room_checkpoint (room, seq, bytes) VALUES (?, ?, ?)
              ON CONFLICT (room) DO UPDATE SET seq = excluded.seq, bytes = excluded.bytes WHERE excluded.seq >= seq`,
        params: [room, seq, bytes],
      },
    ]);
  }

  async history(room: string, afterSeq: number, limit: number) {
    return this.#read<UpdateRow>(`SELECT ${updateColumns} WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?`, [
      room,
      afterSeq,
      limit,
    ]).map((row) => ({ ...withoutTouched(room, row), touched: JSON.parse(row.touched) as string[] }));
  }

  async newEpoch(room: string, bytes: Uint8Array): Promise<string> {
    await this.#epochOf(room);
    const epoch = randomUUID();
    await this.#write([
      { sql: "UPDATE room SET epoch = ? WHERE name = ?", params: [epoch, room], mustChange: 1 },
      {
        sql: `INSERT INTO room_checkpoint (room, seq, bytes)
              VALUES (?, (SELECT coalesce(max(seq), 0) FROM room_update WHERE room = ?), ?)
              ON CONFLICT (room) DO UPDATE SET seq = excluded.seq, bytes = excluded.bytes`,
        params: [room, room, bytes],
      },
    ]);
    return epoch;
  }

  /** Nothing of its own to close: the store closes writer and reader. */
  async close(): Promise<void> {}

  async #epochOf(room: string): Promise<string> {
    const find = () =>
      this.#read<{ epoch: string }>("SELECT epoch FROM room WHERE name = ?", [room])[0]?.epoch;
    const present = find();
    if (present) return present;
    await this.#write([
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

function withoutTouched(room: string, { seq, bytes, principalId, receivedAtMs }: UpdateRow): LoggedUpdate {
  return { seq, room, bytes, principalId, receivedAtMs };
}

function epochError(): StorageError {
  return new StorageError(
    "epoch",
    "The room has started anew since this edit was made (a restore, or an upgrade); reload it and apply the edit again.",
  );
}
