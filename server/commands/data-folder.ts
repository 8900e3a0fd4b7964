import { readConfig } from "../config.ts";

/** Where the person stands who called, not where npm runs us. */
export const here = (): string => process.env["INIT_CWD"] ?? process.cwd();

/** The data folder that these options name; without --data the one `serve` would take. */
export function dataFolder(data: string | undefined): string {
  return readConfig(data === undefined ? [] : ["--data", data], process.env, here()).dataDir;
}
