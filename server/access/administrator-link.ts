import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashSecret, newSecret } from "./secrets.ts";

const lifetimeMs = 24 * 3600_000;
const fileOf = (dataDir: string) => join(dataDir, "administrator-link.json");

/**
 * The administrator's one-time link lives in a file beside the store, not in it: whoever can write the data folder owns
 * the installation anyway, and so a lost link can be made anew by command while the server runs.
 * @returns the secret; only its hash is kept. The link before it no longer opens.
 */
export async function makeAdministratorLink(dataDir: string, nowMs = Date.now()): Promise<string> {
  const secret = newSecret();
  await mkdir(dataDir, { recursive: true });
  const temporary = `${fileOf(dataDir)}.${process.pid}.new`;
  await writeFile(temporary, JSON.stringify({ hash: hashSecret(secret), expiresAtMs: nowMs + lifetimeMs }), {
    mode: 0o600,
  });
  await rename(temporary, fileOf(dataDir));
  return secret;
}

/** True once for the secret of the present link: renaming the file away is what uses it up. */
export async function spendAdministratorLink(
  dataDir: string,
  secret: string,
  nowMs = Date.now(),
): Promise<boolean> {
  const used = `${fileOf(dataDir)}.${process.pid}.used`;
  const matches = (text: string) => {
    const link = JSON.parse(text) as { hash: string; expiresAtMs: number };
    return link.hash === hashSecret(secret) && link.expiresAtMs > nowMs;
  };
  try {
    if (!matches(await readFile(fileOf(dataDir), "utf8"))) return false;
    await rename(fileOf(dataDir), used);
    const fits = matches(await readFile(used, "utf8"));
    await rm(used, { force: true });
    return fits;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Where a sign-in link leads. The secret stands behind the #: browsers send it to no server and no log. */
export function signInAddress(publicUrl: string, secret: string): string {
  return `${publicUrl}/sign-in#${secret}`;
}
