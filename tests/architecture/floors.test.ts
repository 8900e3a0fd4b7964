import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Import, importsOf, root, sourceFiles } from "./imports.ts";

/** Floors of core, lowest first. A file may import from its own folder and from any lower floor. */
const floors: readonly (readonly string[])[] = [
  ["units", "errors", "random"],
  ["geometry", "statistics"],
  ["micrograph"],
  ["measurement", "burnt-in", "schema", "protocol", "formats", "pyramid", "synthetic"],
  ["document"],
  ["analysis"],
  ["export", "import"],
];
/** Neighbours on one floor that may see each other, in this direction only. */
const neighbours = new Set(["protocol>schema", "statistics>geometry", "units>errors"]);

/** Where a library may be used: one folder a library, so that replacing it is one folder's work. */
const libraryFolders: Readonly<Record<string, readonly string[]>> = {
  yjs: ["core/document", "server/sync", "client/session"],
  lib0: ["core/document", "core/protocol", "server/sync", "client/session"],
  "y-protocols": ["core/document", "server/sync", "client/session"],
  "y-websocket": ["client/session"],
  "y-indexeddb": ["client/session"],
  zod: ["core/schema", "core/protocol", "core/document", "core/import", "server"],
  flatbush: ["core/geometry"],
  "clipper2-ts": ["core/geometry"],
  openseadragon: ["client/viewer"],
  konva: ["client/layers"],
  "react-konva": ["client/layers"],
  uplot: ["client/panels"],
  "tus-js-client": ["client/state"],
  express: ["server/http", "server/access", "server/ingest"],
  ws: ["server/sync"],
  "better-sqlite3": ["server/storage"],
  sharp: ["server/ingest", "server/tiles", "server/export"],
  "@tus/server": ["server/ingest"],
  "@tus/file-store": ["server/ingest"],
  selfsigned: ["server/http", "server/access"],
  yazl: ["server/export"],
  h5wasm: ["server/ingest"],
  "openid-client": ["server/access"],
};

const files = sourceFiles("core", "server", "client");
const imports = files.flatMap(importsOf);
const floorOf = new Map(floors.flatMap((names, level) => names.map((name) => [name, level] as const)));
const folder = (path: string) => path.split("/")[1]!;
const describeImport = (i: Import) => `${i.from} imports ${i.specifier}`;

describe("floors", () => {
  it("every folder of core stands on a floor", () => {
    const unknown = new Set(
      files
        .filter((f) => f.startsWith("core/"))
        .map(folder)
        .filter((name) => !floorOf.has(name)),
    );
    expect([...unknown]).toEqual([]);
  });

  it("imports within core go down only", () => {
    const climbs = imports.filter((i) => {
      if (!i.from.startsWith("core/") || !i.target?.startsWith("core/")) return false;
      const [from, to] = [folder(i.from), folder(i.target)];
      if (from === to) return false;
      return floorOf.get(to)! >= floorOf.get(from)! && !neighbours.has(`${from}>${to}`);
    });
    expect(climbs.map(describeImport)).toEqual([]);
  });

  it("core imports neither side, and client and server never import each other", () => {
    const crossings = imports.filter((i) => {
      const to = i.target?.split("/")[0];
      if (!to) return false;
      if (i.from.startsWith("core/")) return to !== "core";
      if (i.from.startsWith("client/")) return to !== "core" && to !== "client";
      return to !== "core" && to !== "server";
    });
    expect(crossings.map(describeImport)).toEqual([]);
  });

  it("core uses nothing of Node", () => {
    const node = imports.filter((i) => i.from.startsWith("core/") && i.packageName?.startsWith("node:"));
    expect(node.map(describeImport)).toEqual([]);
  });

  it("nothing outside client imports a .tsx file, and there are no barrels", () => {
    expect(
      imports.filter((i) => !i.from.startsWith("client/") && i.target?.endsWith(".tsx")).map(describeImport),
    ).toEqual([]);
    expect(files.filter((f) => /(^|\/)(index|utils|helpers|types)\.tsx?$/.test(f))).toEqual([]);
  });

  it("each library is used in its own folder only", () => {
    const strays = imports.filter((i) => {
      const allowed = i.packageName && libraryFolders[i.packageName];
      return allowed && !allowed.some((a) => i.from.startsWith(`${a}/`));
    });
    expect(strays.map(describeImport)).toEqual([]);
  });

  it("every import within the project names a file that exists", () => {
    const lost = imports.filter((i) => i.target && !existsSync(join(root, i.target)));
    expect(lost.map(describeImport)).toEqual([]);
  });
});

describe("cycles", () => {
  it("no file is reached again from what it imports", () => {
    const graph = new Map<string, string[]>();
    for (const i of imports) {
      if (i.typeOnly || !i.target) continue;
      graph.set(i.from, [...(graph.get(i.from) ?? []), i.target]);
    }
    const state = new Map<string, "open" | "done">();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") {
        cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
        return;
      }
      state.set(file, "open");
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, "done");
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });
});
