import * as idb from "lib0/indexeddb";
import { IndexeddbPersistence } from "y-indexeddb";
import type * as Y from "yjs";
import type { RefusalCode } from "#core/protocol/messages.ts";

/** What is known of a room's copy on this computer, beside the copy itself. */
export interface CopyEntry {
  readonly epoch: string | null;
  /** Edits that had not reached the server when this was written; survives a reload. */
  readonly waiting: number;
}

export interface StoredRescue {
  readonly update: Uint8Array;
  readonly code: RefusalCode;
  readonly what: string;
  readonly refusedAtMs: number;
}

const databaseName = "lamella-copies";
const copies = "copies";
const rescues = "rescues";

/**
 * The copies of one room that this computer keeps for one person: the document in y-indexeddb under
 * `<server>/<room>/<epoch>/<person>`, its entry in the index, and the copies that were refused.
 */
export class CopyStore {
  readonly #room: string;
  readonly #person: string;
  #database: Promise<IDBDatabase> | null = null;

  constructor(serverUrl: string, room: string, principalId: string) {
    this.#room = `${serverUrl}/${room}`;
    this.#person = principalId;
  }

  /** Start keeping `doc`; resolves when what was kept before has been read into it. */
  async keep(doc: Y.Doc, epoch: string | null): Promise<IndexeddbPersistence> {
    const persistence = new IndexeddbPersistence(`${this.#room}/${epoch ?? "new"}/${this.#person}`, doc);
    await persistence.whenSynced;
    return persistence;
  }

  async entry(): Promise<CopyEntry> {
    const [store] = idb.transact(await this.#open(), [copies], "readonly");
    const entry = (await idb.get(store!, this.#key)) as unknown as CopyEntry | undefined;
    return entry ?? { epoch: null, waiting: 0 };
  }

  async note(entry: CopyEntry): Promise<void> {
    const [store] = idb.transact(await this.#open(), [copies]);
    await idb.put(store!, entry as never, this.#key);
  }

  async forget(): Promise<void> {
    const [store] = idb.transact(await this.#open(), [copies]);
    await idb.del(store!, this.#key);
  }

  async rescues(): Promise<ReadonlyMap<string, StoredRescue>> {
    const [store] = idb.transact(await this.#open(), [rescues], "readonly");
    const kept = new Map<string, StoredRescue>();
    for (const { k, v } of await idb.getAllKeysValues(store!))
      if (String(k).startsWith(`${this.#key}#`)) kept.set(String(k), v as StoredRescue);
    return kept;
  }

  /** @returns the key under which it is kept: a new one, or `key` written again */
  async keepRescue(rescue: StoredRescue, key = this.#newRescueKey(rescue)): Promise<string> {
    const [store] = idb.transact(await this.#open(), [rescues]);
    await idb.put(store!, rescue as never, key);
    return key;
  }

  async discardRescue(key: string): Promise<void> {
    const [store] = idb.transact(await this.#open(), [rescues]);
    await idb.del(store!, key);
  }

  async close(): Promise<void> {
    (await this.#database)?.close();
  }

  #newRescueKey({ refusedAtMs }: StoredRescue): string {
    return `${this.#key}#${refusedAtMs}-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  }

  get #key(): string {
    return `${this.#room}/${this.#person}`;
  }

  #open(): Promise<IDBDatabase> {
    this.#database ??= idb.openDB(databaseName, (database) =>
      idb.createStores(database, [[copies], [rescues]]),
    );
    return this.#database;
  }
}
