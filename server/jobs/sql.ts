export type SqlValue = string | number | bigint | Uint8Array | null;

export interface Statement {
  readonly sql: string;
  readonly params?: readonly SqlValue[];
  /** Rows this statement must change; any other number undoes the whole write with StorageError "conflict". */
  readonly mustChange?: number;
}

/**
 * The part of the store that tables of records need. One `write` is one transaction, on disk when it resolves.
 * Placeholders are `?`.
 */
export interface Sql {
  write(statements: readonly Statement[]): Promise<unknown>;
  read<Row>(sql: string, params?: readonly SqlValue[]): Promise<readonly Row[]>;
}

/** A step in the growth of a table set: run once, in order, recorded by name. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}
