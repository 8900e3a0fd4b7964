import { homedir } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { isLoopbackName } from "./access/connection.ts";
import type { OpenIdSettings } from "./access/institute-sign-in.ts";
import type { Quotas } from "./access/intake.ts";
import { ConfigError } from "./config-error.ts";
import { type PathPattern, readPathPattern } from "./ingest/path-pattern.ts";

export type Tls =
  | { readonly kind: "none" }
  /** A certificate of our own, made at first start. */
  | { readonly kind: "own" }
  | { readonly kind: "files"; readonly certificate: string; readonly key: string };

/** Everything a server is told, validated. */
export interface ServerConfig {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly dataDir: string;
  readonly demo: boolean;
  readonly tls: Tls;
  readonly lan: boolean;
  readonly behindProxy: boolean;
  /** Without a trailing slash; null: made from host and port. */
  readonly publicUrl: string | null;
  /** First API token of an empty store. */
  readonly adminToken: string | null;
  readonly logLevel: string;
  /** Deleted marks can be restored for so long. */
  readonly keepDeletedDays: number;
  readonly webFolder: string;
  /** Pictures of the demonstration come from a Fourier grid of this side. */
  readonly demoGridPx: number;
  readonly seed: number;
  /** A folder that a microscope writes into, and what its folders' names mean; null: none. */
  readonly watch: {
    readonly folder: string;
    readonly pattern: PathPattern;
    readonly inPlace: boolean;
  } | null;
  readonly quotas: Quotas;
  /** Sign-in by an institute's OpenID Connect provider. */
  readonly openId: OpenIdSettings | null;
}

const projectFolder = resolve(import.meta.dirname, "..");

export const serveUsage =
  "lamella serve [--host 127.0.0.1] [--port 8080] [--data DIR] [--no-demo] [--lan | --tls CERT,KEY | --behind-proxy] [--public-url URL] [--watch DIR [--watch-pattern {instrument}/{project}/{date}/…] [--watch-in-place]]";

const levels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];

/**
 * @param args what follows `serve` on the command line
 * @param cwd relative paths start here
 * @throws ConfigError "usage" with a sentence: expected, received, what to do
 */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string = process.cwd(),
): ServerConfig {
  const options = parseOptions(args);
  const tls = readTls(options, cwd);
  const lan = options.lan ?? false;
  const behindProxy = options["behind-proxy"] ?? false;
  if ([lan, options.tls !== undefined, behindProxy].filter(Boolean).length > 1) {
    throw usage(
      "Expected at most one of --lan, --tls and --behind-proxy: each says in its own way how HTTPS is reached.",
    );
  }
  const adminToken = env["LAMELLA_ADMIN_TOKEN"] ?? null;
  if (adminToken !== null && !/^\S+$/.test(adminToken)) {
    throw usage(
      "Expected LAMELLA_ADMIN_TOKEN to be a token without spaces. Unset it, or give it at least 32 random characters.",
    );
  }
  const logLevel = env["LAMELLA_LOG"] ?? "warn";
  if (!levels.includes(logLevel))
    throw usage(`Expected LAMELLA_LOG to be one of ${levels.join(", ")}; got "${logLevel}".`);
  return {
    host: options.host ?? (lan ? "0.0.0.0" : "127.0.0.1"),
    port: readPort(options.port ?? "8080"),
    dataDir: options.data === undefined ? resolve(projectFolder, "data") : resolvePath(options.data, cwd),
    demo: !options["no-demo"],
    tls,
    lan,
    behindProxy,
    publicUrl: options["public-url"] === undefined ? null : readPublicUrl(options["public-url"]),
    adminToken,
    logLevel,
    keepDeletedDays: readDays(env["LAMELLA_KEEP_DELETED_DAYS"] ?? "30"),
    webFolder: resolve(projectFolder, ".build/web"),
    demoGridPx: readGrid(env["LAMELLA_DEMO_GRID_PX"] ?? "2048"),
    seed: 1,
    watch: readWatch(options, cwd),
    openId: readOpenId(env),
    quotas: readQuotas(env["LAMELLA_QUOTAS"] ?? ""),
  };
}

/** Set in the environment, not on the command line, which every user of the computer can read. */
function readOpenId(env: Readonly<Record<string, string | undefined>>): OpenIdSettings | null {
  const issuer = env["LAMELLA_OPENID_ISSUER"];
  if (issuer === undefined || issuer === "") return null;
  const clientId = env["LAMELLA_OPENID_CLIENT_ID"];
  const clientSecret = env["LAMELLA_OPENID_CLIENT_SECRET"];
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const isSafe =
    url !== null && (url.protocol === "https:" || (url.protocol === "http:" && isLoopbackName(url.host)));
  if (!isSafe || !clientId || !clientSecret) {
    throw usage(
      `Expected LAMELLA_OPENID_ISSUER to be an https address and LAMELLA_OPENID_CLIENT_ID and _SECRET beside it; got "${issuer}"${clientId ? "" : ", no client id"}${clientSecret ? "" : ", no secret"}.`,
    );
  }
  const accounts = env["LAMELLA_OPENID_NEW_ACCOUNTS"] ?? "yes";
  if (accounts !== "yes" && accounts !== "no")
    throw usage(`Expected LAMELLA_OPENID_NEW_ACCOUNTS to be yes or no; got "${accounts}".`);
  const name = env["LAMELLA_OPENID_NAME"] ?? url.hostname;
  return { issuer, clientId, clientSecret, name, newAccounts: accounts === "yes" };
}

/** "person=500GB,project=2TB,micrographs=10000,marks=200000"; what is not named has the default. */
function readQuotas(text: string): Quotas {
  const given = new Map<string, number>();
  for (const part of text.split(",").filter((one) => one.trim() !== "")) {
    const m = /^\s*(person|project|micrographs|marks)\s*=\s*(\d+(?:\.\d+)?)\s*(kB|MB|GB|TB)?\s*$/.exec(part);
    if (!m) {
      throw usage(
        `Expected LAMELLA_QUOTAS such as "person=500GB,project=2TB,micrographs=10000,marks=200000"; got "${part}".`,
      );
    }
    given.set(m[1]!, Number(m[2]) * 1000 ** (["kB", "MB", "GB", "TB"].indexOf(m[3] ?? "") + 1));
  }
  return {
    bytesPerPerson: given.get("person") ?? null,
    bytesPerProject: given.get("project") ?? null,
    micrographsPerProject: given.get("micrographs") ?? 20_000,
    marksPerMicrograph: given.get("marks") ?? 200_000,
  };
}

function usage(sentence: string): ConfigError {
  return new ConfigError("usage", `${sentence}\nUsage: ${serveUsage}`);
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        host: { type: "string" },
        port: { type: "string" },
        data: { type: "string" },
        "no-demo": { type: "boolean" },
        lan: { type: "boolean" },
        tls: { type: "string" },
        "behind-proxy": { type: "boolean" },
        "public-url": { type: "string" },
        watch: { type: "string" },
        "watch-pattern": { type: "string" },
        "watch-in-place": { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw usage(`${(error as Error).message.split(". ")[0]}.`);
  }
}

function resolvePath(path: string, cwd: string): string {
  return path.startsWith("~/") ? resolve(homedir(), path.slice(2)) : resolve(cwd, path);
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65535) {
    throw usage(`Expected --port to be a number from 0 (any free port) to 65535; got "${text}".`);
  }
  return port;
}

function readDays(text: string): number {
  const days = Number(text);
  if (!/^\d{1,5}$/.test(text) || days < 1) {
    throw usage(`Expected LAMELLA_KEEP_DELETED_DAYS to be a whole number of days from 1; got "${text}".`);
  }
  return days;
}

function readGrid(text: string): number {
  const side = Number(text);
  if (![256, 512, 1024, 2048, 4096].includes(side)) {
    throw usage(`Expected LAMELLA_DEMO_GRID_PX to be 256, 512, 1024, 2048 or 4096; got "${text}".`);
  }
  return side;
}

function readTls(options: { readonly tls?: string; readonly lan?: boolean }, cwd: string): Tls {
  if (options.lan) return { kind: "own" };
  if (options.tls === undefined) return { kind: "none" };
  const parts = options.tls.split(",");
  if (parts.length !== 2 || parts.some((part) => part === "")) {
    throw usage(`Expected --tls CERT,KEY: two PEM files joined by a comma; got "${options.tls}".`);
  }
  return { kind: "files", certificate: resolvePath(parts[0]!, cwd), key: resolvePath(parts[1]!, cwd) };
}

function readWatch(
  options: {
    readonly watch?: string;
    readonly "watch-pattern"?: string;
    readonly "watch-in-place"?: boolean;
  },
  cwd: string,
): ServerConfig["watch"] {
  const text = options["watch-pattern"];
  const inPlace = options["watch-in-place"] ?? false;
  if (options.watch === undefined) {
    if (text !== undefined || inPlace)
      throw usage(
        "Expected --watch DIR beside --watch-pattern and --watch-in-place: which folder is watched?",
      );
    return null;
  }
  try {
    return {
      folder: resolvePath(options.watch, cwd),
      pattern: readPathPattern(text ?? "{project}/…"),
      inPlace,
    };
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function readPublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== "/" ||
    url.search !== "" ||
    url.hash !== ""
  ) {
    throw usage(`Expected --public-url such as https://lamella.example.org, without a path; got "${text}".`);
  }
  return url.origin;
}
