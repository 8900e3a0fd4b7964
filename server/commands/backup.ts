import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeBackup } from "../backup/make-backup.ts";
import { ConfigError } from "../config-error.ts";
import { dataFolder, here } from "./data-folder.ts";

const usage = "Usage: lamella backup --out PATH [--data DIR]";

/** `lamella backup`: the data folder as it is at one moment, also while the server runs. */
export async function runBackup(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { out: { type: "string" }, data: { type: "string" } } });
  if (!values.out) throw new ConfigError("usage", usage);
  const { folder, files, bytes, problems } = await makeBackup(
    dataFolder(values.data),
    resolve(here(), values.out),
  );
  console.log(`${folder}: ${files} files, ${(bytes / 2 ** 20).toFixed(1)} MiB.`);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
