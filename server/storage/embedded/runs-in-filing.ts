import { neverFits, placeChecksum, updateChecksum } from "./checksums.ts";
import { entriesOf, type JournalRun, readRuns } from "./update-journal.ts";
import { makeRun, mostInNewRun, type NewRun, type RunEntry } from "./update-run.ts";

interface OpenRun {
  readonly epoch: string;
  readonly place: number;
  readonly entries: RunEntry[];
  bytes: number;
}

/** The updates of many groups, by room: those that follow each other in one epoch become one run. */
export class RunsInFiling {
  readonly #open = new Map<string, OpenRun>();
  readonly #ended: NewRun[] = [];

  /** @param isSound false: a bit of the group has turned, and each of its updates may be the one. */
  take(group: { readonly firstSeq: number; readonly entries: Uint8Array }, isSound: boolean): void {
    let seq = group.firstSeq;
    for (const run of readRuns(group.entries)) seq = this.#takeRun(seq, group.entries, run, isSound);
  }

  /** All runs; within a room in order. Nothing more is taken after it. */
  end(): readonly NewRun[] {
    for (const [room, run] of this.#open) this.#end(room, run);
    this.#open.clear();
    return this.#ended;
  }

  #takeRun(firstSeq: number, blob: Uint8Array, journalRun: JournalRun, isSound: boolean): number {
    const { room, epoch } = journalRun;
    let seq = firstSeq;
    for (const entry of entriesOf(blob, journalRun)) {
      const run = this.#roomFor(entry, room, epoch);
      const checksum = isSound ? updateChecksum(run.place, seq, entry) : neverFits;
      run.entries.push({ seq: seq++, entry, checksum });
      run.bytes += entry.length;
    }
    return seq;
  }

  #roomFor(entry: Uint8Array, room: string, epoch: string): OpenRun {
    const open = this.#open.get(room);
    const isFull =
      open &&
      (open.entries.length === mostInNewRun.updates || open.bytes + entry.length > mostInNewRun.bytes);
    if (open && open.epoch === epoch && !isFull) return open;
    if (open) this.#end(room, open);
    const next: OpenRun = { epoch, place: placeChecksum(room, epoch), entries: [], bytes: 0 };
    this.#open.set(room, next);
    return next;
  }

  #end(room: string, { epoch, entries }: OpenRun): void {
    this.#ended.push(makeRun(room, epoch, entries));
  }
}
