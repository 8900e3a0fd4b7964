import { crc32, zstdDecompressSync } from "node:zlib";
import type Database from "better-sqlite3";
import { type Checksum, neverFits, placeChecksum, updateChecksum } from "./checksums.ts";
import { encodeEntry, type JournalUpdate } from "./update-journal.ts";
import type { RunEntry } from "./update-run.ts";

/** An update as it stood before runs: a row of its own, its bytes there or in a compressed segment. */
export interface OldUpdate extends RunEntry {
  readonly epoch: string;
  readonly isPacked: boolean;
}

interface OldRow extends JournalUpdate {
  readonly seq: number;
  readonly epoch: string;
  readonly isPacked: 0 | 1;
  readonly checksum: Checksum;
}

const rowsAtOnce = 200;

/**
 * Reads rooms' updates in a store from before runs, in order and as entries of runs: to be carried over, or verified where
 * they are (a backup). Rows are read in parts, so that the connection may write meanwhile.
 */
export function oldHistory(database: Database.Database): (room: string) => Generator<OldUpdate> {
  // Neither all columns nor all tables were always there.
  const columns = (database.pragma("table_info(room_update)") as { name: string }[]).map(({ name }) => name);
  const column = (name: string) => (columns.includes(name) ? name : "NULL");
  const page = database.prepare(
    `SELECT seq, epoch, principal_id AS principalId, received_at_ms AS receivedAtMs, touched, bytes,
            ${column("byte_length")} IS NOT NULL AS isPacked, ${column("checksum")} AS checksum
     FROM room_update WHERE room = ? AND seq > ? ORDER BY seq LIMIT ${rowsAtOnce}`,
  );
  const segments = columns.includes("byte_length")
    ? database
        .prepare("SELECT bytes FROM room_segment WHERE room = ? AND first_seq <= ? AND last_seq >= ?")
        .pluck()
    : undefined;
  return function* (room) {
    let open: ReadonlyMap<number, Uint8Array> = new Map();
    const unpacked = (seq: number) => {
      if (!open.has(seq)) open = unpackSegment(segments?.get(room, seq, seq) as Uint8Array | undefined);
      return open.get(seq);
    };
    let last = 0;
    for (let rows = page.all(room, 0); rows.length > 0; rows = page.all(room, last))
      for (const row of rows as OldRow[]) {
        last = row.seq;
        yield oldUpdate(room, row, row.isPacked === 1 ? unpacked(row.seq) : row.bytes);
      }
  };
}

function oldUpdate(room: string, row: OldRow, bytes: Uint8Array | undefined): OldUpdate {
  const { seq, epoch, isPacked } = row;
  const entry = encodeEntry({ ...row, bytes: bytes ?? new Uint8Array() });
  return { seq, epoch, entry, isPacked: isPacked === 1, checksum: checksumNow(room, row, entry, bytes) };
}

/** What was right stays so, and what was wrong: the old checksum was one of the entry alone. */
function checksumNow(
  room: string,
  { seq, epoch, checksum }: OldRow,
  entry: Uint8Array,
  bytes: Uint8Array | undefined,
): Checksum {
  if (checksum === neverFits || (checksum === null && bytes)) return checksum;
  const right = updateChecksum(placeChecksum(room, epoch), seq, entry);
  return bytes && checksum === crc32(entry) ? right : (right ^ 1) >>> 0;
}

/** For each update its sequence number (f64), its length (u32), its bytes; little-endian, in one zstd frame. */
function unpackSegment(segment: Uint8Array | undefined): ReadonlyMap<number, Uint8Array> {
  const updates = new Map<number, Uint8Array>();
  try {
    const plain = segment ? zstdDecompressSync(segment) : Buffer.alloc(0);
    for (let at = 0; at < plain.length; ) {
      const start = at + 12;
      const end = start + plain.readUInt32LE(at + 8);
      updates.set(plain.readDoubleLE(at), plain.subarray(start, end));
      at = end;
    }
  } catch {
    // A bit of it has turned: it has nothing to give.
  }
  return updates;
}
