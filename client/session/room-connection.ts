import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Awareness } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { closeCodes } from "#core/protocol/close-codes.ts";
import { type ClientHello, messageTypes, type Refusal, type ServerHello } from "#core/protocol/messages.ts";
import { protocolVersion } from "#core/protocol/version.ts";
import { countingSocket } from "./counting-socket.ts";
import type { FrameLedger } from "./frame-ledger.ts";
import { applyPackedUpdate } from "./packed-update.ts";
import { canUnpack, unpackingSocket } from "./unpacking-socket.ts";

/**
 * Where the socket is. not-stored: the server answers, but cannot put edits on its disk; it is asked again by itself. The
 * named ends are the server's decision: no retry until `connect()` is called.
 */
export type LinkStatus = "connecting" | "connected" | "offline" | "not-stored" | LinkEnd;
export type LinkEnd = "signed-out" | "no-right" | "gone" | "outdated" | "quota";

const endOfCode: Readonly<Record<number, LinkEnd>> = {
  [closeCodes.signIn]: "signed-out",
  [closeCodes.noRight]: "no-right",
  [closeCodes.noRoom]: "gone",
  [closeCodes.protocolVersion]: "outdated",
  [closeCodes.quota]: "quota",
};

/** How long is waited for a word of the server before the line counts as dead. */
export interface LinkPatience {
  /** The server says something at least every 18 s (PROTOCOL P4): longer silence is a dead line, whatever the socket says. */
  readonly silenceMs: number;
  /** For a socket to open at all. */
  readonly openMs: number;
}

export const defaultPatience: LinkPatience = { silenceMs: 25_000, openMs: 15_000 };

/** A server that cannot store is asked again after this, twice as long each time, up to `longestStoreRetryMs`. */
const firstStoreRetryMs = 500;
const longestStoreRetryMs = 15_000;

export interface RoomConnectionOptions {
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly serverUrl: string;
  readonly room: string;
  /** Epoch of the local copy in `doc`, or null for a fresh document. */
  readonly epoch: string | null;
  readonly ledger: FrameLedger;
  readonly WebSocketImpl: typeof WebSocket;
  readonly ticket?: (() => Promise<string>) | undefined;
  /** Whose copy this is: nobody else's sign-in may write it. */
  readonly principalId: string;
  readonly patience: LinkPatience;
  onHello(hello: ServerHello): void;
  onRefused(refusal: Refusal): void;
  /** Status, synchronisation or confirmation changed. */
  onChange(): void;
}

/** One Y.Doc on one room's socket: y-websocket's own provider with our messages, our counting and our close codes. */
export class RoomConnection {
  readonly #options: RoomConnectionOptions;
  readonly #provider: WebsocketProvider;
  #status: LinkStatus = "connecting";
  #hello: ServerHello | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #attempts = 0;
  #storeRetries = 0;
  /** When the socket that is not open yet was asked for. */
  #askedAtMs = 0;
  #watchedAtMs = Date.now();
  #lostAtMs: number | null = null;
  /** The server took this page's sign-in for somebody else's. */
  #foreign = false;
  readonly #watch: ReturnType<typeof setInterval>;
  #closed = false;
  #epoch: string | null;

  constructor(options: RoomConnectionOptions) {
    this.#options = options;
    this.#epoch = options.epoch;
    const { doc, awareness, ledger } = options;
    this.#provider = new WebsocketProvider(`${options.serverUrl}/sync`, options.room, doc, {
      connect: false,
      awareness,
      // Tabs would otherwise hand updates to each other before the server has them.
      disableBc: true,
      // Spread, so that a restarted server is not met by everybody in the same moment.
      maxBackoffTime: 2_000 + Math.random() * 6_000,
      shouldReconnect: (event) => this.#mayRetry(event.code) && !options.ticket,
      WebSocketPolyfill: countingSocket(unpackingSocket(options.WebSocketImpl), {
        hello: () => this.#encodeHello(),
        opened: () => ledger.reopened(),
        sent: (frame) => ledger.sent(frame),
      }),
    });
    this.#readMessages();
    this.#provider.on("status", ({ status }) => {
      if (status === "connected") {
        this.#lostAtMs = null;
        this.#become("connected");
      } else if (status === "connecting") this.#askedAtMs = Date.now();
    });
    this.#provider.on("sync", (synced) => {
      if (synced) this.#attempts = 0;
      options.onChange();
    });
    this.#provider.on("connection-close", (event) => this.#onClose(event));
    const { silenceMs, openMs } = options.patience;
    const patienceMs = Math.min(silenceMs, openMs);
    this.#watch = setInterval(() => {
      const now = Date.now();
      // A page that stood still has not listened: what was said meanwhile comes first, then silence is judged.
      const stoodStill = now - this.#watchedAtMs > patienceMs / 2;
      this.#watchedAtMs = now;
      if (!stoodStill) this.#cutDeadLine();
    }, patienceMs / 10);
    this.connect();
  }

  get status(): LinkStatus {
    return this.#status;
  }

  /** The server's state has arrived on this socket. */
  get synced(): boolean {
    return this.#provider.synced;
  }

  /** false until the server said so. */
  get mayWrite(): boolean {
    return this.#hello?.mayWrite ?? false;
  }

  /** Since when the line is down; null where it is not, or never was up. */
  get lostAtMs(): number | null {
    return this.#lostAtMs;
  }

  connect(): void {
    if (this.#closed) return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#foreign = false;
    if (this.#status !== "connected") this.#become("connecting");
    const { ticket } = this.#options;
    if (!ticket) this.#provider.connect();
    else
      ticket().then(
        (fresh) => {
          if (this.#closed) return;
          this.#provider.params = { ticket: fresh };
          this.#provider.connect();
        },
        () => this.#retryLater(),
      );
  }

  close(): void {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    clearInterval(this.#watch);
    this.#provider.destroy();
  }

  /** A cable that was pulled further away closes no socket here: only silence tells. */
  #cutDeadLine(): void {
    const { wsconnected, wsconnecting, wsLastMessageReceived } = this.#provider;
    const { silenceMs, openMs } = this.#options.patience;
    const now = Date.now();
    const silent = wsconnected && now - wsLastMessageReceived > silenceMs;
    if (!silent && !(wsconnecting && now - this.#askedAtMs > openMs)) return;
    this.#provider.disconnect();
    if (!this.#options.ticket) this.#provider.connect();
  }

  #onClose(event: CloseEvent | null): void {
    if (this.#closed) return;
    if (this.#foreign) {
      this.#become("signed-out");
      return;
    }
    const code = event?.code ?? 1006;
    // A line that died silently has been dead since the last word that came.
    this.#lostAtMs ??= (event === null && this.#provider.wsLastMessageReceived) || Date.now();
    if (code === closeCodes.copyRefused) {
      this.#options.onRefused({
        code: "epoch",
        what: "The server no longer takes this copy; what it lacks has been kept aside.",
      });
      return;
    }
    if (code === closeCodes.later) {
      // The provider would be back within 200 ms, for as long as the disk is full.
      const delayMs = Math.min(longestStoreRetryMs, firstStoreRetryMs * 2 ** this.#storeRetries++);
      this.#become("not-stored");
      this.#retry = setTimeout(() => this.connect(), delayMs * (0.75 + Math.random() / 2));
      return;
    }
    this.#become(endOfCode[code] ?? "offline");
    if (this.#options.ticket && this.#mayRetry(code)) this.#retryLater();
  }

  #mayRetry(code: number): boolean {
    if (code === closeCodes.later || code === closeCodes.copyRefused) return false;
    return !this.#closed && endOfCode[code] === undefined;
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#become("offline");
    const delayMs = Math.min(this.#provider.maxBackoffTime, 100 * 2 ** this.#attempts++);
    this.#retry = setTimeout(() => this.connect(), delayMs);
  }

  #become(status: LinkStatus): void {
    this.#status = status;
    this.#options.onChange();
  }

  #encodeHello(): Uint8Array {
    const hello: ClientHello = {
      ...{ protocolVersion, clientId: this.#options.doc.clientID, epoch: this.#epoch },
      accepts: canUnpack ? ["packed"] : [],
    };
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, messageTypes.hello);
    encoding.writeVarString(encoder, JSON.stringify(hello));
    return encoding.toUint8Array(encoder);
  }

  #readMessages(): void {
    const { ledger, onHello, onRefused, onChange } = this.#options;
    const handlers = this.#provider.messageHandlers;
    handlers[messageTypes.ack] = (_encoder, decoder) => {
      ledger.confirmed(decoding.readVarUint(decoder));
      if (ledger.settled) this.#storeRetries = 0;
      onChange();
    };
    handlers[messageTypes.hello] = (_encoder, decoder) => {
      const hello = JSON.parse(decoding.readVarString(decoder)) as ServerHello;
      if (this.#epoch !== null && this.#epoch !== hello.epoch) {
        onRefused({
          code: "epoch",
          what: "This micrograph was restored from a backup since; edits it does not hold have been kept aside.",
        });
        return;
      }
      if (hello.principalId !== this.#options.principalId) {
        // Somebody else has signed in meanwhile: what is drawn here is not theirs.
        this.#foreign = true;
        this.#provider.disconnect();
        return;
      }
      this.#epoch = hello.epoch;
      this.#hello = hello;
      onHello(hello);
      onChange();
    };
    handlers[messageTypes.packed] = (_encoder, decoder) => {
      const { doc } = this.#options;
      const apply = decoding.readVarUint(decoder) === 2 ? applyWhole : applyEach;
      doc.transact(() => apply(doc, decoder, this.#provider), this.#provider);
    };
    handlers[messageTypes.refused] = (_encoder, decoder) => {
      onRefused(JSON.parse(decoding.readVarString(decoder)) as Refusal);
    };
  }
}

function applyWhole(doc: Y.Doc, decoder: decoding.Decoder, origin: unknown): void {
  applyPackedUpdate(doc, decoding.readTailAsUint8Array(decoder), origin);
}

function applyEach(doc: Y.Doc, decoder: decoding.Decoder, origin: unknown): void {
  for (let left = decoding.readVarUint(decoder); left > 0; left--)
    Y.applyUpdate(doc, decoding.readVarUint8Array(decoder), origin);
}
