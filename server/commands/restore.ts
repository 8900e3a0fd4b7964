import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { restoreBackup } from "../backup/restore-backup.ts";
import { ConfigError } from "../config-error.ts";
import { dataFolder, here } from "./data-folder.ts";

const usage = "Usage: lamella restore FROM --data DIR";

/** `lamella restore`: an empty folder becomes the data folder that a backup was made of. */
export async function runRestore(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { data: { type: "string" } },
  });
  const [from, ...others] = positionals;
  if (from === undefined || others.length > 0 || !values.data) throw new ConfigError("usage", usage);
  const report = await restoreBackup(resolve(here(), from), dataFolder(values.data));
  console.log(`${report.dataDir}: ${report.files} files, as of ${report.takenAt}.`);
  console.log(
    `${report.rooms} rooms start anew: whoever drew since keeps a copy aside and is offered to bring it back. Everybody signs in again.`,
  );
  if (report.problems.length === 0) return;
  for (const problem of report.problems) console.error(problem);
  console.error("All of this was so when the backup was made; an older backup may have it whole.");
  process.exitCode = 1;
}
