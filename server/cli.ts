import { isDomainError } from "#core/errors/domain-error.ts";
import { keepCompiled } from "./compile-cache.ts";
import { serveUsage } from "./config.ts";

type Command = (args: string[]) => Promise<void>;

/** Commands are loaded when they are called: `info` must not wait for the server's modules. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./commands/serve.ts")).runServe,
  "admin-link": async () => (await import("./commands/admin-link.ts")).runAdminLink,
  info: async () => (await import("./commands/info.ts")).runInfo,
  answer: async () => (await import("./commands/answer.ts")).runAnswer,
  ingest: async () => (await import("./commands/ingest.ts")).runIngest,
  export: async () => (await import("./commands/export.ts")).runExport,
  import: async () => (await import("./commands/import.ts")).runImport,
  backup: async () => (await import("./commands/backup.ts")).runBackup,
  restore: async () => (await import("./commands/restore.ts")).runRestore,
  verify: async () => (await import("./commands/verify.ts")).runVerify,
};

const usage = `Usage: ${serveUsage}
       lamella admin-link [--data DIR] [--public-url URL]
       lamella info FILE… [--stats] [--samples "frame:x,y;frame:x,y"]
       lamella answer VECTORS.json…
       lamella ingest FILE… --project NAME [--stack NAME] [--in-place]
       lamella export --project NAME --format ID --out PATH
       lamella import FILE… --project NAME
       lamella backup --out PATH [--data DIR]
       lamella restore FROM --data DIR
       lamella verify [--data DIR]
ingest, export and import work on a stopped server's folder (--data DIR), or through a running one
(--server URL, with an API token in LAMELLA_TOKEN). backup and verify work beside a running server; restore makes a
new data folder, and verify also checks a backup (--data BACKUP).

serve --watch DIR brings in what an instrument writes into DIR, once a file has stood still for ten seconds, and numbered
frames as one stack; nothing is ever written there. --watch-pattern says what the folders' names mean, outermost first: {instrument}, {project}, {date},
{person}, {specimen}, {session}, * for any folder, … for whatever follows; without it {project}/…. The project named is
made where there is none; the rest is proposed for the micrographs' records. --watch-in-place (and ingest --in-place)
reads originals where they are instead of copying them: keep them there.

serve reads from the environment:
  LAMELLA_ADMIN_TOKEN   first API token of an empty store
  LAMELLA_LOG           fatal, error, warn (default), info, debug, trace, silent
  LAMELLA_QUOTAS        such as person=500GB,project=2TB,micrographs=20000,marks=200000
  LAMELLA_OPENID_ISSUER, LAMELLA_OPENID_CLIENT_ID, LAMELLA_OPENID_CLIENT_SECRET
                        sign-in by your institute; call-back: PUBLIC-URL/api/v1/session/institute/callback
  LAMELLA_OPENID_NAME, LAMELLA_OPENID_NEW_ACCOUNTS=yes|no`;

/** What Node says of options that there are not. */
const isWrongOption = (error: unknown): error is Error =>
  error instanceof TypeError && String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");

keepCompiled();
const [name = "", ...args] = process.argv.slice(2);
const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
const asksForHelp = args.includes("--help") || args.includes("-h");
if (!load || asksForHelp) {
  const asked = asksForHelp || name === "" || name === "help" || name === "--help" || name === "-h";
  (asked ? console.log : console.error)(asked ? usage : `There is no command "${name}".\n${usage}`);
  process.exitCode = asked ? 0 : 2;
} else {
  try {
    await (await load())(args);
  } catch (error) {
    if (isWrongOption(error)) console.error(`${error.message.split(". ", 1)[0]}.\n${usage}`);
    else console.error(isDomainError(error) ? error.message : error);
    process.exitCode = isDomainError(error) || isWrongOption(error) ? 2 : 1;
  }
}
