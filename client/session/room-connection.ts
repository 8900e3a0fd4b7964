import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Awareness } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import type * as Y from "yjs";
import { closeCodes } from "#core/protocol/close-codes.ts";
import { type ClientHello, messageTypes, type Refusal, type ServerHello } from "#core/protocol/messages.ts";
import { protocolVersion } from "#core/protocol/version.ts";
import { countingSocket } from "./counting-socket.ts";
import type { FrameLedger } from "./frame-ledger.ts";

/** Where the socket is. The named ends are the server's decision: no retry until `connect()` is called. */
export type LinkStatus = "connecting" | "connected" | "offline" | LinkEnd;
export type LinkEnd = "signed-out" | "no-right" | "gone" | "outdated" | "quota";

const endOfCode: Readonly<Record<number, LinkEnd>> = {
  [closeCodes.signIn]: "signed-out",
  [closeCodes.noRight]: "no-right",
  [closeCodes.noRoom]: "gone",
  [closeCodes.protocolVersion]: "outdated",
  [closeCodes.quota]: "quota",
};

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
      WebSocketPolyfill: countingSocket(options.WebSocketImpl, {
        hello: () => this.#encodeHello(),
        opened: () => ledger.reopened(),
        sent: (frame) => ledger.sent(frame),
      }),
    });
    this.#readMessages();
    this.#provider.on("status", ({ status }) => {
      if (status === "connected") this.#become("connected");
    });
    this.#provider.on("sync", (synced) => {
      if (synced) this.#attempts = 0;
      options.onChange();
    });
    this.#provider.on("connection-close", (event) => this.#onClose(event));
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

  connect(): void {
    if (this.#closed) return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
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
    this.#provider.destroy();
  }

  #onClose(event: CloseEvent | null): void {
    if (this.#closed) return;
    const code = event?.code ?? 1006;
    if (code === closeCodes.copyRefused) {
      this.#options.onRefused({
        code: "epoch",
        what: "The server no longer takes this copy; what it lacks has been kept aside.",
      });
      return;
    }
    this.#become(endOfCode[code] ?? "offline");
    if (this.#options.ticket && this.#mayRetry(code)) this.#retryLater();
  }

  #mayRetry(code: number): boolean {
    return !this.#closed && endOfCode[code] === undefined && code !== closeCodes.copyRefused;
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
    const hello: ClientHello = { protocolVersion, clientId: this.#options.doc.clientID, epoch: this.#epoch };
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
      this.#epoch = hello.epoch;
      this.#hello = hello;
      onHello(hello);
      onChange();
    };
    handlers[messageTypes.refused] = (_encoder, decoder) => {
      onRefused(JSON.parse(decoding.readVarString(decoder)) as Refusal);
    };
  }
}
