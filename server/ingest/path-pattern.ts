import { DomainError } from "#core/errors/domain-error.ts";

/** What the folders above a file say about it: "Titan/wires/2026-02-03/a.dm4" → instrument, project, date. */
export type PathFacts = Readonly<Record<string, string>>;

/** Reads facts from a path relative to the watched folder; undefined where the path is not of this form. */
export type PathPattern = (relativePath: string) => PathFacts | undefined;

const known = new Set(["instrument", "project", "date", "person", "specimen", "session"]);

/**
 * `{instrument}/{project}/{date}/…`: one name a folder, a plain word for a folder of that name, `*` for any folder, and
 * at the end `…` (or `...`) for whatever follows. The last part of a path is the file.
 *
 * @throws DomainError "invalid" where the pattern makes no sense
 */
export function readPathPattern(text: string): PathPattern {
  const parts = text.split("/").filter((part) => part !== "");
  const open = parts.at(-1) === "…" || parts.at(-1) === "...";
  if (open) parts.pop();
  const names: string[] = [];
  for (const part of parts) {
    const name = /^\{([a-z]+)\}$/.exec(part)?.[1];
    if (name !== undefined && known.has(name) && !names.includes(name)) names.push(name);
    else if (name !== undefined || /[{}…]/.test(part)) {
      throw new DomainError(
        "invalid",
        `Expected a pattern such as {instrument}/{project}/{date}/…, each of ${[...known].join(", ")} at most once; got "${part}" in "${text}".`,
      );
    }
  }
  return (relativePath) => {
    const folders = relativePath.split("/").slice(0, -1);
    if (folders.length < parts.length || (!open && folders.length > parts.length)) return undefined;
    const facts: Record<string, string> = {};
    for (const [i, part] of parts.entries()) {
      const name = /^\{([a-z]+)\}$/.exec(part)?.[1];
      if (name !== undefined) facts[name] = folders[i]!;
      else if (part !== "*" && part !== folders[i]) return undefined;
    }
    return facts;
  };
}
