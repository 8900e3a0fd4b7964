import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BuiltPages } from "#server/http/built-pages.ts";

const page = "<!doctype html><html><head><title>Lamella</title></head><body></body></html>";
const manifest = {
  "index.html": { file: "assets/index-1.js", imports: ["_react.js"], css: ["assets/index-1.css"] },
  "_react.js": { file: "assets/react-1.js" },
  "_marks.js": { file: "assets/marks-1.js", imports: ["_react.js", "_cycle.js"] },
  "_cycle.js": { file: "assets/cycle-1.js", imports: ["_marks.js"] },
  "pages/micrograph-page.tsx": {
    file: "assets/micrograph-page-1.js",
    imports: ["index.html", "_marks.js"],
    css: ["assets/micrograph-page-1.css"],
  },
  "layers/konva-layers.tsx": { file: "assets/konva-layers-1.js", imports: ["_marks.js"] },
};

describe("the page of the built client", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lamella-pages-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function build(html = page, parts: unknown = manifest) {
    mkdirSync(join(folder, ".vite"), { recursive: true });
    writeFileSync(join(folder, ".vite", "manifest.json"), JSON.stringify(parts));
    writeFileSync(join(folder, "index.html"), html);
  }
  const hrefs = (html: string) => [...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href).sort();

  it("names what an opened micrograph needs beside the entry, each file once", () => {
    build();
    const html = new BuiltPages(folder).pageFor("/micrographs/a1B2")!;
    expect(hrefs(html)).toEqual([
      "/assets/cycle-1.js",
      "/assets/konva-layers-1.js",
      "/assets/marks-1.js",
      "/assets/micrograph-page-1.css",
      "/assets/micrograph-page-1.js",
    ]);
    expect(html.indexOf("modulepreload")).toBeLessThan(html.indexOf("</head>"));
    expect(html.replace(/<link[^>]*>/g, "")).toBe(page);
  });

  it("is the page as it was built for every other address, and for one whose parts are unknown", () => {
    build();
    const pages = new BuiltPages(folder);
    for (const address of ["/", "/sign-in", "/projects/p1", "/micrographs/a/b", "/join/micrographs/a"])
      expect(pages.pageFor(address), address).toBe(page);
  });

  it("is there without the build's notes, and not there where nothing is built", () => {
    expect(new BuiltPages(folder).pageFor("/")).toBeUndefined();
    writeFileSync(join(folder, "index.html"), page);
    expect(new BuiltPages(folder).pageFor("/micrographs/a")).toBe(page);
  });

  it("is the new one as soon as the client has been built anew", () => {
    build();
    const pages = new BuiltPages(folder);
    expect(pages.pageFor("/")).toBe(page);
    build(page.replace("Lamella", "Newer"), {});
    const later = new Date(Date.now() + 5_000);
    utimesSync(join(folder, "index.html"), later, later);
    expect(pages.pageFor("/micrographs/a")).toBe(page.replace("Lamella", "Newer"));
  });
});
