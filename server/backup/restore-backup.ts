import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openForReading } from "#server/storage/embedded/connection.ts";
import { startCopyAnew } from "#server/storage/embedded/store-copy.ts";
import { BackupError } from "./backup-error.ts";
import { readManifest } from "./backup-manifest.ts";
import { copyHashed } from "./hashed-files.ts";
import { requireEmpty } from "./make-backup.ts";
import { checkDatabase } from "./verify-database.ts";

export interface RestoreReport {
  readonly dataDir: string;
  readonly takenAt: string;
  readonly files: number;
  readonly rooms: number;
  /** What was damaged before the backup was made, and is so still: a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Make a data folder of a backup. It takes its name only when it is whole. Every room starts a new epoch: a browser that
 * holds edits newer than the backup is told so, keeps its copy aside as a rescue and offers what the server lacks. People
 * sign in again, because a sign-out since the backup must not be undone.
 *
 * What the store had lost before the backup was made is restored as it is, and reported.
 *
 * @throws BackupError "no-backup" | "newer" | "not-empty" | "damaged"; StorageError "newer"
 */
export async function restoreBackup(from: string, dataDir: string): Promise<RestoreReport> {
  const { files, takenAt } = await readManifest(from);
  await requireEmpty(dataDir, "--data");
  const growing = join(dirname(dataDir), `.restoring-${randomUUID()}`);
  try {
    await mkdir(growing, { recursive: true, mode: 0o700 });
    for (const { path, bytes, sha256 } of files) {
      const copied = await copyHashed(join(from, path), join(growing, path)).catch((cause: unknown) => {
        throw (cause as NodeJS.ErrnoException).code === "ENOENT" ? damaged(path, "is missing") : cause;
      });
      if (copied.sha256 !== sha256 || copied.bytes !== bytes) throw damaged(path, "has other bytes");
    }
    const databasePath = join(growing, "lamella.sqlite");
    const problems = problemsOf(databasePath);
    const rooms = startCopyAnew(databasePath);
    await rmdir(dataDir).catch(() => undefined);
    await rename(growing, dataDir);
    return { dataDir, takenAt, files: files.length, rooms, problems };
  } catch (cause) {
    await rm(growing, { recursive: true, force: true });
    throw cause;
  }
}

function problemsOf(databasePath: string): readonly string[] {
  const database = openForReading(databasePath);
  try {
    return checkDatabase(database).problems;
  } finally {
    database.close();
  }
}

function damaged(path: string, what: string): BackupError {
  return new BackupError(
    "damaged",
    `Expected every file of the backup as its manifest describes it; ${path} ${what}. Nothing was restored; use another backup.`,
    { path },
  );
}
