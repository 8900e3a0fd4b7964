import { promisify } from "node:util";
import { constants, zstdCompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type Checksum, neverFits, placeChecksum, updateChecksum } from "./checksums.ts";
import type { SqlValue } from "./statement.ts";
import { type JournalUpdate, readEntry } from "./update-journal.ts";

/**
 * A row of `room_run`: updates of one room and epoch, one after the other as they came; those of other rooms may have
 * numbers in between. In `bytes`, for each update a head, then for each its entry as the journal had it:
 *
 *     head    f64 sequence number · f64 checksum, or one of two numbers below zero · u32 where its entry begins
 *
 * Little-endian. Where it begins, and not how long it is: a bit that turns there costs two entries, not all that follow.
 */
export interface StoredRun {
  readonly room: string;
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly updates: number;
  /** 1: all of `bytes` in one zstd frame with a checksum of its own. */
  readonly packed: 0 | 1;
  readonly bytes: Uint8Array;
}

/** An update before its run is made, or read from one: its entry is as it stands there. */
export interface RunEntry {
  readonly seq: number;
  readonly entry: Uint8Array;
  /** `updateChecksum` of it; null where a Lamella wrote it that made none. */
  readonly checksum: Checksum;
}

/** An update of a run. */
export interface StoredUpdate extends RunEntry, JournalUpdate {
  readonly epoch: string;
  /** What its checksum begins with. */
  readonly place: number;
}

/** A run as it is written: what its entries take unpacked is kept beside it, for milestones. */
export interface NewRun extends StoredRun {
  readonly entryBytes: number;
}

/** The columns of a `StoredRun`. */
export const runColumns =
  "room, epoch, first_seq AS firstSeq, last_seq AS lastSeq, updates, packed, bytes" as const;

export const insertRunSql = `
  INSERT INTO room_run (room, epoch, first_seq, last_seq, updates, entry_bytes, packed, bytes)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

export const runValues = (run: NewRun): SqlValue[] => [
  ...[run.room, run.epoch, run.firstSeq, run.lastSeq, run.updates, run.entryBytes, run.packed, run.bytes],
];

/** Of an update whose time has changed into none. */
export const unknownTimeMs = 0;

const headBytes = 20;
const usualEntryBytes = 1_024;
const noChecksum = -2;

/** So much goes into a run when it is filed: a bit that turns in its head costs no more than that. */
export const mostInNewRun = { updates: 256, bytes: 1024 * 1024 } as const;

/** So much goes into one packed run: a moment is made again by unpacking the one or two it lies in. */
export const mostInPackedRun = { updates: 2_000, bytes: 8 * 1024 * 1024 } as const;

/** How much goes into one run. */
type Most = { readonly updates: number; readonly bytes: number };

/** Makes a run of updates as they come, in order. What it is given is copied at once: thousands of runs grow side by side. */
export class RunBuilder {
  readonly epoch: string;
  readonly #room: string;
  readonly #place: number;
  readonly #most: Most;
  readonly #seqs: number[] = [];
  readonly #checksums: number[] = [];
  readonly #starts: number[] = [];
  #entries = Buffer.allocUnsafe(usualEntryBytes);
  #length = 0;

  constructor(room: string, epoch: string, most: Most) {
    this.epoch = epoch;
    this.#room = room;
    this.#place = placeChecksum(room, epoch);
    this.#most = most;
  }

  /** Whether another entry of so many bytes belongs in it; into an empty one goes any. */
  hasRoomFor(entryBytes: number): boolean {
    const { updates, bytes } = this.#most;
    const count = this.#seqs.length;
    return count === 0 || (count < updates && this.#length + entryBytes <= bytes);
  }

  /** Take an update whose checksum is known. */
  add({ seq, entry, checksum }: RunEntry): void {
    this.#put(seq, checksum ?? noChecksum, entry);
  }

  /** Take an update as it comes from the journal. @param isSound false: it may have changed since it was written */
  file(seq: number, entry: Uint8Array, isSound: boolean): void {
    this.#put(seq, isSound ? updateChecksum(this.#place, seq, entry) : neverFits, entry);
  }

  /** The run; nothing more is put into it. It holds one update at least. */
  end(): NewRun {
    const [firstSeq, lastSeq] = [this.#seqs[0]!, this.#seqs.at(-1)!];
    const updates = this.#seqs.length;
    const heads = updates * headBytes;
    const bytes = Buffer.allocUnsafe(heads + this.#length);
    for (let i = 0; i < updates; i++) {
      const head = i * headBytes;
      bytes.writeDoubleLE(this.#seqs[i]!, head);
      bytes.writeDoubleLE(this.#checksums[i]!, head + 8);
      bytes.writeUInt32LE(heads + this.#starts[i]!, head + 16);
    }
    this.#entries.copy(bytes, heads, 0, this.#length);
    const place = { room: this.#room, epoch: this.epoch };
    return { ...place, firstSeq, lastSeq, updates, entryBytes: this.#length, packed: 0, bytes };
  }

  #put(seq: number, checksum: number, entry: Uint8Array): void {
    const end = this.#length + entry.length;
    if (end > this.#entries.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.#entries.length, end));
      this.#entries.copy(larger, 0, 0, this.#length);
      this.#entries = larger;
    }
    this.#entries.set(entry, this.#length);
    this.#seqs.push(seq);
    this.#checksums.push(checksum);
    this.#starts.push(this.#length);
    this.#length = end;
  }
}

/**
 * The updates of a run, in order.
 * @returns beside them how many are lost, because bits have turned that they cannot be told apart without
 */
export function readRun(run: StoredRun): { readonly updates: StoredUpdate[]; readonly lost: number } {
  const updates: StoredUpdate[] = [];
  const bytes = plainBytes(run);
  if (!bytes) return { updates, lost: run.updates };
  const place = placeChecksum(run.room, run.epoch);
  let last = run.firstSeq - 1;
  for (let i = 0; i < run.updates; i++) {
    const head = i * headBytes;
    if (head + 2 * headBytes > bytes.length) break;
    const isLast = i === run.updates - 1;
    const said = bytes.readDoubleLE(head);
    const next = isLast ? run.lastSeq + 1 : bytes.readDoubleLE(head + headBytes);
    const checksum = bytes.readDoubleLE(head + 8);
    const start = bytes.readUInt32LE(head + 16);
    const end = isLast ? bytes.length : bytes.readUInt32LE(head + headBytes + 16);
    const entry = bytes.subarray(start, end);
    // A number that does not fit between the others has changed, or one beside it has.
    const isRight = (said > last && said < next) || checksum === updateChecksum(place, said, entry);
    const seq = isRight && Number.isInteger(said) ? said : last + 1;
    last = seq;
    try {
      const known = checksum === noChecksum ? null : checksum;
      updates.push(storedUpdate(run.epoch, place, { seq, entry, checksum: known }));
    } catch {
      // It is among the lost.
    }
  }
  return { updates, lost: run.updates - updates.length };
}

/** @throws RangeError where the entry is none */
export function storedUpdate(epoch: string, place: number, { seq, entry, checksum }: RunEntry): StoredUpdate {
  const { principalId, receivedAtMs, touched, bytes } = readEntry(entry);
  // Nobody downstream has to reckon with a time that a turned bit has made none; the checksum tells of it.
  const atMs = new Date(receivedAtMs).getTime() || unknownTimeMs;
  return { seq, entry, checksum, epoch, place, principalId, receivedAtMs: atMs, touched, bytes };
}

function plainBytes({ packed, bytes }: StoredRun): Buffer | undefined {
  try {
    const plain = packed === 1 ? zstdDecompressSync(bytes) : bytes;
    return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
  } catch {
    return undefined;
  }
}

const packing = { params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: 6 } };
const compress = promisify(zstdCompress);

/** The same run in less space: updates resemble each other, and together take a third of it. */
export async function packRun(run: NewRun): Promise<NewRun> {
  return { ...run, packed: 1, bytes: await compress(run.bytes, packing) };
}

export function packRunAtOnce(run: NewRun): NewRun {
  return { ...run, packed: 1, bytes: zstdCompressSync(run.bytes, packing) };
}
