import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import type { PresenceUser } from "#core/protocol/presence.ts";
import { Allowance } from "./allowance.ts";
import { FrameLedger } from "./frame-ledger.ts";
import type { RoomLimits } from "./limits.ts";
import { ackMessage, webSocketFrame } from "./messages.ts";
import type { RoomMetrics } from "./metrics.ts";
import { SynchronisationTurns } from "./synchronisation-turns.ts";

/** One person's open socket in one room. */
export class RoomSocket {
  readonly principal: PresenceUser;
  readonly mayWrite: boolean;
  readonly credential: string | undefined;
  /** Under which its upgrade stands in the log. */
  readonly requestId: string | undefined;
  readonly ledger = new FrameLedger();
  readonly synchronisations = new SynchronisationTurns();
  readonly webSocket: WebSocket;
  saidHello = false;
  /** It reads packed states. */
  acceptsPacked = false;
  /** The one client id this socket may show presence under. */
  presenceClientId: number | null = null;
  /** A step 1 of ours is unanswered: what it lacks is already on its way. */
  awaitsStep2 = false;
  /** Submitted, not yet on disk. */
  framesInFlight = 0;
  lastSentMs = 0;
  /** It has said something, if only a pong, since the last look at who is still there. */
  heardLately = true;
  /** It was pinged at the last look. */
  isAsked = false;
  /** What it says is not listened to any more. */
  isDeaf = false;
  #ended = false;
  #ackedFrames = 0;
  #bytesInFlight = 0;
  /** Of what it asked for itself, not yet on the wire. */
  #synchronisationBytes = 0;
  #whenCommitted: (() => void) | null = null;
  readonly #raw: Duplex;
  readonly #limits: RoomLimits;
  readonly #metrics: RoomMetrics;
  readonly #now: () => number;
  readonly #presenceAllowance: Allowance;

  constructor(
    webSocket: WebSocket,
    raw: Duplex,
    person: {
      readonly principal: PresenceUser;
      readonly mayWrite: boolean;
      readonly credential?: string;
    },
    server: {
      readonly limits: RoomLimits;
      readonly metrics: RoomMetrics;
      readonly now: () => number;
      readonly requestId?: string | undefined;
    },
  ) {
    this.webSocket = webSocket;
    this.#raw = raw;
    this.principal = person.principal;
    this.mayWrite = person.mayWrite;
    this.credential = person.credential;
    this.requestId = server.requestId;
    this.#limits = server.limits;
    this.#metrics = server.metrics;
    this.#now = server.now;
    const { presenceAtOnce, presencePerSecond } = server.limits;
    this.#presenceAllowance = new Allowance(presenceAtOnce, presencePerSecond, server.now());
  }

  /** False where it shows itself more often than anybody could see: what it says then is not even read. */
  mayShowPresence(): boolean {
    return this.#presenceAllowance.take(this.#now());
  }

  /** Nothing more is read from or sent to it. */
  get ended(): boolean {
    return this.#ended || this.webSocket.readyState !== WebSocket.OPEN;
  }

  /**
   * Write whole frames as they stand: no header is built per socket, and one write carries many. Nothing else compresses
   * or queues on this connection, so they cannot interleave with ws's own.
   */
  write(frames: Buffer, nowMs = this.#now(), written?: () => void): void {
    if (this.ended) return;
    const keepsUp = written ? this.#raw.write(frames, written) : this.#raw.write(frames);
    this.lastSentMs = nowMs;
    this.#metrics.sentBytes += frames.length;
    if (keepsUp) return;
    if (this.#raw.writableLength > this.#limits.cutAboveBytes + this.#synchronisationBytes) {
      this.#metrics.cutReaders++;
      this.#ended = true;
      this.webSocket.terminate();
    }
  }

  send(message: Uint8Array): void {
    this.write(webSocketFrame(message));
  }

  /** What it asked for itself: however much that is, it is no sign of a slow reader. */
  sendSynchronisation(messages: readonly Uint8Array[]): void {
    const frames = Buffer.concat(messages.map(webSocketFrame));
    this.#synchronisationBytes += frames.length;
    this.write(frames, this.#now(), () => {
      this.#synchronisationBytes -= frames.length;
    });
  }

  writePresence(frames: Buffer): void {
    if (this.#raw.writableLength > this.#limits.dropAwarenessAboveBytes) {
      this.#metrics.droppedAwareness++;
      return;
    }
    this.write(frames);
  }

  /** One of its frames is on disk. A whole synchronisation holds everything sent before it, also what was passed over for a gap. */
  finish(frame: number, isStep2: boolean): void {
    if (isStep2) this.ledger.finishUpTo(frame);
    else this.ledger.finish(frame);
    this.acknowledge();
  }

  /** Say how far this socket's frames are on disk, if that has grown. */
  acknowledge(): void {
    if (!this.saidHello) return;
    const { committed } = this.ledger;
    if (committed <= this.#ackedFrames) return;
    this.#ackedFrames = committed;
    this.send(ackMessage(committed));
  }

  frameSubmitted(bytes: number): void {
    this.framesInFlight++;
    this.#bytesInFlight += bytes;
    const { maxFramesInFlight, maxBytesInFlight } = this.#limits;
    if (this.framesInFlight >= maxFramesInFlight || this.#bytesInFlight >= maxBytesInFlight)
      this.webSocket.pause();
  }

  frameSettled(bytes: number): void {
    this.framesInFlight--;
    this.#bytesInFlight -= bytes;
    const { maxFramesInFlight, maxBytesInFlight } = this.#limits;
    const hasCaughtUp =
      this.framesInFlight < maxFramesInFlight / 2 && this.#bytesInFlight < maxBytesInFlight / 2;
    if (hasCaughtUp && this.webSocket.isPaused) this.webSocket.resume();
    if (this.framesInFlight === 0) this.#whenCommitted?.();
  }

  /** Read nothing more; act once all that was submitted is on disk and acknowledged. */
  stopReading(then: () => void): void {
    this.#hearNoMore();
    if (this.framesInFlight === 0) then();
    else this.#whenCommitted = then;
  }

  #hearNoMore(): void {
    this.isDeaf = true;
    this.webSocket.removeAllListeners("message");
  }

  close(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#hearNoMore();
    closePolitely(this.webSocket, code, reason, this.#limits.closeGraceMs);
  }
}

/** Close, and cut the connection where the other side does not answer. */
export function closePolitely(webSocket: WebSocket, code: number, reason: string, graceMs: number): void {
  // A paused socket would never read the answer.
  webSocket.resume();
  // 123 bytes are what a close frame can carry.
  webSocket.close(
    code,
    Buffer.from(reason)
      .subarray(0, 120)
      .toString("utf8")
      .replace(/\uFFFD+$/, ""),
  );
  const cut = setTimeout(() => webSocket.terminate(), graceMs);
  webSocket.once("close", () => clearTimeout(cut));
}
