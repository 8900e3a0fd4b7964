import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { licencesRead } from "./licences-read.ts";

// Writes THIRD-PARTY.md from the lockfile and the licences that the installed packages declare.
const root = resolve(import.meta.dirname, "..");
const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
  packages: Record<string, { version?: string; license?: string; dev?: boolean; optional?: boolean }>;
};

const rows = new Map<string, string>();
for (const [path, entry] of Object.entries(lock.packages)) {
  if (!path) continue;
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const manifest = join(root, path, "package.json");
  const declared = existsSync(manifest)
    ? (JSON.parse(readFileSync(manifest, "utf8")) as { license?: string }).license
    : undefined;
  const use = entry.dev ? "development" : entry.optional ? "optional" : "shipped";
  rows.set(
    `${name}@${entry.version}`,
    `| ${name} | ${entry.version} | ${licencesRead[name] ?? entry.license ?? declared ?? "see package"} | ${use} |`,
  );
}

writeFileSync(
  join(root, "THIRD-PARTY.md"),
  [
    "# Third-party packages",
    "",
    "Written by `node scripts/third-party.ts` from the lockfile; a test holds it. Licences are permissive, or LGPL/MPL for",
    "unmodified binaries that are installed as separate files (libvips in sharp, lightningcss).",
    "",
    "| package | version | licence | use |",
    "|---|---|---|---|",
    ...[...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
    "",
  ].join("\n"),
);
