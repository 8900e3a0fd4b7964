/** Counts of values in fixed buckets: enough for /metrics and for quantiles good to a bucket's width. */
export class Histogram {
  /** Upper bounds, rising; one more bucket takes the rest. */
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  record(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
    this.count++;
  }
}

const latencyBoundsMs = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096] as const;

/** What the room server counts, for /metrics. */
export class RoomMetrics {
  rooms = 0;
  sockets = 0;
  people = 0;
  committedUpdates = 0;
  committedBytes = 0;
  sentBytes = 0;
  deliveries = 0;
  refusals = 0;
  cutReaders = 0;
  droppedAwareness = 0;
  /** Updates waiting for the disk. */
  queued = 0;
  /** From handing a group to the log until it is on disk. */
  readonly commitMs = new Histogram(latencyBoundsMs);
  /** From receiving an update until it was written to the other sockets. */
  readonly echoMs = new Histogram(latencyBoundsMs);
}
