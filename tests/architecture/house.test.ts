import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { licencesRead } from "#scripts/licences-read.ts";
import { root, sourceFiles } from "./imports.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");

describe("tree", () => {
  it("the top level holds what it should and nothing else", () => {
    const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");
    const top = [...new Set(tracked.map((path) => path.split("/")[0]!))].sort();
    expect(top).toEqual(
      [
        ".ci",
        ".gitignore",
        ".npmrc",
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "THIRD-PARTY.md",
        "biome.json",
        "client",
        "core",
        "package-lock.json",
        "package.json",
        "scripts",
        "server",
        "tests",
        "tsconfig.json",
        "vitest.config.ts",
      ].sort(),
    );
  });

  it("source files keep to one subject: none is longer than 500 lines", () => {
    const long = sourceFiles("core", "server", "client", "scripts")
      .map((file) => ({ file, lines: read(file).split("\n").length }))
      .filter(({ lines }) => lines > 500);
    expect(long).toEqual([]);
  });

  it("files are named in kebab-case", () => {
    const named = sourceFiles("core", "server", "client", "scripts").filter(
      (file) => !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.tsx?$/.test(file.split("/").at(-1)!),
    );
    expect(named).toEqual([]);
  });
});

describe("README", () => {
  it("every path it names exists", () => {
    const named = [
      ...read("README.md").matchAll(/`((?:core|server|client|tests|scripts)\/[A-Za-z0-9_./-]+)`/g),
    ].map((m) => m[1]!);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe("dependencies", () => {
  const lock = JSON.parse(read("package-lock.json")) as {
    packages: Record<
      string,
      { hasInstallScript?: boolean; resolved?: string; license?: string; version?: string; dev?: boolean }
    >;
  };
  const manifest = JSON.parse(read("package.json")) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
    optionalDependencies: Record<string, string>;
  };

  it("no package runs a script at install, and the lockfile names no address", () => {
    const entries = Object.entries(lock.packages);
    expect(entries.length).toBeGreaterThan(100);
    expect(entries.filter(([, p]) => p.hasInstallScript).map(([name]) => name)).toEqual([]);
    expect(entries.filter(([, p]) => p.resolved).map(([name]) => name)).toEqual([]);
  });

  it("every platform binary declared is in the lockfile at that exact version", () => {
    for (const [name, version] of Object.entries(manifest.optionalDependencies)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
  });

  it("versions are exact", () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, v]) => !/^\d/.test(v),
    );
    expect(loose).toEqual([]);
  });

  it("THIRD-PARTY.md lists every package with a licence that may be shipped", () => {
    const allowed = new Set([
      "MIT",
      "MIT-0",
      "ISC",
      "BSD-2-Clause",
      "BSD-3-Clause",
      "0BSD",
      "Apache-2.0",
      "BSL-1.0",
      "BlueOak-1.0.0",
      "CC0-1.0",
      "CC-BY-4.0",
      "Unlicense",
      "Python-2.0",
      "Zlib",
      "NIST-PD",
      "NIST-Software",
      "LGPL-3.0-or-later",
      "MPL-2.0",
    ]);
    const listed = read("THIRD-PARTY.md");
    const missing: string[] = [];
    const refused: string[] = [];
    for (const [path, { license }] of Object.entries(lock.packages)) {
      if (!path) continue;
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      if (!listed.includes(`| ${name} |`)) missing.push(name);
      const parts = (licencesRead[name] ?? license)?.replace(/[()]/g, "").split(/ AND | OR /) ?? [];
      if (parts.some((part) => !allowed.has(part))) refused.push(`${name}: ${license}`);
    }
    expect(missing).toEqual([]);
    expect(refused).toEqual([]);
  });
});

describe("plug-in lists", () => {
  const lists: readonly (readonly [list: string, folder: string, except: RegExp])[] = [
    ["core/schema/kinds.ts", "core/schema/kinds", /^$/],
  ];
  it.each(lists)("%s names every file of %s", (list, folder, except) => {
    const text = read(list);
    const unlisted = readdirSync(join(root, folder))
      .filter((file) => file.endsWith(".ts") && !except.test(file))
      .filter((file) => !text.includes(file));
    expect(unlisted).toEqual([]);
  });
});
