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

export interface RoomContents {
  readonly epoch: string;
  /** Last whole state, and the sequence number it includes. */
  readonly checkpoint: { readonly seq: number; readonly bytes: Uint8Array } | null;
  readonly updates: readonly LoggedUpdate[];
  readonly bindings: readonly { readonly clientId: number; readonly principalId: string }[];
}

/**
 * Where rooms live. `append` resolves only when every entry is on disk: commit comes before broadcast. A batch is one
 * transaction; entries keep their order. Contract suite: tests/contracts/document-log.ts.
 */
export interface DocumentLog {
  open(room: string): Promise<RoomContents>;
  /** @returns the sequence number of each entry, rising within a room @throws StorageError "full" | "read-only" | "epoch" */
  append(batch: readonly Append[]): Promise<readonly number[]>;
  /** Bind ids seen in hello or awareness. @returns for each id the principal that owns it now (the first binder stays) */
  bind(room: string, clientIds: readonly number[], principalId: string): Promise<readonly string[]>;
  /** Store a whole state for faster opening; the updates before it stay in history. */
  checkpoint(room: string, seq: number, bytes: Uint8Array): Promise<void>;
  /** Updates of a room in (afterSeq, …], at most `limit`, oldest first, whether or not a checkpoint covers them. */
  history(
    room: string,
    afterSeq: number,
    limit: number,
  ): Promise<readonly (LoggedUpdate & { readonly touched: readonly string[] })[]>;
  /** Start a new epoch with this state; earlier copies become rescues. */
  newEpoch(room: string, bytes: Uint8Array): Promise<string>;
  close(): Promise<void>;
}
