import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeAdministratorLink, signInAddress } from "../access/administrator-link.ts";
import { notedAddress } from "../access/noted-address.ts";
import { readConfig } from "../config.ts";
import { ConfigError } from "../config-error.ts";

/** Options that say where the server is reached. */
const saysWhere = /^--(host|port|lan|tls|public-url|behind-proxy)/;

/**
 * `lamella admin-link`: a new one-time link for the administrator, also while the server runs. It leads to where the
 * server was reached last, unless options, as of serve, say another place.
 */
export async function runAdminLink(args: readonly string[]): Promise<void> {
  const config = readConfig(args, process.env, process.env["INIT_CWD"] ?? process.cwd());
  const { dataDir, host, port, tls } = config;
  if (!existsSync(join(dataDir, "lamella.sqlite"))) {
    throw new ConfigError(
      "usage",
      `There is no Lamella in ${dataDir}. Name its data folder with --data DIR.`,
    );
  }
  const noted = args.some((arg) => saysWhere.test(arg)) ? undefined : await notedAddress(dataDir);
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  const publicUrl =
    config.publicUrl ?? noted ?? `${tls.kind === "none" ? "http" : "https"}://${name}:${port}`;
  console.log(signInAddress(publicUrl, await makeAdministratorLink(dataDir)));
}
