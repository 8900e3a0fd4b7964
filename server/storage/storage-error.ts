import { DomainError } from "#core/errors/domain-error.ts";

/**
 * full: no room on the disk. read-only: the store cannot be written. epoch: the room has started anew since.
 * conflict: a statement changed another number of rows than it had to. held: another process has this store.
 * newer: the store was written by a newer Lamella. unsafe: the disk promises less than this store needs.
 * missing: no such blob. key: not a key a blob may have. closed: the store has been closed. broken: anything else.
 */
export type StorageErrorCode =
  | "full"
  | "read-only"
  | "epoch"
  | "conflict"
  | "held"
  | "newer"
  | "unsafe"
  | "missing"
  | "key"
  | "closed"
  | "broken";

export class StorageError extends DomainError<StorageErrorCode> {}
