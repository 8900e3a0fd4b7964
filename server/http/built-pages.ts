import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What the build notes of each of its files, by the path of the source. */
interface BuiltFile {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}
type Manifest = Readonly<Record<string, BuiltFile>>;

const entry = "index.html";

/** Which parts of the program an address asks for beside the entry. */
const partsOfAddress: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /^(?:\/projects\/[^/]+)?\/micrographs\/[^/]+\/?$/,
    ["pages/micrograph-page.tsx", "layers/konva-layers.tsx"],
  ],
  [/^\/projects\/[^/]+\/?$/, ["pages/project-page.tsx"]],
];

/**
 * The page of the built client. For an address it names the parts of the program which that needs: the browser fetches and
 * compiles them beside the entry, and not one round after it.
 */
export class BuiltPages {
  readonly #folder: string;
  #builtAtMs = 0;
  #html = "";
  #manifest: Manifest = {};

  /** @param folder what the build wrote; it may be written anew at any time */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns undefined where nothing is built */
  pageFor(address: string): string | undefined {
    if (!this.#read()) return undefined;
    const parts = partsOfAddress.find(([pattern]) => pattern.test(address))?.[1] ?? [];
    const links = this.#linksOf(parts);
    return links.length === 0 ? this.#html : this.#html.replace("</head>", `${links.join("")}</head>`);
  }

  #read(): boolean {
    const page = join(this.#folder, entry);
    const builtAtMs = statSync(page, { throwIfNoEntry: false })?.mtimeMs;
    if (builtAtMs === undefined) return false;
    if (builtAtMs !== this.#builtAtMs) {
      this.#html = readFileSync(page, "utf8");
      this.#manifest = manifestIn(this.#folder);
      this.#builtAtMs = builtAtMs;
    }
    return true;
  }

  #linksOf(parts: readonly string[]): readonly string[] {
    const known = this.#reachableFrom([entry]);
    const needed = [...this.#reachableFrom(parts)].filter((source) => !known.has(source));
    return needed.flatMap((source) => {
      const { file, css = [] } = this.#manifest[source]!;
      return [
        `<link rel="modulepreload" crossorigin href="/${file}">`,
        ...css.map((sheet) => `<link rel="preload" as="style" crossorigin href="/${sheet}">`),
      ];
    });
  }

  /** With all that they import before they run. */
  #reachableFrom(sources: readonly string[]): ReadonlySet<string> {
    const found = new Set<string>();
    const waiting = [...sources];
    for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
      const built = this.#manifest[source];
      if (!built || found.has(source)) continue;
      found.add(source);
      waiting.push(...(built.imports ?? []));
    }
    return found;
  }
}

/** None where the build left none: then every part is fetched when it is asked for. */
function manifestIn(folder: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(folder, ".vite", "manifest.json"), "utf8")) as Manifest;
  } catch {
    return {};
  }
}
