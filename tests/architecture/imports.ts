import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

/** One import of one file, as written and as resolved: a path within the project, or a package's name. */
export interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly target: string | null;
  readonly packageName: string | null;
  readonly typeOnly: boolean;
}

/** Every source file below the given folders, as paths from the root with forward slashes. */
export function sourceFiles(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts"))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/")),
  );
}

// `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`: the source is formatted, so a line-based look is enough.
const pattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\(\s*(?:\/\*[^*]*\*\/\s*)?"([^"]+)"\s*\)/g;

export function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(pattern)].map((match) => {
    const specifier = match[2] ?? match[3]!;
    return { from: file, specifier, typeOnly: match[1] !== undefined, ...resolveSpecifier(file, specifier) };
  });
}

function resolveSpecifier(file: string, specifier: string): Pick<Import, "target" | "packageName"> {
  if (specifier.startsWith("#")) return { target: specifier.slice(1), packageName: null };
  if (specifier.startsWith(".")) {
    const target = relative(root, resolve(root, dirname(file), specifier))
      .split(sep)
      .join("/");
    return { target, packageName: null };
  }
  const parts = specifier.split("/");
  const packageName = specifier.startsWith("@") ? `${parts[0]}/${parts[1]}` : parts[0]!;
  return { target: null, packageName };
}
