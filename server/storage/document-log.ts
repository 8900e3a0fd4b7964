/** One committed update of a room, as history keeps it. */
export interface LoggedUpdate {
  readonly seq: number;
  readonly room: string;
  readonly bytes: Uint8Array;
  readonly principalId: string;
  readonly receivedAtMs: number;
}

export interface Append {
  readonly room: string;
  readonly epoch: string;
  readonly bytes: Uint8Array;
  readonly principalId: string;
  readonly receivedAtMs: number;
  /** Record ids whose content this update changed: the history index. */
  readonly touched: readonly string[];
  /** Yjs client ids first met with this update; committed with it. */
  readonly bind: readonly { readonly clientId: number; readonly principalId: string }[];
}

/** One line of a room's history: who, when, which marks; its bytes come by `stateAt`. */
export interface HistoryEntry {
  readonly seq: number;
  readonly principalId: string;
  readonly receivedAtMs: number;
  readonly touched: readonly string[];
  readonly byteLength: number;
}

/** A narrower part of a room's history. */
export interface HistoryPart {
  /** Before this sequence number, and where there are more than the limit, the last of them. */
  readonly before?: number | undefined;
  /** Only updates that touched this mark. */
  readonly mark?: string | undefined;
}

/** Updates that follow each other within one epoch, and what the room was made of before the first of them. */
export interface HistoryStretch {
  readonly base: readonly Uint8Array[];
  readonly updates: readonly { readonly seq: number; readonly bytes: Uint8Array }[];
}

/** The last update that changed a mark. */
export type LastTouch = Pick<HistoryEntry, "seq" | "principalId" | "receivedAtMs">;

/** A batch, or who to ask for it when its commit begins: until then it may grow. */
export type Batch = readonly Append[] | (() => readonly Append[]);

/** A room's state at one moment, packed for whoever opens it (`sync/kept-pack.ts`), and the updates since. */
export interface KeptPack {
  readonly bytes: Uint8Array;
  readonly since: readonly Uint8Array[];
}

export interface RoomContents {
  readonly epoch: string;
  /** Last whole state, and the sequence number it includes. */
  readonly checkpoint: { readonly seq: number; readonly bytes: Uint8Array } | null;
  readonly updates: readonly LoggedUpdate[];
  readonly packed: KeptPack | null;
  /** What of it is no longer as it was written, a sentence each; it is given out all the same. */
  readonly damage?: readonly string[];
  readonly bindings: readonly { readonly clientId: number; readonly principalId: string }[];
}

/**
 * Where rooms live. `append` resolves only when every entry is on disk: commit comes before broadcast. A batch is one
 * transaction; entries keep their order. Contract suite: tests/contracts/document-log.ts.
 */
export interface DocumentLog {
  /** Names of the rooms there are, in order, that come after this one; at most so many. */
  rooms(after: string, limit: number): Promise<readonly string[]>;
  open(room: string): Promise<RoomContents>;
  /** @returns the sequence number of each entry, rising within a room @throws StorageError "full" | "read-only" | "epoch" */
  append(batch: Batch): Promise<readonly number[]>;
  /** Bind ids seen in hello or awareness. @returns for each id the principal that owns it now (the first binder stays) */
  bind(room: string, clientIds: readonly number[], principalId: string): Promise<readonly string[]>;
  /**
   * Store a whole state for faster opening; the updates before it stay in history. Of older ones those stay that are far
   * enough apart for `stateAt` (milestones).
   */
  checkpoint(room: string, seq: number, bytes: Uint8Array): Promise<void>;
  /**
   * Keep the state at `seq` packed, instead of what was kept so before. It repeats what the log holds: whoever finds it
   * damaged does without. Nothing is kept where the room has begun anew, or was erased, since `epoch`.
   */
  keepPacked(room: string, epoch: string, seq: number, bytes: Uint8Array): Promise<void>;
  /** Updates of a room in (afterSeq, …], at most `limit`, oldest first, whether or not a checkpoint covers them. */
  history(
    room: string,
    afterSeq: number,
    limit: number,
    part?: HistoryPart,
  ): Promise<readonly HistoryEntry[]>;
  /** Updates `fromSeq` to `toSeq`, both included, to be replayed one by one; a new stretch where an epoch begins. */
  stretches(room: string, fromSeq: number, toSeq: number): Promise<readonly HistoryStretch[]>;
  /** By mark, the last update that changed it; of all marks, or of these. */
  lastTouches(room: string, marks?: readonly string[]): Promise<ReadonlyMap<string, LastTouch>>;
  /** What made up the room when `seq` had been committed, in the order to apply; undefined where the room has no such update. */
  stateAt(room: string, seq: number): Promise<readonly Uint8Array[] | undefined>;
  /** Start a new epoch with this state; earlier copies become rescues. */
  newEpoch(room: string, bytes: Uint8Array): Promise<string>;
  /** Remove rooms with all their history, for good. Writes of somebody who still has one open fail as "epoch". */
  erase(rooms: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
