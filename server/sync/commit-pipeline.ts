import type { Append, DocumentLog } from "#server/storage/document-log.ts";
import type { RoomMetrics } from "./metrics.ts";
import type { RoomSocket } from "./room-socket.ts";

export interface Follower {
  committed(): void;
  failed(cause: unknown): void;
}

/** An accepted update on its way to the disk, and from there to the others. The log takes it as it stands. */
export interface Submission extends Append, Follower {
  readonly newClients: readonly number[];
  /** Whose it is; they are not sent it back. */
  readonly socket: RoomSocket | null;
  /** The WebSocket frame that carries it to the others. */
  readonly frame: Buffer;
  /** Who else waits for it; filled by the pipeline. */
  followers: Follower[] | null;
}

/**
 * One room's way to the disk: what arrives until the log begins a commit is one group, and while a group commits the next
 * collects.
 */
export class CommitPipeline {
  /** Sequence number of the last update on disk. */
  lastSeq: number;
  readonly #log: DocumentLog;
  readonly #metrics: RoomMetrics;
  readonly #now: () => number;
  readonly #publish: (group: readonly Submission[]) => void;
  readonly #abandon: (lost: readonly Submission[], cause: unknown) => void;
  #collecting: Submission[] = [];
  #committing: readonly Submission[] = [];
  #startedMs = 0;
  /** The log has been asked to commit, and will ask for the group when it begins. */
  #handedOver = false;
  #whenQuiet: (() => void)[] = [];

  constructor(options: {
    readonly lastSeq: number;
    readonly log: DocumentLog;
    readonly metrics: RoomMetrics;
    readonly now: () => number;
    /** A group is on disk: apply and broadcast it. Its submissions are told afterwards. */
    readonly publish: (group: readonly Submission[]) => void;
    /** The disk said no, to these and to all that were accepted after them. They are told afterwards. */
    readonly abandon: (lost: readonly Submission[], cause: unknown) => void;
  }) {
    this.lastSeq = options.lastSeq;
    this.#log = options.log;
    this.#metrics = options.metrics;
    this.#now = options.now;
    this.#publish = options.publish;
    this.#abandon = options.abandon;
  }

  submit(submission: Submission): void {
    this.#collecting.push(submission);
    this.#metrics.queued++;
    if (!this.#handedOver) this.#handOver();
  }

  /** Be told once everything submitted so far is on disk; at once where it is. */
  follow(follower: Follower): void {
    const last = this.#collecting.at(-1) ?? this.#committing.at(-1);
    if (!last) follower.committed();
    else if (last.followers) last.followers.push(follower);
    else last.followers = [follower];
  }

  /** Resolves once nothing waits for the disk. */
  quiet(): Promise<void> {
    if (this.#isQuiet) return Promise.resolve();
    return new Promise((resolve) => this.#whenQuiet.push(resolve));
  }

  get #isQuiet(): boolean {
    return !this.#handedOver && this.#collecting.length === 0;
  }

  #handOver(): void {
    this.#handedOver = true;
    this.#startedMs = this.#now();
    this.#log.append(this.#begin).then(this.#finish, this.#fail);
  }

  /** The log begins: what has collected is the group. */
  readonly #begin = (): readonly Submission[] => {
    this.#startedMs = this.#now();
    this.#committing = this.#collecting;
    this.#collecting = [];
    return this.#committing;
  };

  readonly #finish = (seqs: readonly number[]): void => {
    const group = this.#committing;
    this.#committing = [];
    this.#handedOver = false;
    this.lastSeq = seqs.at(-1)!;
    this.#metrics.commitMs.record(this.#now() - this.#startedMs);
    this.#metrics.queued -= group.length;
    // The next group is on its way before this one is told of.
    if (this.#collecting.length > 0) this.#handOver();
    this.#publish(group);
    for (const submission of group) {
      submission.committed();
      if (submission.followers) for (const follower of submission.followers) follower.committed();
    }
    this.#tellIfQuiet();
  };

  readonly #fail = (cause: unknown): void => {
    const lost = [...this.#committing, ...this.#collecting];
    this.#handedOver = false;
    this.#metrics.queued -= lost.length;
    this.#committing = [];
    this.#collecting = [];
    this.#abandon(lost, cause);
    for (const submission of lost) {
      submission.failed(cause);
      if (submission.followers) for (const follower of submission.followers) follower.failed(cause);
    }
    this.#tellIfQuiet();
  };

  #tellIfQuiet(): void {
    if (this.#whenQuiet.length > 0 && this.#isQuiet)
      for (const resolve of this.#whenQuiet.splice(0)) resolve();
  }
}
