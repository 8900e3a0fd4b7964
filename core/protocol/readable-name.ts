export const longestProjectName = 200;

/** What people read of a name: without control characters and direction overrides, which show nothing or something else. */
export function readableName(name: string): string {
  return name
    .replace(/(?!\s)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")
    .replace(/\s+/g, " ")
    .trim();
}
