export type SqlValue = string | number | bigint | Uint8Array | null;

/** One statement of a batch; placeholders are `?`. */
export interface Statement {
  readonly sql: string;
  readonly params?: readonly SqlValue[];
  /** Rows this statement must change; any other number rolls the whole batch back with StorageError "conflict". */
  readonly mustChange?: number;
}

export interface StatementResult {
  readonly changes: number;
  readonly lastInsertRowid: number;
}
