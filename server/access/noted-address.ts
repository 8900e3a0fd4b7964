import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

const fileOf = (dataDir: string) => join(dataDir, "address.txt");

/** A server notes beside its store where people reach it, for commands that make links to it. */
export async function noteAddress(dataDir: string, publicUrl: string): Promise<void> {
  const temporary = `${fileOf(dataDir)}.${process.pid}.new`;
  await writeFile(temporary, `${publicUrl}\n`, { mode: 0o600 });
  await rename(temporary, fileOf(dataDir));
}

/** Where the server of this folder was reached last; undefined before its first start, and of anything but an address. */
export async function notedAddress(dataDir: string): Promise<string | undefined> {
  const text = await readFile(fileOf(dataDir), "utf8").catch(() => "");
  return /^https?:\/\/[^\s/]+$/.test(text.trim()) ? text.trim() : undefined;
}
