import type { Append } from "../document-log.ts";

/**
 * How one commit's updates lie in one blob of `room_journal`: whatever it carries, a group is one row, one message to the
 * writer thread and one sequential write. Runs follow each other; a run is what one batch holds for one room and epoch:
 *
 *     run     u32 bytes of the run with this field · u32 batch · text room · text epoch · u32 updates · binding count u32
 *             · bindings · updates
 *     binding f64 client id · text principal
 *     update  text principal · f64 received at, ms · text touched (JSON) · u32 length · bytes: its entry
 *     text    u32 length in bytes · UTF-8
 *
 * Little-endian throughout. `batch` says which of the group's batches a run belongs to; it means nothing on disk.
 */
export interface JournalRun {
  readonly batch: number;
  readonly room: string;
  readonly epoch: string;
  readonly updates: number;
  readonly bindings: readonly { readonly clientId: number; readonly principalId: string }[];
  /** Where the run lies in its blob. */
  readonly start: number;
  readonly end: number;
  /** Where its first update lies. */
  readonly firstUpdate: number;
}

export interface JournalUpdate {
  readonly principalId: string;
  readonly receivedAtMs: number;
  /** Ids of the marks it changed, as JSON. */
  readonly touched: string;
  readonly bytes: Uint8Array;
}

/** A run ends here, and another begins: no row of the journal grows beyond what SQLite takes. */
const maxRunBytes = 16 * 1024 * 1024;
const usualBytes = 64 * 1024;

let scratch = Buffer.allocUnsafeSlow(usualBytes);
let end = 0;

/** The group as one blob of its own memory, ready to be handed to another thread. */
export function encodeGroup(batches: readonly (readonly Append[])[]): Uint8Array<ArrayBuffer> {
  end = 0;
  batches.forEach((batch, n) => {
    for (let from = 0; from < batch.length; ) {
      const { room, epoch } = batch[from]!;
      let to = from;
      let bytes = 0;
      while (
        to < batch.length &&
        batch[to]!.room === room &&
        batch[to]!.epoch === epoch &&
        bytes < maxRunBytes
      )
        bytes += batch[to++]!.bytes.length;
      encodeRun(n, batch, from, to);
      from = to;
    }
  });
  const group = new Uint8Array(scratch.subarray(0, end));
  if (scratch.length > 16 * usualBytes) scratch = Buffer.allocUnsafeSlow(usualBytes);
  return group;
}

function encodeRun(n: number, batch: readonly Append[], from: number, to: number): void {
  const start = end;
  u32(0);
  u32(n);
  text(batch[from]!.room);
  text(batch[from]!.epoch);
  u32(to - from);
  const countAt = end;
  u32(0);
  let bindings = 0;
  for (let i = from; i < to; i++) {
    for (const { clientId, principalId } of batch[i]!.bind) {
      f64(clientId);
      text(principalId);
      bindings++;
    }
  }
  scratch.writeUInt32LE(bindings, countAt);
  for (let i = from; i < to; i++) {
    const { principalId, receivedAtMs, touched, bytes } = batch[i]!;
    update(principalId, receivedAtMs, JSON.stringify(touched), bytes);
  }
  scratch.writeUInt32LE(end - start, start);
}

/** An entry by itself, of its own memory. */
export function encodeEntry({ principalId, receivedAtMs, touched, bytes }: JournalUpdate): Uint8Array {
  end = 0;
  update(principalId, receivedAtMs, touched, bytes);
  return new Uint8Array(scratch.subarray(0, end));
}

/** The runs of a blob, in order; their updates are not read yet. @throws RangeError where it is no such blob */
export function readRuns(blob: Uint8Array): JournalRun[] {
  const view = asBuffer(blob);
  const runs: JournalRun[] = [];
  for (let start = 0; start < view.length; start = runs.at(-1)!.end) runs.push(readRun(view, start));
  return runs;
}

function readRun(view: Buffer, start: number): JournalRun {
  const end = start + view.readUInt32LE(start);
  if (end <= start || end > view.length) throw new RangeError("a run that ends outside of its blob");
  const batch = view.readUInt32LE(start + 4);
  const reader = new Reader(view, start + 8);
  const room = reader.text();
  const epoch = reader.text();
  const updates = reader.u32();
  const bindings: JournalRun["bindings"][number][] = [];
  for (let left = reader.u32(); left > 0; left--)
    bindings.push({ clientId: reader.f64(), principalId: reader.text() });
  return { batch, room, epoch, updates, bindings, start, end, firstUpdate: reader.at };
}

/** The updates of one run, in order. @throws RangeError where they do not end with it */
export function readUpdates(blob: Uint8Array, run: JournalRun): JournalUpdate[] {
  let start = run.firstUpdate;
  return entryEnds(blob, run).map((end) => {
    const entry = blob.subarray(start, end);
    start = end;
    return readEntry(entry);
  });
}

/**
 * Where the entries of one run end; each begins where the one before it ends, the first at `firstUpdate`.
 * @throws RangeError where the last does not end with the run
 */
export function entryEnds(blob: Uint8Array, { firstUpdate, updates, end }: JournalRun): number[] {
  const reader = new Reader(asBuffer(blob), firstUpdate);
  const ends: number[] = [];
  for (let left = updates; left > 0; left--) {
    reader.skip();
    reader.at += 8;
    reader.skip();
    reader.skip();
    ends.push(reader.at);
  }
  if (reader.at !== end) throw new RangeError("updates that do not end where their run does");
  return ends;
}

/** The update of one entry. @throws RangeError where it is none, whole */
export function readEntry(entry: Uint8Array): JournalUpdate {
  const reader = new Reader(asBuffer(entry), 0);
  const update = {
    principalId: reader.text(),
    receivedAtMs: reader.f64(),
    touched: reader.text(),
    bytes: reader.bytes(),
  };
  if (reader.at !== entry.length) throw new RangeError("an update that does not end with its entry");
  return update;
}

/** The marks an update changed; none where a bit of them has turned so that they cannot be read. */
export function marksIn(touched: string): readonly string[] {
  try {
    const marks: unknown = JSON.parse(touched);
    return Array.isArray(marks) ? marks.map(String) : [];
  } catch {
    return [];
  }
}

class Reader {
  at: number;
  readonly #view: Buffer;

  constructor(view: Buffer, at: number) {
    this.#view = view;
    this.at = at;
  }

  u32(): number {
    this.at += 4;
    return this.#view.readUInt32LE(this.at - 4);
  }

  f64(): number {
    this.at += 8;
    return this.#view.readDoubleLE(this.at - 8);
  }

  bytes(): Uint8Array {
    const length = this.u32();
    this.at += length;
    return this.#view.subarray(this.at - length, this.at);
  }

  /** Past a text, or bytes. */
  skip(): void {
    const length = this.u32();
    this.at += length;
  }

  text(): string {
    const length = this.u32();
    this.at += length;
    return this.#view.toString("utf8", this.at - length, this.at);
  }
}

function update(principalId: string, receivedAtMs: number, touched: string, bytes: Uint8Array): void {
  text(principalId);
  f64(Math.round(receivedAtMs));
  text(touched);
  u32(bytes.length);
  reserve(bytes.length);
  scratch.set(bytes, end);
  end += bytes.length;
}

const asBuffer = (blob: Uint8Array) => Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);

function reserve(bytes: number): void {
  if (end + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * scratch.length, end + bytes));
  scratch.copy(larger, 0, 0, end);
  scratch = larger;
}

function u32(value: number): void {
  reserve(4);
  end = scratch.writeUInt32LE(value, end);
}

function f64(value: number): void {
  reserve(8);
  end = scratch.writeDoubleLE(value, end);
}

function text(value: string): void {
  // No UTF-16 unit takes more than three bytes.
  reserve(4 + 3 * value.length);
  const length = scratch.write(value, end + 4, "utf8");
  scratch.writeUInt32LE(length, end);
  end += 4 + length;
}
