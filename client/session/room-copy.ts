import type { IndexeddbPersistence } from "y-indexeddb";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import type { Refusal } from "#core/protocol/messages.ts";
import type { CopyStore } from "./copy-store.ts";
import { FrameLedger } from "./frame-ledger.ts";
import { defaultPatience, type LinkPatience, RoomConnection } from "./room-connection.ts";

export interface RoomCopyOptions {
  readonly serverUrl: string;
  readonly room: string;
  readonly WebSocketImpl: typeof WebSocket;
  readonly ticket?: (() => Promise<string>) | undefined;
  readonly principalId: string;
  readonly patience?: LinkPatience | undefined;
  /** The server is not asked before this; edits are kept meanwhile. */
  readonly connectAfterMs?: number;
  /** null: nothing is kept on this computer. */
  readonly store: CopyStore | null;
  /** Rooms that the server writes have nobody in them. */
  readonly withPresence: boolean;
  onRefused(refusal: Refusal): void;
  onChange(): void;
}

/** One Y.Doc of a room with all that belongs to it: copy on this computer, socket, ledger. A refusal ends it for good. */
export class RoomCopy {
  readonly doc = new Y.Doc();
  readonly awareness = new Awareness(this.doc);
  readonly ledger = new FrameLedger();
  readonly #options: RoomCopyOptions;
  #connection: RoomConnection | null = null;
  #kept: IndexeddbPersistence | null = null;
  /** Epoch under which the copy is kept: the room's, once the copy has been written under that name. */
  #keptEpoch: string | null = null;
  /** Whether anything was kept before. */
  readonly #lookingUp: Promise<boolean>;
  readonly #keeping: Promise<void>;
  /** It is known what was kept before. */
  #read = false;
  #settling: Promise<void> = Promise.resolve();
  #notedWaiting = 0;
  #refused = false;
  #closed = false;
  #everSynced = false;
  /** Writes to the index of copies, in order. */
  #notes: Promise<unknown> = Promise.resolve();

  constructor(options: RoomCopyOptions) {
    this.#options = options;
    this.awareness.setLocalState(options.withPresence ? {} : null);
    // Before the provider listens: an edit is in the ledger when its frame leaves.
    this.doc.on(
      "update",
      (_update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
        if (!transaction.local) return;
        this.ledger.edited();
        this.#changed();
      },
    );
    this.#lookingUp = this.#lookUp();
    this.#keeping = this.#keep();
    void this.#start();
  }

  get connection(): RoomConnection | null {
    return this.#connection;
  }

  /** The server's state has arrived at least once, on this socket or an earlier one. */
  get everSynced(): boolean {
    return this.#everSynced;
  }

  /** What is drawn here outlives the tab. */
  get keeps(): boolean {
    return this.#kept !== null;
  }

  /** Stop; what is kept stays. */
  async close(): Promise<void> {
    this.#end();
    await this.#keeping;
    await this.#settling;
    await this.#kept?.destroy();
    await this.#notes;
    this.doc.destroy();
  }

  /** Stop, and delete what is kept on this computer. */
  async forget(): Promise<void> {
    this.#end();
    await this.#keeping;
    await this.#settling;
    await this.#kept?.clearData();
    this.#note(() => this.#options.store?.forget());
    await this.#notes;
    this.doc.destroy();
  }

  #end(): void {
    this.#closed = true;
    this.#connection?.close();
    this.awareness.destroy();
  }

  async #lookUp(): Promise<boolean> {
    // Whoever made this has it in hand before it speaks.
    await Promise.resolve();
    const entry = await this.#options.store?.entry();
    if (!entry) return false;
    this.#keptEpoch = entry.epoch;
    this.#notedWaiting = entry.waiting;
    this.ledger.restore(entry.waiting);
    return entry.epoch !== null || entry.waiting > 0;
  }

  /** Read what is kept, and keep what is drawn from here on. */
  async #keep(): Promise<void> {
    try {
      await this.#lookingUp;
      this.#kept = (await this.#options.store?.keep(this.doc, this.#keptEpoch)) ?? null;
    } catch (error) {
      // Private browsing, a full disk: the room works, but nothing of it outlives the tab.
      console.warn("No copy is kept on this computer.", error);
    }
  }

  async #start(): Promise<void> {
    // Where nothing was kept, the server is asked while the place for it is still being made.
    const isKept = await this.#lookingUp.catch(() => false);
    if (isKept) await this.#keeping;
    this.#read = true;
    this.#noteWaiting();
    const { connectAfterMs = 0 } = this.#options;
    if (connectAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, connectAfterMs));
    if (this.#closed) return;
    this.#connection = new RoomConnection({
      doc: this.doc,
      awareness: this.awareness,
      serverUrl: this.#options.serverUrl,
      room: this.#options.room,
      epoch: this.#keptEpoch,
      ledger: this.ledger,
      WebSocketImpl: this.#options.WebSocketImpl,
      ticket: this.#options.ticket,
      principalId: this.#options.principalId,
      patience: this.#options.patience ?? defaultPatience,
      onHello: ({ epoch }) => {
        this.#settling = this.#settling.then(() => this.#settleInto(epoch));
      },
      onRefused: (refusal) => {
        if (this.#refused || this.#closed) return;
        this.#refused = true;
        this.#options.onRefused(refusal);
      },
      onChange: () => this.#changed(),
    });
    this.#changed();
  }

  /** The room's epoch is known now: keep the copy under its name from here on. */
  async #settleInto(epoch: string): Promise<void> {
    await this.#keeping;
    const { store } = this.#options;
    if (this.#keptEpoch === epoch || !store) return;
    try {
      const before = this.#kept;
      this.#kept = await store.keep(this.doc, epoch);
      this.#keptEpoch = epoch;
      this.#note(() => store.note({ epoch, waiting: this.ledger.waiting }));
      await before?.clearData();
    } catch (error) {
      console.warn("No copy is kept on this computer.", error);
    }
  }

  #changed(): void {
    if (this.#connection?.synced) this.#everSynced = true;
    if (!this.#closed) this.#noteWaiting();
    this.#options.onChange();
  }

  /** Not before the entry has been read: it names the epoch under which older edits lie. */
  #noteWaiting(): void {
    const { waiting } = this.ledger;
    if (!this.#read || waiting === this.#notedWaiting || !this.#options.store) return;
    this.#notedWaiting = waiting;
    const epoch = this.#keptEpoch;
    this.#note(() => this.#options.store?.note({ epoch, waiting }));
  }

  #note(write: () => Promise<void> | undefined): void {
    this.#notes = this.#notes
      .then(write)
      .catch((error) => console.warn("The index of copies is not written.", error));
  }
}
