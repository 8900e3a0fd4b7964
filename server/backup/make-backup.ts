import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { openForReading } from "#server/storage/embedded/connection.ts";
import { copyDatabase } from "#server/storage/embedded/store-copy.ts";
import { requireKnownStore } from "#server/store-tables.ts";
import { lamellaVersion } from "#server/version.ts";
import { BackupError } from "./backup-error.ts";
import { type BackedUpFile, manifestVersion, writeManifest } from "./backup-manifest.ts";
import { copyHashed, filesBelow, hashFile } from "./hashed-files.ts";

export interface BackupReport {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  /** Files that went while they were copied, and originals whose bytes are not what their name says. */
  readonly problems: readonly string[];
}

/** What of a data folder is backed up beside the database. Work in progress is not: it starts again. */
const folders = ["blobs", "tls"] as const;

/**
 * Copy a data folder at one moment, also while its server runs: first the database, then the files it refers to. Files
 * never change once they have their name, so whatever the database of that moment knows is there.
 *
 * @throws BackupError "no-store" | "not-empty"; StorageError "newer": what else a newer Lamella keeps is not known here
 */
export async function makeBackup(dataDir: string, out: string): Promise<BackupReport> {
  const databasePath = join(dataDir, "lamella.sqlite");
  if (!existsSync(databasePath)) {
    throw new BackupError(
      "no-store",
      `There is no Lamella in ${dataDir}. Name its data folder with --data DIR.`,
      { dataDir },
    );
  }
  const database = openForReading(databasePath);
  try {
    requireKnownStore(database);
  } finally {
    database.close();
  }
  await requireEmpty(out, "--out");
  await mkdir(out, { recursive: true, mode: 0o700 });

  const takenAt = new Date().toISOString();
  const copy = join(out, "lamella.sqlite");
  await copyDatabase(databasePath, copy);
  const files: BackedUpFile[] = [{ path: "lamella.sqlite", ...(await hashFile(copy)) }];
  const problems: string[] = [];
  for (const folder of folders) {
    for (const name of await filesBelow(join(dataDir, folder))) {
      const path = `${folder}/${name}`;
      try {
        const hashed = await copyHashed(join(dataDir, path), join(out, path));
        files.push({ path, ...hashed });
        const expected = /^blobs\/originals\/([0-9a-f]{64})$/.exec(path)?.[1];
        if (expected !== undefined && expected !== hashed.sha256)
          problems.push(
            `${path}: its bytes are not those of its name; the original was damaged before this backup.`,
          );
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
        problems.push(`${path}: was deleted while the backup was made.`);
      }
    }
  }
  await writeManifest(out, {
    ...{ format: "lamella-backup", version: manifestVersion, lamella: lamellaVersion, takenAt, files },
  });
  return {
    folder: out,
    files: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    problems,
  };
}

/** @throws BackupError "not-empty" */
export async function requireEmpty(folder: string, option: string): Promise<void> {
  const present = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    throw cause;
  });
  if (present.length > 0) {
    throw new BackupError(
      "not-empty",
      `Expected ${option} to name a new or empty folder; ${folder} has ${present.length} entries (${present[0]} …). Nothing was changed; name another folder.`,
      { folder },
    );
  }
}
