import type { Tag } from "./reader.ts";

/** Names to values as JSON gives them: kept among a file's tags as they are. */
export interface JsonGroup {
  readonly [name: string]: Tag;
}

export function asGroup(value: unknown): JsonGroup | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonGroup)
    : undefined;
}

/** The value at a path of names; undefined where any of them is missing. */
export function jsonAt(group: JsonGroup | undefined, ...path: readonly string[]): Tag | undefined {
  let value: Tag | undefined = group;
  for (const name of path) {
    const inner = asGroup(value);
    value = inner && Object.hasOwn(inner, name) ? inner[name] : undefined;
  }
  return value;
}

/** A text that says something. */
export function jsonText(group: JsonGroup | undefined, ...path: readonly string[]): string | undefined {
  const value = jsonAt(group, ...path);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** A finite number, also where it is written as text. */
export function jsonNumber(group: JsonGroup | undefined, ...path: readonly string[]): number | undefined {
  const value = jsonAt(group, ...path);
  const number =
    typeof value === "number"
      ? value
      : typeof value === "string" && value.trim()
        ? Number(value)
        : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
