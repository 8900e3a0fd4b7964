import { existsSync } from "node:fs";
import { join } from "node:path";
import { openForReading } from "#server/storage/embedded/connection.ts";
import { BackupError } from "./backup-error.ts";
import { readManifest } from "./backup-manifest.ts";
import { filesBelow, hashFile } from "./hashed-files.ts";
import { checkDatabase, type DatabaseReport } from "./verify-database.ts";

type Reading = ReturnType<typeof openForReading>;

export interface VerifyReport extends DatabaseReport {
  readonly originals: number;
  readonly bytes: number;
}

/**
 * Read everything that must last and say what is not as it should be: the database's own structure, every update of every
 * room against its checksum and those before it, every original against its hash. Works beside a running server, and on
 * a backup's folder, where every file is checked against the manifest. Changes nothing.
 *
 * @throws BackupError "no-store"; StorageError "newer" where a newer Lamella wrote it, which knows what this one cannot check
 */
export async function verifyStore(folder: string): Promise<VerifyReport> {
  const databasePath = join(folder, "lamella.sqlite");
  if (!existsSync(databasePath)) {
    throw new BackupError(
      "no-store",
      `There is no Lamella in ${folder}. Name its data folder with --data DIR.`,
      {
        folder,
      },
    );
  }
  const database = openForReading(databasePath);
  try {
    const report = checkDatabase(database);
    const problems = [...report.problems];
    const known = report.isReadable ? originalsOf(database) : [];
    const files = await checkOriginals(folder, known, problems);
    if (existsSync(join(folder, "manifest.json"))) await checkManifest(folder, problems);
    return { ...report, ...files, problems };
  } finally {
    database.close();
  }
}

/** Hashes of the files that must be here, with the name of one each: originals that were copied, and attachments. */
function originalsOf(database: Reading): { sha256: string; name: string }[] {
  const columnsOf = (table: string) =>
    (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
  const ofSource = columnsOf("source");
  if (ofSource.length === 0) return [];
  // A backup of an older Lamella knows no originals that stay in place, and no attachments.
  const copied = ofSource.includes("in_place") ? "AND in_place IS NULL" : "";
  const sources = `SELECT sha256, file_name FROM source WHERE sha256 IS NOT NULL ${copied}`;
  const attached =
    columnsOf("attachment").length > 0 ? "UNION ALL SELECT sha256, file_name FROM attachment" : "";
  return database
    .prepare(`SELECT sha256, min(file_name) AS name FROM (${sources} ${attached}) GROUP BY sha256`)
    .all() as { sha256: string; name: string }[];
}

async function checkOriginals(
  folder: string,
  known: readonly { readonly sha256: string; readonly name: string }[],
  problems: string[],
): Promise<{ originals: number; bytes: number }> {
  const names = new Map(known.map(({ sha256, name }) => [sha256, name]));
  const root = join(folder, "blobs", "originals");
  const present = await filesBelow(root);
  let bytes = 0;
  for (const file of present) {
    const hashed = await hashFile(join(root, file));
    bytes += hashed.bytes;
    if (hashed.sha256 !== file) {
      const name = names.get(file);
      problems.push(
        `original ${file}${name === undefined ? "" : ` ("${name}")`}: its bytes have changed (SHA-256 is now ${hashed.sha256}). Take it from a backup.`,
      );
    }
  }
  const there = new Set(present);
  for (const { sha256, name } of known)
    if (!there.has(sha256))
      problems.push(`original ${sha256} ("${name}"): is missing. Take it from a backup.`);
  return { originals: present.length, bytes };
}

async function checkManifest(folder: string, problems: string[]): Promise<void> {
  for (const { path, sha256 } of (await readManifest(folder)).files) {
    // Originals were read already.
    if (path.startsWith("blobs/originals/")) continue;
    const hashed = await hashFile(join(folder, path)).catch(() => undefined);
    if (hashed?.sha256 !== sha256)
      problems.push(`${path}: ${hashed ? "is not what the backup's manifest says" : "is missing"}.`);
  }
}
