import { isDomainError } from "#core/errors/domain-error.ts";
import { readConfig } from "../config.ts";
import { type RunningServer, startServer } from "../main.ts";
import { keepObjectsYoung } from "../young-objects.ts";

/** How long stopping may take before the process leaves by force. */
const stopWithinMs = 5_000;

/** `lamella serve`: start, say where, run until a signal. */
export async function runServe(args: readonly string[]): Promise<void> {
  keepObjectsYoung();
  const config = readConfig(args, process.env, process.env["INIT_CWD"] ?? process.cwd());
  const server = await startServer(config);
  announce(server);
  if (
    config.tls.kind === "none" &&
    !config.behindProxy &&
    !server.url.match(/\/\/(localhost|127\.|\[::1\])/)
  ) {
    console.log("  Note: over plain HTTP nobody can sign in from another computer. Use --lan for HTTPS.\n");
  }
  if (config.adminToken !== null && config.adminToken.length < 32) {
    console.log("  Note: LAMELLA_ADMIN_TOKEN is short; 32 random characters or more cannot be guessed.\n");
  }
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), stopWithinMs).unref();
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(isDomainError(error) ? error.message : error);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function announce({ url, publicUrl, adminLink, dataDir, fingerprint }: RunningServer): void {
  const usualDir = readConfig([], process.env, process.env["INIT_CWD"] ?? process.cwd()).dataDir;
  const ofFolder = dataDir === usualDir ? "" : ` --data ${dataDir}`;
  const lines = [
    "Lamella is ready.",
    "",
    `  Address        ${publicUrl}${publicUrl === url ? "" : `   (on this computer: ${url})`}`,
    `  Sign in        ${adminLink}`,
    "                 (the administrator, once, within a day; a new one:",
    `                 npm run -s lamella -- admin-link${ofFolder})`,
    `  Data           ${dataDir}`,
    ...(fingerprint === null ? [] : [`  Certificate    SHA-256 ${fingerprint}`]),
    "",
  ];
  console.log(lines.join("\n"));
}
