export interface VendorTag {
  readonly path: string;
  readonly value: string;
}

const longestValue = 400;

/** The tags of a file as one list of paths, whatever tree the vendor made. Long arrays are cut, and say so. */
export function flattenTags(tags: unknown, path = ""): VendorTag[] {
  if (tags === null || tags === undefined) return path ? [{ path, value: "–" }] : [];
  if (Array.isArray(tags) && tags.every((item) => typeof item !== "object"))
    return [{ path, value: cut(tags.join(", ")) }];
  if (typeof tags === "object") {
    return Object.entries(tags).flatMap(([key, value]) => flattenTags(value, path ? `${path}.${key}` : key));
  }
  return [{ path, value: cut(String(tags)) }];
}

/** Tags that hold every word of the query in path or value, in any case. */
export function searchTags(tags: readonly VendorTag[], query: string): readonly VendorTag[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return tags;
  return tags.filter(({ path, value }) => {
    const text = `${path} ${value}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function cut(text: string): string {
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)} … (${text.length} characters)`;
}
