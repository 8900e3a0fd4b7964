import type { DocumentLog } from "#server/storage/document-log.ts";
import type { RoomMetrics } from "./metrics.ts";
import type { RoomSocket } from "./room-socket.ts";

/** An accepted update on its way to the disk. */
export interface Submission {
  readonly bytes: Uint8Array;
  readonly principalId: string;
  readonly receivedAtMs: number;
  readonly touched: readonly string[];
  readonly newClients: readonly number[];
  readonly socket: RoomSocket | null;
  readonly committed: () => void;
  readonly failed: (cause: unknown) => void;
}

export interface Follower {
  readonly committed: () => void;
  readonly failed: (cause: unknown) => void;
}

interface Waiting {
  readonly submission: Submission;
  readonly followers: Follower[];
}

/**
 * One room's way to the disk: what arrives until the log begins a commit is one group, and while a group commits the next
 * collects.
 */
export class CommitPipeline {
  /** Sequence number of the last update on disk. */
  lastSeq: number;
  readonly #room: { readonly name: string; readonly epoch: string };
  readonly #log: DocumentLog;
  readonly #metrics: RoomMetrics;
  readonly #now: () => number;
  readonly #publish: (group: readonly Submission[]) => void;
  readonly #abandon: (lost: readonly Submission[], cause: unknown) => void;
  #collecting: Waiting[] = [];
  #committing: readonly Waiting[] = [];
  #scheduled = false;
  /** The log has been asked to commit, and will ask for the group when it begins. */
  #handedOver = false;
  #whenQuiet: (() => void)[] = [];

  constructor(options: {
    readonly room: { readonly name: string; readonly epoch: string };
    readonly lastSeq: number;
    readonly log: DocumentLog;
    readonly metrics: RoomMetrics;
    readonly now: () => number;
    /** A group is on disk: apply and broadcast it. Its submissions are told afterwards. */
    readonly publish: (group: readonly Submission[]) => void;
    /** The disk said no, to these and to all that were accepted after them. They are told afterwards. */
    readonly abandon: (lost: readonly Submission[], cause: unknown) => void;
  }) {
    this.#room = options.room;
    this.lastSeq = options.lastSeq;
    this.#log = options.log;
    this.#metrics = options.metrics;
    this.#now = options.now;
    this.#publish = options.publish;
    this.#abandon = options.abandon;
  }

  submit(submission: Submission): void {
    this.#collecting.push({ submission, followers: [] });
    this.#metrics.queued++;
    if (this.#scheduled || this.#handedOver) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#commit();
    });
  }

  /** Be told once everything submitted so far is on disk; at once where it is. */
  follow(follower: Follower): void {
    const last = this.#collecting.at(-1) ?? this.#committing.at(-1);
    if (last) last.followers.push(follower);
    else follower.committed();
  }

  /** Resolves once nothing waits for the disk. */
  quiet(): Promise<void> {
    if (this.#isQuiet) return Promise.resolve();
    return new Promise((resolve) => this.#whenQuiet.push(resolve));
  }

  get #isQuiet(): boolean {
    return !this.#handedOver && this.#collecting.length === 0;
  }

  async #commit(): Promise<void> {
    let startedMs = this.#now();
    this.#handedOver = true;
    try {
      const seqs = await this.#log.append(() => {
        startedMs = this.#now();
        this.#committing = this.#collecting;
        this.#collecting = [];
        return this.#committing.map(({ submission }) => this.#entryOf(submission));
      });
      this.lastSeq = seqs.at(-1)!;
    } catch (cause) {
      this.#handedOver = false;
      this.#fail(cause);
      this.#tellIfQuiet();
      return;
    }
    this.#handedOver = false;
    const group = this.#committing;
    this.#committing = [];
    this.#metrics.commitMs.record(this.#now() - startedMs);
    this.#metrics.queued -= group.length;
    // The next group is on its way before this one is told of.
    if (this.#collecting.length > 0) void this.#commit();
    this.#publish(group.map(({ submission }) => submission));
    for (const { submission, followers } of group) {
      submission.committed();
      for (const follower of followers) follower.committed();
    }
    this.#tellIfQuiet();
  }

  #tellIfQuiet(): void {
    if (this.#isQuiet) for (const resolve of this.#whenQuiet.splice(0)) resolve();
  }

  #fail(cause: unknown): void {
    const lost = [...this.#committing, ...this.#collecting];
    this.#metrics.queued -= lost.length;
    this.#committing = [];
    this.#collecting = [];
    this.#abandon(
      lost.map(({ submission }) => submission),
      cause,
    );
    for (const { submission, followers } of lost) {
      submission.failed(cause);
      for (const follower of followers) follower.failed(cause);
    }
  }

  #entryOf({ bytes, principalId, receivedAtMs, touched, newClients }: Submission) {
    return {
      room: this.#room.name,
      epoch: this.#room.epoch,
      bytes,
      principalId,
      receivedAtMs,
      touched,
      bind: newClients.map((clientId) => ({ clientId, principalId })),
    };
  }
}
