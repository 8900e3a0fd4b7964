import { syncMessage, syncSteps, webSocketFrame } from "./messages.ts";
import type { RoomMetrics } from "./metrics.ts";
import type { RoomSocket } from "./room-socket.ts";

interface Outgoing {
  readonly frame: Buffer;
  readonly sender: RoomSocket | null;
  readonly receivedAtMs: number;
}

/**
 * Committed updates on their way to the others. A lone edit leaves at once; edits that follow within the window leave
 * together in one write a socket. Each frame is built once, and nobody gets their own back.
 */
export class EditBroadcast {
  readonly #sockets: ReadonlySet<RoomSocket>;
  readonly #metrics: RoomMetrics;
  readonly #windowMs: number;
  readonly #now: () => number;
  #waiting: Outgoing[] = [];
  #timer: NodeJS.Timeout | null = null;
  #lastFlushMs = 0;

  constructor(
    sockets: ReadonlySet<RoomSocket>,
    options: { readonly metrics: RoomMetrics; readonly windowMs: number; readonly now: () => number },
  ) {
    this.#sockets = sockets;
    this.#metrics = options.metrics;
    this.#windowMs = options.windowMs;
    this.#now = options.now;
  }

  add(update: Uint8Array, sender: RoomSocket | null, receivedAtMs: number): void {
    this.#waiting.push({
      frame: webSocketFrame(syncMessage(syncSteps.update, update)),
      sender,
      receivedAtMs,
    });
  }

  /** The group is complete: send it now, or when the window since the last one ends. */
  schedule(): void {
    if (this.#timer || this.#waiting.length === 0) return;
    const sinceLastMs = this.#now() - this.#lastFlushMs;
    if (sinceLastMs >= this.#windowMs) this.flush();
    else this.#timer = setTimeout(() => this.flush(), this.#windowMs - sinceLastMs);
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const group = this.#waiting;
    if (group.length === 0) return;
    this.#waiting = [];
    const now = (this.#lastFlushMs = this.#now());
    const joined = group.length === 1 ? group[0]!.frame : Buffer.concat(group.map(({ frame }) => frame));
    const senders = new Set(group.map(({ sender }) => sender));
    for (const socket of this.#sockets) {
      if (!senders.has(socket)) {
        socket.write(joined);
        this.#metrics.deliveries += group.length;
        continue;
      }
      const others = group.filter(({ sender }) => sender !== socket);
      if (others.length === 0) continue;
      socket.write(Buffer.concat(others.map(({ frame }) => frame)));
      this.#metrics.deliveries += others.length;
    }
    for (const { receivedAtMs } of group) this.#metrics.echoMs.record(now - receivedAtMs);
  }
}
