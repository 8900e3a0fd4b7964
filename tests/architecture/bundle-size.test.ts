import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Manifest } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildClient } from "#tests/client/built-client.ts";

/** What a browser fetches before a page can be used, JS and CSS, gzip, in kB. */
const budgetKb = { projects: 240, workspace: 480 } as const;
const entry = "index.html";
const workspacePage = "pages/micrograph-page.tsx";
/** Loaded when first used: must not be among what a page starts with. */
const later = [
  "uplot",
  "tus-js-client",
  "panels/command-palette.tsx",
  "panels/share-dialog.tsx",
  "panels/gap-plot.tsx",
  "panels/profile-panel.tsx",
  "panels/fourier-panel.tsx",
];

let folder: string;
let manifest: Manifest;

beforeAll(async () => {
  folder = await buildClient();
  manifest = JSON.parse(readFileSync(join(folder, ".vite/manifest.json"), "utf8")) as Manifest;
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The chunks that start with the given ones, through static imports only. */
function chunksOf(...starts: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    for (const next of manifest[name]?.imports ?? []) visit(next);
  };
  for (const start of starts) {
    expect(manifest[start], `${start} is in the manifest`).toBeDefined();
    visit(start);
  }
  return found;
}

function gzipKb(chunks: Set<string>): { readonly js: number; readonly css: number } {
  const files = new Set<string>();
  for (const chunk of chunks)
    for (const file of [manifest[chunk]!.file, ...(manifest[chunk]!.css ?? [])]) files.add(file);
  const size = (extension: string) =>
    [...files]
      .filter((file) => file.endsWith(extension))
      .reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length / 1000, 0);
  return { js: size(".js"), css: size(".css") };
}

describe("what a page loads", () => {
  it.each([
    ["projects", [entry]],
    ["workspace", [entry, workspacePage]],
  ] as const)("%s stays within its budget", (page, starts) => {
    const { js, css } = gzipKb(chunksOf(...starts));
    console.log(
      `${page}: ${js.toFixed(1)} kB JS + ${css.toFixed(1)} kB CSS gzip, budget ${budgetKb[page]} kB`,
    );
    // A build that lost its pages would be small as well.
    expect(js).toBeGreaterThan(60);
    expect(css).toBeGreaterThan(5);
    expect(js + css).toBeLessThanOrEqual(budgetKb[page]);
  });

  it("the project list loads neither viewer nor document", () => {
    const start = chunksOf(entry);
    expect(start.has(workspacePage)).toBe(false);
    const text = [...start]
      .map((chunk) => readFileSync(join(folder, manifest[chunk]!.file), "utf8"))
      .join("");
    expect(text).not.toContain("OpenSeadragon");
    expect(text).not.toContain("Konva");
  });

  it("plots, uploads, sharing and the palette come when first used", () => {
    const start = [...chunksOf(entry, workspacePage)];
    const early = later.filter((name) => start.some((chunk) => chunk.includes(name)));
    expect(early).toEqual([]);
    const lazily = Object.values(manifest).filter(({ isDynamicEntry }) => isDynamicEntry);
    expect(lazily.length).toBeGreaterThanOrEqual(6);
  });
});

describe("what the page is made of", () => {
  it("has no inline script or style, and every file carries its hash", () => {
    const html = readFileSync(join(folder, entry), "utf8");
    expect(html).not.toMatch(/<style|style=|\son[a-z]+=/);
    expect([...html.matchAll(/<script(?![^>]*\ssrc=)/g)]).toEqual([]);
    for (const { file } of Object.values(manifest)) expect(file).toMatch(/-[\w-]{8}\.\w+$/);
  });
});
