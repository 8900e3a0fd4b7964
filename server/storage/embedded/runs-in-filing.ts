import { entryEnds, type JournalRun, readRuns } from "./update-journal.ts";
import { mostInNewRun, type NewRun, RunBuilder } from "./update-run.ts";

/** The updates of many groups, by room: those that follow each other in one epoch become one run. */
export class RunsInFiling {
  readonly #open = new Map<string, RunBuilder>();
  readonly #ended: NewRun[] = [];

  /** @param isSound false: a bit of the group has turned, and each of its updates may be the one. */
  take(group: { readonly firstSeq: number; readonly entries: Uint8Array }, isSound: boolean): void {
    let seq = group.firstSeq;
    for (const run of readRuns(group.entries)) {
      this.#takeRun(seq, group.entries, run, isSound);
      seq += run.updates;
    }
  }

  /** All runs; within a room in order. Nothing more is taken after it. */
  end(): readonly NewRun[] {
    for (const run of this.#open.values()) this.#ended.push(run.end());
    this.#open.clear();
    return this.#ended;
  }

  #takeRun(firstSeq: number, blob: Uint8Array, run: JournalRun, isSound: boolean): void {
    let start = run.firstUpdate;
    let seq = firstSeq;
    for (const end of entryEnds(blob, run)) {
      this.#openFor(run, end - start).file(seq++, blob.subarray(start, end), isSound);
      start = end;
    }
  }

  #openFor({ room, epoch }: JournalRun, entryBytes: number): RunBuilder {
    const open = this.#open.get(room);
    if (open && open.epoch === epoch && open.hasRoomFor(entryBytes)) return open;
    if (open) this.#ended.push(open.end());
    const next = new RunBuilder(room, epoch, mostInNewRun);
    this.#open.set(room, next);
    return next;
  }
}
