import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeAdministratorLink, signInAddress } from "../access/administrator-link.ts";
import { readConfig } from "../config.ts";
import { ConfigError } from "../config-error.ts";

/** `lamella admin-link`: a new one-time link for the administrator, also while the server runs. Options as of serve. */
export async function runAdminLink(args: readonly string[]): Promise<void> {
  const config = readConfig(args, process.env, process.env["INIT_CWD"] ?? process.cwd());
  const { dataDir, host, port, tls } = config;
  if (!existsSync(join(dataDir, "lamella.sqlite"))) {
    throw new ConfigError(
      "usage",
      `There is no Lamella in ${dataDir}. Name its data folder with --data DIR.`,
    );
  }
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  const publicUrl = config.publicUrl ?? `${tls.kind === "none" ? "http" : "https"}://${name}:${port}`;
  console.log(signInAddress(publicUrl, await makeAdministratorLink(dataDir)));
}
