import { DomainError } from "#core/errors/domain-error.ts";

/**
 * no-store: the folder holds no Lamella. no-backup: the folder holds no finished backup. not-empty: the target has
 * something in it. damaged: bytes differ from what the backup says of them. newer: a newer Lamella made the backup.
 */
export type BackupErrorCode = "no-store" | "no-backup" | "not-empty" | "damaged" | "newer";

export class BackupError extends DomainError<BackupErrorCode> {}
