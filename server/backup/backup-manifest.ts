import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { BackupError } from "./backup-error.ts";

const fileEntry = z.object({
  /** Below the backup's folder, with forward slashes. */
  path: z.string().regex(/^(lamella\.sqlite|(blobs|tls)\/[A-Za-z0-9_.\-/]+)$/),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifest = z.object({
  format: z.literal("lamella-backup"),
  version: z.number().int(),
  lamella: z.string(),
  /** The moment: when the database was copied. */
  takenAt: z.string(),
  files: z.array(fileEntry),
});

export type BackedUpFile = z.infer<typeof fileEntry>;
export type BackupManifest = z.infer<typeof manifest>;

export const manifestVersion = 1;
const manifestName = "manifest.json";

/** Written last: a folder without it is no backup, however much lies in it. */
export async function writeManifest(folder: string, content: BackupManifest): Promise<void> {
  const path = join(folder, manifestName);
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(content, null, 1)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** @throws BackupError "no-backup" | "newer" */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, manifestName), "utf8").catch(() => undefined);
  const parsed = manifest.safeParse(text === undefined ? undefined : parseJson(text));
  if (!parsed.success) {
    throw new BackupError(
      "no-backup",
      `Expected a finished backup in ${folder}; its manifest.json is missing or cannot be read. Name the folder that \`lamella backup\` wrote.`,
      { folder },
    );
  }
  if (parsed.data.version > manifestVersion || parsed.data.files.some(({ path }) => path.includes(".."))) {
    throw new BackupError(
      "newer",
      `This backup was made by a newer Lamella (${parsed.data.lamella}); restore it with that one.`,
      { folder },
    );
  }
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
