import * as Y from "yjs";
import { createStore, type StoreApi } from "zustand/vanilla";
import { type AnnotationDocument, openAnnotationDocument } from "#core/document/annotation-document.ts";
import type { Refusal } from "#core/protocol/messages.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import { type ConnectionState, connectionState } from "./connection-state.ts";
import { CopyStore } from "./copy-store.ts";
import { createRescue, type Rescue } from "./rescue.ts";
import type { LinkPatience } from "./room-connection.ts";
import { RoomCopy } from "./room-copy.ts";
import { type Presence, RoomPresence } from "./room-presence.ts";

export interface AnnotationSession {
  /** The document as it is now: `current.getState().document`. A refusal replaces it: components read `current`. */
  readonly document: AnnotationDocument;
  readonly current: StoreApi<{ readonly document: AnnotationDocument }>;
  readonly connection: StoreApi<ConnectionState>;
  /** Copies the server refused, this time or before a reload, until the person retries or discards them. */
  readonly rescues: StoreApi<{ readonly rescues: readonly Rescue[] }>;
  readonly presence: Presence;
  /** What is drawn here outlives the tab; false where the browser keeps nothing. */
  readonly keepsCopy: boolean;
  /** After signing in again, or to try at once instead of waiting. */
  reconnect(): void;
  /** Close, and delete the local copy (sign-out). @returns how many edits had not reached the server: ask before */
  forgetLocalCopy(): Promise<number>;
  close(): Promise<void>;
}

export interface AnnotationSessionOptions {
  readonly micrographId: string;
  /** Base of the server's WebSocket address: ws://host:port or wss://host; the room is `<base>/sync/<room>`. */
  readonly serverUrl: string;
  readonly principalId: string;
  readonly WebSocketImpl?: typeof WebSocket;
  /** false: nothing is kept on this computer. Default: wherever the platform has IndexedDB. */
  readonly localCopy?: boolean;
  /** For programs without a cookie: a fresh one-time ticket before each connection. */
  readonly ticket?: () => Promise<string>;
  /** How long a silent line counts as alive; shorter in tests. */
  readonly patience?: LinkPatience;
}

/** A server that refuses even fresh copies is asked at once this often, then after a pause. */
const refusalsAtOnce = 3;
const pauseAfterRefusalsMs = 30_000;

/** Open a micrograph's marks: local copy first, then the room. Returns at once; `connection` says how far it is. */
export function openAnnotationSession(options: AnnotationSessionOptions): AnnotationSession {
  return new RoomAnnotationSession(options);
}

class RoomAnnotationSession implements AnnotationSession {
  readonly current: StoreApi<{ readonly document: AnnotationDocument }>;
  readonly connection: StoreApi<ConnectionState>;
  readonly rescues: StoreApi<{ readonly rescues: readonly Rescue[] }>;
  readonly presence: RoomPresence;
  readonly #options: AnnotationSessionOptions;
  readonly #room: string;
  readonly #store: CopyStore | null;
  #copy: RoomCopy;
  #offlineSinceMs: number | null = null;
  #notStoredSinceMs: number | null = null;
  /** The refusal the screen speaks of, until its rescue is dealt with. */
  #refused: Rescue | null = null;
  #refusals = 0;
  /** The copy whose first synchronisation the rescues have been compared with. */
  #compared: RoomCopy | null = null;
  #closed = false;

  constructor(options: AnnotationSessionOptions) {
    this.#options = options;
    this.#room = formatRoomName({ kind: "annotations", micrographId: options.micrographId });
    const keeps = options.localCopy ?? typeof indexedDB !== "undefined";
    this.#store = keeps ? new CopyStore(options.serverUrl, this.#room, options.principalId) : null;
    this.connection = createStore<ConnectionState>(() => ({ state: "connecting", waiting: 0 }));
    this.rescues = createStore(() => ({ rescues: [] as readonly Rescue[] }));
    this.#copy = this.#openCopy();
    this.current = createStore(() => ({ document: openAnnotationDocument(this.#copy.doc) }));
    this.presence = new RoomPresence(this.#copy.awareness);
    void this.#findRescues();
  }

  get document(): AnnotationDocument {
    return this.current.getState().document;
  }

  get keepsCopy(): boolean {
    return this.#copy.keeps;
  }

  reconnect(): void {
    this.#copy.connection?.connect();
  }

  async forgetLocalCopy(): Promise<number> {
    const { waiting } = this.#copy.ledger;
    this.#end();
    await this.#copy.forget();
    await this.#store?.close();
    return waiting;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#end();
    await this.#copy.close();
    await this.#store?.close();
  }

  #end(): void {
    this.#closed = true;
    this.presence.close();
    this.document.close();
    this.connection.setState({ state: "closed" }, true);
  }

  #openCopy(connectAfterMs = 0): RoomCopy {
    const copy: RoomCopy = new RoomCopy({
      serverUrl: this.#options.serverUrl,
      room: this.#room,
      WebSocketImpl: this.#options.WebSocketImpl ?? WebSocket,
      ticket: this.#options.ticket,
      principalId: this.#options.principalId,
      patience: this.#options.patience,
      connectAfterMs,
      store: this.#store,
      withPresence: true,
      onRefused: (refusal) => void this.#refuse(refusal),
      onChange: () => {
        if (copy === this.#copy) this.#update();
      },
    });
    return copy;
  }

  #update(): void {
    if (this.#closed) return;
    const { connection, ledger, everSynced } = this.#copy;
    const status = connection?.status ?? "connecting";
    const mayWrite = connection?.mayWrite ?? false;
    const stored = (connection?.synced ?? false) && (ledger.settled || (!mayWrite && ledger.waiting === 0));
    if (status === "connected") this.#offlineSinceMs = null;
    else if (status === "offline") this.#offlineSinceMs ??= connection?.lostAtMs ?? Date.now();
    if (status === "not-stored") this.#notStoredSinceMs ??= Date.now();
    else if (stored || (status !== "connected" && status !== "connecting")) this.#notStoredSinceMs = null;
    if (stored) this.#refusals = 0;
    if (everSynced) this.#compareRescues();
    const next = connectionState({
      status,
      synced: connection?.synced ?? false,
      mayWrite,
      settled: ledger.settled,
      waiting: ledger.waiting,
      offlineSinceMs: this.#offlineSinceMs,
      notStoredSinceMs: this.#notStoredSinceMs,
      refused: this.#refused,
    });
    if (!sameState(next, this.connection.getState())) this.connection.setState(next, true);
  }

  /** A refusal is final for the copy: it is kept aside as a rescue, and work goes on in a fresh one. */
  async #refuse(refusal: Refusal): Promise<void> {
    if (this.#closed) return;
    const refused = this.#copy;
    const aside = () => ({
      update: Y.encodeStateAsUpdate(refused.doc),
      code: refusal.code,
      what: refusal.what,
      refusedAtMs: Date.now(),
    });
    const early = aside();
    const key = (await this.#store?.keepRescue(early)) ?? null;
    // Only now, with the rescue on disk, may the copy go.
    await refused.forget();
    if (this.#closed) return;
    // Somebody who drew on while this went on has drawn into the rescue.
    const stored = aside();
    if (key !== null && stored.update.length !== early.update.length)
      void this.#store?.keepRescue(stored, key);
    this.#refused = this.#addRescue(stored, key);
    this.document.close();
    this.#copy = this.#openCopy(++this.#refusals > refusalsAtOnce ? pauseAfterRefusalsMs : 0);
    this.presence.moveTo(this.#copy.awareness);
    this.current.setState({ document: openAnnotationDocument(this.#copy.doc) });
    this.#update();
  }

  async #findRescues(): Promise<void> {
    if (!this.#store) return;
    try {
      for (const [key, stored] of await this.#store.rescues()) this.#addRescue(stored, key);
    } catch (error) {
      console.warn("Earlier rescues cannot be read.", error);
    }
    this.#compared = null;
    this.#update();
  }

  #addRescue(stored: Refusal & { readonly update: Uint8Array }, key: string | null): Rescue {
    const rescue = createRescue(stored, stored.update, this.#options.micrographId, {
      synchronised: () => (this.#copy.everSynced ? this.document : null),
      forget: async (forgotten) => {
        if (key !== null) await this.#store?.discardRescue(key);
        this.rescues.setState(({ rescues }) => ({ rescues: rescues.filter((other) => other !== forgotten) }));
        if (this.#refused === forgotten) this.#refused = null;
        this.#update();
      },
    });
    this.rescues.setState(({ rescues }) => ({ rescues: [...rescues, rescue] }));
    return rescue;
  }

  /** The server's state has arrived: rescues know now what it lacks. One of which it lacks nothing needs no decision. */
  #compareRescues(): void {
    if (this.#compared === this.#copy) return;
    this.#compared = this.#copy;
    const { rescues } = this.rescues.getState();
    if (rescues.length === 0) return;
    this.rescues.setState({ rescues: [...rescues] });
    for (const rescue of rescues) if (rescue.marks().length === 0) void rescue.discard();
  }
}

/** Two refusals may say the same and yet be of two copies. */
function sameState(a: ConnectionState, b: ConnectionState): boolean {
  if (a.state === "refused" && b.state === "refused" && a.rescue !== b.rescue) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}
