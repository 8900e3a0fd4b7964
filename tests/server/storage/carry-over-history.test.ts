import { join } from "node:path";
import { crc32, zstdCompressSync } from "node:zlib";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { verifyStore } from "#server/backup/verify-store.ts";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { migrate } from "#server/storage/embedded/migrate.ts";
import { roomMigrations } from "#server/storage/embedded/room-migrations.ts";
import { encodeEntry, encodeGroup } from "#server/storage/embedded/update-journal.ts";
import { storedUpdates } from "./stored-updates.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const [wires, films] = ["micrograph:wires:annotations", "micrograph:films:annotations"];
const withRows = 6;
const atMs = 1_700_000_000_000;

interface Row {
  readonly seq: number;
  readonly room: string;
  readonly epoch?: string;
  readonly bytes: Uint8Array;
  readonly checksum?: "right" | "wrong" | "none" | "never";
  readonly isPacked?: boolean;
}

const written = ({ seq, bytes }: Row) => ({
  ...{ principalId: `p-${seq % 3}`, receivedAtMs: atMs + seq, touched: `["mark-${seq}"]`, bytes },
});

/** A store as the last program with a row an update left it. */
function oldStore(path: string, rows: readonly Row[]): Database.Database {
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  migrate(database, [{ ...roomMigrations, migrations: roomMigrations.migrations.slice(0, withRows) }]);
  for (const room of [wires, films]) database.prepare("INSERT INTO room VALUES (?, 'e2')").run(room);
  const insert = database.prepare(
    `INSERT INTO room_update (seq, room, epoch, principal_id, received_at_ms, touched, bytes, byte_length, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const row of rows) {
    const { seq, room, epoch = "e2", bytes, checksum = "right", isPacked = false } = row;
    const { principalId, receivedAtMs, touched } = written(row);
    const sum = crc32(encodeEntry(written(row)));
    const kept = { right: sum, wrong: sum ^ 1, none: null, never: -1 }[checksum];
    const [own, length] = isPacked ? [Buffer.alloc(0), bytes.length] : [bytes, null];
    insert.run(seq, room, epoch, principalId, receivedAtMs, touched, own, length, kept);
  }
  return database;
}

/** A segment as that program packed it. */
function segment(rows: readonly Row[]): Buffer {
  return zstdCompressSync(
    Buffer.concat(
      rows.map(({ seq, bytes }) => {
        const head = Buffer.alloc(12);
        head.writeDoubleLE(seq, 0);
        head.writeUInt32LE(bytes.length, 8);
        return Buffer.concat([head, bytes]);
      }),
    ),
  );
}

it("carries a history of rows and segments over to the byte, with what is known of its damage", async () => {
  const dataDir = await temporaryFolder();
  const path = join(dataDir, "lamella.sqlite");
  // What an empty document says in one update, with something behind it that Yjs passes over.
  const empty = (mark: number) => Uint8Array.of(0, 0, mark);
  const packed: Row[] = [1, 3, 4].map((seq) => ({
    ...{ seq, room: wires, epoch: "e1", bytes: empty(seq), isPacked: true },
  }));
  const lost: Row = { seq: 2, room: films, bytes: empty(2), isPacked: true };
  const loose: Row[] = [
    { seq: 5, room: wires, epoch: "e1", bytes: empty(5), checksum: "none" },
    { seq: 6, room: wires, bytes: empty(6) },
    { seq: 7, room: films, bytes: empty(7), checksum: "never" },
    { seq: 8, room: wires, bytes: empty(8), checksum: "wrong" },
    { seq: 9, room: wires, bytes: new Uint8Array(3 * 1024 * 1024) },
    ...Array.from({ length: 600 }, (_, i) => ({ seq: 10 + i, room: films, bytes: empty(i % 250) })),
  ];
  const rows = [...packed, lost, ...loose].sort((a, b) => a.seq - b.seq);
  const database = oldStore(path, rows);
  const insertSegment = database.prepare("INSERT INTO room_segment VALUES (?, ?, ?, ?)");
  insertSegment.run(wires, 1, 4, segment(packed));
  insertSegment.run(films, 2, 2, Buffer.from("no segment"));
  database.prepare("INSERT INTO room_mark VALUES (?, 'mark-4', 4)").run(wires);
  const waiting = { room: wires, epoch: "e2", bytes: empty(77), principalId: "p-2", receivedAtMs: atMs };
  const group = encodeGroup([[{ ...waiting, touched: ["mark-77"], bind: [] }]]);
  const putGroup = "INSERT INTO room_journal (first_seq, updates, entries, checksum) VALUES (700, 1, ?, ?)";
  database.prepare(putGroup).run(group, crc32(group));
  database.close();
  const asItWas = await verifyStore(dataDir);

  const store = await openEmbeddedStore({ dataDir, migrations: [] });
  onTestFinished(() => store.close());
  const reading = new Database(path, { readonly: true });
  onTestFinished(() => void reading.close());
  const now = storedUpdates(reading);
  expect(now.map(({ seq }) => seq)).toEqual([...rows.map(({ seq }) => seq), 700]);
  rows.forEach((row, i) => {
    const { principalId, receivedAtMs, touched, bytes, epoch } = now[i]!;
    expect({ principalId, receivedAtMs, touched }).toEqual({ ...written(row), bytes: undefined });
    expect(epoch).toBe(row.epoch ?? "e2");
    expect(Buffer.compare(bytes, row === lost ? new Uint8Array() : row.bytes)).toBe(0);
  });
  const runs = reading.prepare("SELECT packed, updates FROM room_run WHERE room = ? ORDER BY last_seq").raw();
  expect(runs.all(wires)).toEqual([
    ...[
      [1, 3],
      [0, 1],
      [0, 2],
      [0, 1],
      [0, 1],
    ],
  ]);
  expect(runs.all(films)).toEqual([
    [1, 1],
    [0, 256],
    [0, 256],
    [0, 89],
  ]);
  const tables = reading.prepare(
    "SELECT name FROM sqlite_master WHERE name IN ('room_update', 'room_segment')",
  );
  expect(tables.all()).toEqual([]);

  const log = store.documentLog;
  expect(await log.lastTouches(wires, ["mark-4", "mark-77"])).toEqual(
    new Map([
      ["mark-4", { seq: 4, principalId: "p-1", receivedAtMs: atMs + 4 }],
      ["mark-77", { seq: 700, principalId: "p-2", receivedAtMs: atMs }],
    ]),
  );
  const { epoch } = await log.open(wires);
  expect(await log.append([{ ...waiting, epoch, touched: [], bind: [] }])).toEqual([701]);
  const damaged = (problems: readonly string[]) =>
    problems.flatMap((problem) =>
      [...problem.matchAll(/update (\d+) (is not|lay)/g)].map(([, seq, how]) => `${seq} ${how}`),
    );
  const { problems, updates, withoutChecksum } = await verifyStore(dataDir);
  expect(damaged(problems)).toEqual(["2 is not", "7 lay", "8 is not"]);
  expect(damaged(asItWas.problems)).toEqual(damaged(problems));
  expect([updates, withoutChecksum]).toEqual([rows.length + 2, 1]);
  expect([asItWas.updates, asItWas.withoutChecksum]).toEqual([rows.length + 1, 1]);
});
